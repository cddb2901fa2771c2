using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace NestVirt.PowerShell.Completion;

/// <summary>Offers what was read already in this session, and a fixed list. It never connects, and never fails.</summary>
public abstract class SeenValueCompleter : IArgumentCompleter
{
    private readonly SeenKind? _kind;
    private readonly string[] _fixedValues;

    private protected SeenValueCompleter(SeenKind? kind, params string[] fixedValues)
    {
        _kind = kind;
        _fixedValues = fixedValues;
    }

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        IReadOnlyCollection<string> seen = _kind is { } kind
            ? SeenValues.Of(kind, BoundHosts.In(fakeBoundParameters))
            : [];
        return CompletionWord.Complete(wordToComplete, seen.Concat(_fixedValues).Distinct(StringComparer.Ordinal));
    }
}
