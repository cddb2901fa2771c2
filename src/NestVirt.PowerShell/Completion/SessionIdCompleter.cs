using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using NestVirt.PowerShell.Parameters;

namespace NestVirt.PowerShell.Completion;

/// <summary>Completes numbers of sessions that were opened and not removed.</summary>
public sealed class SessionIdCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    ) =>
        CompletionWord.Complete(
            wordToComplete,
            OpenSessions
                .All.Select(static session => session.Id.ToString(CultureInfo.InvariantCulture))
                .Distinct(StringComparer.Ordinal)
        );
}
