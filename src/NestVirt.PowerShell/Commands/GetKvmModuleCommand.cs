using System.Management.Automation;
using NestVirt.Client;
using NestVirt.Filters;
using NestVirt.Model;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Questions;

namespace NestVirt.PowerShell.Commands;

/// <summary>Gets the kernel modules that make KVM, with their parameters.</summary>
[Cmdlet(VerbsCommon.Get, "KvmModule", DefaultParameterSetName = HostSet)]
[OutputType(typeof(KvmModule))]
public sealed class GetKvmModuleCommand : HostReadCommand<KvmModule>
{
    /// <summary>Gets or sets the modules to keep, such as kvm_*; a hyphen is taken for an underscore, as the kernel does.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(KvmModuleNameCompleter))]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override IHostQuery<KvmModule> CreateQuery() => HostQueries.Ask(HostQuestions.KvmModules);

    /// <inheritdoc/>
    protected override ResultFilter<KvmModule> CreateFilter() => new KvmModuleFilter(Name);
}
