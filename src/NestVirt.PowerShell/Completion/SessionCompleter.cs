using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using NestVirt.PowerShell.Parameters;
using NestVirt.Sessions;

namespace NestVirt.PowerShell.Completion;

/// <summary>Completes names, or numbers for a parameter Id, of sessions that were opened and not removed.</summary>
public sealed class SessionCompleter : IArgumentCompleter
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
                .All.Select(session =>
                    parameterName == nameof(NestSession.Id)
                        ? session.Id.ToString(CultureInfo.InvariantCulture)
                        : session.Name
                )
                .Distinct(StringComparer.Ordinal)
        );
}
