using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Wql;

/// <summary>
/// A condition over an instance. A comparison with NULL is neither true nor false; it counts as not met.
/// </summary>
public abstract record WqlCondition
{
    /// <summary>Tells whether an instance meets it.</summary>
    public abstract bool IsMetBy(CimObject instance);

    /// <summary>Gets the properties that it names.</summary>
    public abstract IEnumerable<string> Properties { get; }
}

/// <summary>Both conditions.</summary>
public sealed record WqlAnd(WqlCondition Left, WqlCondition Right) : WqlCondition
{
    /// <inheritdoc/>
    public override IEnumerable<string> Properties => Left.Properties.Concat(Right.Properties);

    /// <inheritdoc/>
    public override bool IsMetBy(CimObject instance) => Left.IsMetBy(instance) && Right.IsMetBy(instance);
}

/// <summary>Either condition.</summary>
public sealed record WqlOr(WqlCondition Left, WqlCondition Right) : WqlCondition
{
    /// <inheritdoc/>
    public override IEnumerable<string> Properties => Left.Properties.Concat(Right.Properties);

    /// <inheritdoc/>
    public override bool IsMetBy(CimObject instance) => Left.IsMetBy(instance) || Right.IsMetBy(instance);
}

/// <summary>The opposite of a condition.</summary>
public sealed record WqlNot(WqlCondition Inner) : WqlCondition
{
    /// <inheritdoc/>
    public override IEnumerable<string> Properties => Inner.Properties;

    /// <inheritdoc/>
    public override bool IsMetBy(CimObject instance) => !Inner.IsMetBy(instance);
}

/// <summary>A property that is NULL, or is not.</summary>
public sealed record WqlIsNull(string Property, bool Expected) : WqlCondition
{
    /// <inheritdoc/>
    public override IEnumerable<string> Properties => [Property];

    /// <inheritdoc/>
    public override bool IsMetBy(CimObject instance) => instance[Property] is null == Expected;
}

/// <summary>A property compared with a literal.</summary>
/// <param name="Property">The property.</param>
/// <param name="Operator">One of <c>= &lt;&gt; &lt; &gt; &lt;= &gt;= LIKE</c>.</param>
/// <param name="Literal">The literal, as text.</param>
public sealed record WqlComparison(string Property, string Operator, string Literal) : WqlCondition
{
    /// <inheritdoc/>
    public override IEnumerable<string> Properties => [Property];

    /// <inheritdoc/>
    public override bool IsMetBy(CimObject instance)
    {
        // WQL compares no arrays.
        if (instance[Property] is not { } value || value is object[])
        {
            return false;
        }

        if (Operator == "LIKE")
        {
            return WqlPattern.Matches(CimValues.Text(value), Literal);
        }

        return Compare(value) is { } order
            && Operator switch
            {
                "=" => order == 0,
                "<>" => order != 0,
                "<" => order < 0,
                ">" => order > 0,
                "<=" => order <= 0,
                _ => order >= 0,
            };
    }

    private int? Compare(object value)
    {
        if (value is string text)
        {
            return string.Compare(text, Literal, StringComparison.OrdinalIgnoreCase);
        }

        // TRUE and FALSE are 1 and 0 as well.
        if (value is bool flag)
        {
            return bool.TryParse(Literal, out bool wanted) ? flag.CompareTo(wanted)
                : Literal is "1" or "0" ? flag.CompareTo(Literal == "1")
                : null;
        }

        return
            value is IConvertible
            && decimal.TryParse(Literal, System.Globalization.CultureInfo.InvariantCulture, out decimal number)
            ? Convert.ToDecimal(value, System.Globalization.CultureInfo.InvariantCulture).CompareTo(number)
            : null;
    }
}
