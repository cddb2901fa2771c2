using System.Management.Automation;
using NestVirt.Client;
using NestVirt.Filters;
using NestVirt.Model;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Questions;

namespace NestVirt.PowerShell.Commands;

/// <summary>Gets the virtual machines of hosts, and whether hypervisors can run in them, now or after their next start.</summary>
[Cmdlet(VerbsCommon.Get, "VmNestedCpu", DefaultParameterSetName = HostSet)]
[OutputType(typeof(VmNestedCpu))]
public sealed class GetVmNestedCpuCommand : HostReadCommand<VmNestedCpu>
{
    /// <summary>Gets or sets the virtual machines to keep, by name or id.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public string[]? VMName { get; set; }

    /// <inheritdoc/>
    protected override IHostQuery<VmNestedCpu> CreateQuery() => HostQueries.Ask(HostQuestions.VmNestedCpus);

    /// <inheritdoc/>
    protected override ResultFilter<VmNestedCpu> CreateFilter() => new VmNestedCpuFilter(VMName);
}
