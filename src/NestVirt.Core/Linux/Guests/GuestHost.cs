using NestVirt.Linux.Kvm;
using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.Guests;

/// <summary>What of a host its guests' nesting depends on.</summary>
/// <param name="Nesting">Whether KVM nests now. It cannot change while a guest of KVM runs: the module is not unloaded then.</param>
/// <param name="Module">The module that decides, or null.</param>
/// <param name="Evidence">What shows it, or null.</param>
internal sealed record GuestHost(NestedState Nesting, string? Module, string? Evidence)
{
    private const string Intel = "kvm_intel";
    private const string Amd = "kvm_amd";

    /// <summary>Gets the architecture, or null.</summary>
    public string? Architecture { get; init; }

    /// <summary>Gets a value indicating whether nothing on this architecture nests.</summary>
    public bool LacksNesting { get; init; }

    /// <summary>Gets whether /dev/kvm is there; null when that is unknown.</summary>
    public bool? HasKvm { get; init; }

    /// <summary>Gets what libvirt says of the emulator, or null.</summary>
    public DomainCapabilities? Capabilities { get; init; }

    /// <summary>Gets the feature by which guests see the extension, vmx or svm; null where the processor is not known.</summary>
    internal string? Extension =>
        Module switch
        {
            Intel => "vmx",
            Amd => "svm",
            _ => null,
        };

    /// <summary>Gets the extension of the other vendor's processors, or null.</summary>
    internal string? ForeignExtension =>
        Module switch
        {
            Intel => "svm",
            Amd => "vmx",
            _ => null,
        };

    /// <summary>Reads it.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <returns>What they say.</returns>
    internal static GuestHost Of(ProbeAnswers answers)
    {
        KvmHostState state = answers.Read(KvmHostState.Reading);
        NestedFacts nested = NestedAssessor.Assess(state);
        return new GuestHost(nested.Effective, nested.Module, NestedAssessor.Evidence(state))
        {
            Architecture = state.Architecture,
            LacksNesting = KvmArchitecture.LacksNesting(state.Architecture, state.Extension),
            HasKvm = state.Listing?.Device.IsPresent,
            Capabilities = answers.Read(LibvirtFacts.Reading).Capabilities,
        };
    }
}
