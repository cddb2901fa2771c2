using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.PowerShell.Pipeline;

namespace NestVirt.PowerShell.Commands;

/// <summary>Lets guests of one or more hosts run hypervisors of their own.</summary>
[Cmdlet(
    VerbsLifecycle.Enable,
    "NestedVirtualization",
    DefaultParameterSetName = LocalSet,
    SupportsShouldProcess = true
)]
[OutputType(typeof(ChangeResult), typeof(ChangePlan))]
public sealed class EnableNestedVirtualizationCommand() : NestingCommand(enable: true);
