using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using NestVirt.Hosts;

namespace NestVirt.PowerShell.Completion;

/// <summary>Completes names of hosts: from the inventory, or else the user's ssh configuration and known hosts. It never connects.</summary>
public sealed class HostNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        if (InventoryNames.Of(fakeBoundParameters, wordToComplete) is { } listed)
        {
            return CompletionWord.Complete(wordToComplete, listed);
        }

        SortedSet<string> names = new(SshNames.OfThisUser(), NaturalOrder.Comparer);

        // user@ stays as it was typed.
        string typed = CompletionWord.Unquote(wordToComplete ?? string.Empty);
        int at = typed.LastIndexOf('@');
        return CompletionWord.Complete(typed, names.Select(name => string.Concat(typed.AsSpan(0, at + 1), name)));
    }
}
