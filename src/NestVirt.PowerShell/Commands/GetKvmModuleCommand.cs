using System.Management.Automation;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Parameters;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Questions;

namespace NestVirt.PowerShell.Commands;

/// <summary>Gets the kernel modules that make KVM, with their parameters.</summary>
[Cmdlet(VerbsCommon.Get, "KvmModule", DefaultParameterSetName = LocalSet)]
[OutputType(typeof(KvmModule))]
public sealed class GetKvmModuleCommand : HostReadCommand<KvmModule>
{
    private WildcardFilter _names = null!;

    /// <summary>Gets or sets the modules to keep, such as kvm_*; a hyphen is taken for an underscore, as the kernel does.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(KvmModuleNameCompleter))]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // A hyphen inside brackets is a range: such a pattern stays as it is.
        _names = new WildcardFilter(Name?.Select(static name => name.Contains('[') ? name : name.Replace('-', '_')));
        base.BeginProcessing();
    }

    /// <inheritdoc/>
    protected override IHostQuery<KvmModule> CreateQuery() => HostQueries.Ask(HostQuestions.KvmModules);

    /// <inheritdoc/>
    private protected override void OnAnswered(IReadOnlyList<HostTarget> hosts) =>
        WriteNotFound("the module", _names.Unmatched);

    /// <inheritdoc/>
    protected override bool IsWanted(KvmModule value) => _names.Fits(value.Name);
}
