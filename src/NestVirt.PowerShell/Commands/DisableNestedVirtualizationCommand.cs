using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.PowerShell.Pipeline;

namespace NestVirt.PowerShell.Commands;

/// <summary>Keeps guests of one or more hosts from running hypervisors of their own.</summary>
[Cmdlet(
    VerbsLifecycle.Disable,
    "NestedVirtualization",
    DefaultParameterSetName = LocalSet,
    SupportsShouldProcess = true
)]
[OutputType(typeof(ChangeResult), typeof(ChangePlan))]
public sealed class DisableNestedVirtualizationCommand() : NestingCommand(enable: false);
