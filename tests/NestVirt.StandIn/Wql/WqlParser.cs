namespace NestVirt.StandIn.Wql;

/// <summary>Reads the tokens of one query. AND binds tighter than OR.</summary>
internal sealed class WqlParser(IReadOnlyList<WqlToken> tokens)
{
    private static readonly string[] s_operators = ["=", "<>", "!=", "<", ">", "<=", ">="];
    private int _at;

    private WqlToken? Current => _at < tokens.Count ? tokens[_at] : null;

    internal WqlQuery Parse()
    {
        WqlQuery query = TakeWord("SELECT") ? ParseSelect() : ParseAssociators();
        return Current is null ? query : throw new WqlException($"'{Current.Text}' is not expected.");
    }

    private WqlSelect ParseSelect()
    {
        var properties = new List<string>();
        if (!TakeSymbol("*"))
        {
            do
            {
                properties.Add(Name());
            } while (TakeSymbol(","));
        }

        if (!TakeWord("FROM"))
        {
            throw new WqlException("FROM is missing.");
        }

        return new WqlSelect(Name(), properties, TakeWord("WHERE") ? Or() : null);
    }

    private WqlAssociators ParseAssociators()
    {
        if (!TakeWord("ASSOCIATORS") || !TakeWord("OF") || Current is not { Kind: WqlKind.Path } path)
        {
            throw new WqlException("This is neither SELECT nor ASSOCIATORS OF {path}.");
        }

        _at++;
        (string className, IReadOnlyDictionary<string, string> keys) = WmiPaths.Read(path.Text);
        string? association = null;
        string? result = null;
        if (TakeWord("WHERE"))
        {
            while (Current is not null)
            {
                string word = Name();
                if (!TakeSymbol("="))
                {
                    throw new WqlException("An = is missing.");
                }

                // The clauses stand side by side, without AND.
                _ = word.ToUpperInvariant() switch
                {
                    "ASSOCCLASS" => association = Name(),
                    "RESULTCLASS" => result = Name(),
                    _ => throw new WqlException($"'{word}' is not understood."),
                };
            }
        }

        return new WqlAssociators(className, keys, association, result);
    }

    private WqlCondition Or()
    {
        WqlCondition left = And();
        while (TakeWord("OR"))
        {
            left = new WqlOr(left, And());
        }

        return left;
    }

    private WqlCondition And()
    {
        WqlCondition left = One();
        while (TakeWord("AND"))
        {
            left = new WqlAnd(left, One());
        }

        return left;
    }

    private WqlCondition One()
    {
        if (TakeWord("NOT"))
        {
            return new WqlNot(One());
        }

        if (TakeSymbol("("))
        {
            WqlCondition inner = Or();
            return TakeSymbol(")") ? inner : throw new WqlException("A ) is missing.");
        }

        string property = Name();
        if (TakeWord("IS"))
        {
            bool expected = !TakeWord("NOT");
            return TakeWord("NULL") ? new WqlIsNull(property, expected) : throw new WqlException("NULL is missing.");
        }

        if (TakeWord("LIKE"))
        {
            return new WqlComparison(property, "LIKE", Literal());
        }

        string? sign = Current is { Kind: WqlKind.Symbol } symbol ? symbol.Text : null;
        if (sign is null || !s_operators.Contains(sign))
        {
            throw new WqlException("A comparison is missing.");
        }

        _at++;
        return TakeWord("NULL")
            ? new WqlIsNull(property, sign == "=")
            : new WqlComparison(property, sign == "!=" ? "<>" : sign, Literal());
    }

    private string Name() =>
        Current is { Kind: WqlKind.Word } ? tokens[_at++].Text : throw new WqlException("A name is missing.");

    private string Literal() =>
        Current is { Kind: WqlKind.Word or WqlKind.Literal }
            ? tokens[_at++].Text
            : throw new WqlException("A value is missing.");

    private bool TakeWord(string word) => Take(WqlKind.Word, word);

    private bool TakeSymbol(string symbol) => Take(WqlKind.Symbol, symbol);

    private bool Take(WqlKind kind, string text)
    {
        if (Current is { } token && token.Kind == kind && token.Text.Equals(text, StringComparison.OrdinalIgnoreCase))
        {
            _at++;
            return true;
        }

        return false;
    }
}
