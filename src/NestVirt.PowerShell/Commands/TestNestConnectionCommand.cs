using System.Management.Automation;
using NestVirt.Client;
using NestVirt.Model;
using NestVirt.PowerShell.Parameters;
using NestVirt.PowerShell.Pipeline;

namespace NestVirt.PowerShell.Commands;

/// <summary>Tells which step on the way to hosts stands, and how to mend the first that does not.</summary>
[Cmdlet(VerbsDiagnostic.Test, "NestConnection", DefaultParameterSetName = HostSet)]
[OutputType(typeof(ConnectionCheck))]
public sealed class TestNestConnectionCommand : LiveHostCommand
{
    private HostReading<ConnectionCheck> _reading = null!;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _reading = new HostReading<ConnectionCheck>(
            this,
            HostQueries.CheckConnection(),
            (_, checks) => WriteObject(checks[0])
        );
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (NamedHost named in Hosts.OfRecord())
        {
            _reading.Ask(named.Target);
        }

        _reading.Drain();
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => _reading.Finish();
}
