using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using NestVirt.Hosts;

namespace NestVirt.PowerShell.Completion;

/// <summary>Completes names of Hyper-V hosts from the inventory. It never connects.</summary>
public sealed class ComputerNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    ) =>
        InventoryNames.Of(fakeBoundParameters, wordToComplete, HostTransport.WsMan) is { } listed
            ? CompletionWord.Complete(wordToComplete, listed)
            : [];
}
