using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Parameters;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Text;

namespace NestVirt.PowerShell.Commands;

/// <summary>Sets how many huge pages a host, or one of its NUMA nodes, has.</summary>
[Cmdlet(VerbsCommon.Set, "NestHugePage", DefaultParameterSetName = HostSet, SupportsShouldProcess = true)]
[OutputType(typeof(ChangeResult), typeof(ChangePlan))]
public sealed class SetNestHugePageCommand : HostChangeCommand
{
    /// <summary>Gets or sets the size of a page, such as 2MB or 1GB; a number alone is one of bytes.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PageSizeCompleter))]
    public string Size { get; set; } = string.Empty;

    /// <summary>Gets or sets how many there shall be.</summary>
    [Parameter(Mandatory = true)]
    [ValidateRange(0, int.MaxValue)]
    public int Count { get; set; }

    /// <summary>Gets or sets the NUMA node; the kernel chooses where none is named.</summary>
    [Parameter]
    [ValidateRange(0, 1023)]
    public int? Node { get; set; }

    /// <summary>Gets or sets a value indicating whether the number holds only until the next boot.</summary>
    [Parameter]
    public SwitchParameter Temporary { get; set; }

    /// <summary>Gets or sets a value indicating whether lines of other files that conflict are commented out.</summary>
    [Parameter]
    public SwitchParameter ReplaceConflict { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (PageSizes.FaultOf("-Size", Size) is { } fault)
        {
            ThrowTerminatingError(ErrorRecords.RequestInvalid(fault));
        }

        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override ChangeRequest CreateRequest() =>
        new HugePageRequest(PageSize.Parse(Size)!.Value, Count)
        {
            Node = Node,
            IsTemporary = Temporary,
            ReplaceConflict = ReplaceConflict,
        };
}
