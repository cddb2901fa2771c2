namespace NestVirt.StandIn.Wql;

/// <summary>A query: <c>SELECT … FROM …</c> or <c>ASSOCIATORS OF {…}</c> (win32 docs, "WQL (SQL for WMI)").</summary>
public abstract record WqlQuery
{
    /// <summary>Reads a query.</summary>
    /// <exception cref="WqlException">It is none.</exception>
    public static WqlQuery Parse(string text) => new WqlParser(WqlTokens.Read(text)).Parse();
}

/// <summary>A selection.</summary>
/// <param name="ClassName">The class.</param>
/// <param name="Properties">The properties asked for; empty for all.</param>
/// <param name="Condition">The condition; null for none.</param>
public sealed record WqlSelect(string ClassName, IReadOnlyList<string> Properties, WqlCondition? Condition) : WqlQuery;

/// <summary>What an instance is associated with.</summary>
/// <param name="ClassName">The class of the instance.</param>
/// <param name="Keys">What names it.</param>
/// <param name="AssociationClass">The class of the association; null for any.</param>
/// <param name="ResultClass">The class of what is found; null for any.</param>
public sealed record WqlAssociators(
    string ClassName,
    IReadOnlyDictionary<string, string> Keys,
    string? AssociationClass,
    string? ResultClass
) : WqlQuery;
