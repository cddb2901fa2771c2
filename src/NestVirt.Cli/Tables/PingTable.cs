using System.Globalization;
using NestVirt.Model;

namespace NestVirt.Cli.Tables;

/// <summary>Prints the steps on the way to a host, and what to do about the first that does not stand.</summary>
/// <param name="page">Where to.</param>
internal sealed class PingTable(Page page) : HostTable<ConnectionCheck>(page)
{
    private const int LabelWidth = 8;

    /// <inheritdoc/>
    protected override string NothingText => "Nothing to say.";

    /// <inheritdoc/>
    protected override void Print(IReadOnlyList<ConnectionCheck> results)
    {
        foreach (ConnectionCheck check in results)
        {
            TextTable table = new("STEP", "STATE", "TIME", "DETAIL");
            foreach (ConnectionStep step in check.Steps)
            {
                bool isFault = step.Name == check.FirstFault;
                table.Add(
                    TextCell.Of(WordOf(step.Name)),
                    TextCell.Of(WordOf(step.State)),
                    TextCell.Of(
                        step.TimeMilliseconds is long time
                            ? string.Create(CultureInfo.InvariantCulture, $"{time} ms")
                            : null
                    ),
                    TextCell.Of(isFault ? "see below" : step.Detail)
                );
            }

            Page.Table(table);
            PrintFault(check);
        }
    }

    private static string WordOf(ConnectionStepName name) =>
        name switch
        {
            ConnectionStepName.Name => "name",
            ConnectionStepName.Route => "route",
            ConnectionStepName.Port => "port",
            ConnectionStepName.HostKey => "host key",
            ConnectionStepName.LogIn => "log-in",
            ConnectionStepName.Shell => "shell",
            ConnectionStepName.Sudo => "sudo",
            _ => "tools",
        };

    private static string WordOf(ConnectionStepState state) =>
        state switch
        {
            ConnectionStepState.Passed => "passed",
            ConnectionStepState.Failed => "failed",
            ConnectionStepState.NotTried => "not tried",
            ConnectionStepState.NotApplicable => "not applicable",
            _ => "unknown",
        };

    private void PrintFault(ConnectionCheck check)
    {
        if (check.FirstFault is not { } fault)
        {
            return;
        }

        Page.Labelled(WordOf(fault), check.Message ?? string.Empty, LabelWidth);
        if (check.Remedy is not null)
        {
            Page.Labelled(string.Empty, $"do: {check.Remedy}", LabelWidth);
        }

        if (check.Command is not null)
        {
            Page.Labelled(string.Empty, $"run: {check.Command}", LabelWidth);
        }
    }
}
