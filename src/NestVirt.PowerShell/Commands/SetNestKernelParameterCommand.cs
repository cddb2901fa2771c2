using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Pipeline;

namespace NestVirt.PowerShell.Commands;

/// <summary>Sets words on the kernel's command line for the next boot.</summary>
[Cmdlet(VerbsCommon.Set, "NestKernelParameter", DefaultParameterSetName = HostSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChangeResult), typeof(ChangePlan))]
public sealed class SetNestKernelParameterCommand : HostChangeCommand
{
    /// <summary>Gets or sets the words to have, such as hugepagesz=1G.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Set { get; set; } = [];

    /// <summary>Gets or sets the words, or names with any value, to take away.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Remove { get; set; } = [];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Set.Length + Remove.Length == 0)
        {
            ThrowTerminatingError(
                ErrorRecords.RequestInvalid("No kernel parameter is named: give -Set, -Remove or both.")
            );
        }

        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override ChangeRequest CreateRequest() => new KernelParameterRequest(Set, Remove);
}
