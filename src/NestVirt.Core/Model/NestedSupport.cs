using System.Text.Json.Serialization;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Model;

/// <summary>What a host virtualizes with.</summary>
public enum HostPlatform : long
{
    /// <summary>It could not be told.</summary>
    Unknown,

    /// <summary>Linux with KVM, or able to have it.</summary>
    Kvm,

    /// <summary>Windows with Hyper-V.</summary>
    HyperV,
}

/// <summary>Whether a processor's virtualization extension can be used.</summary>
public enum VirtualizationState : long
{
    /// <summary>It could not be told.</summary>
    Unknown,

    /// <summary>It is there and usable.</summary>
    Available,

    /// <summary>It is there, and the firmware turned it off.</summary>
    DisabledInFirmware,

    /// <summary>It is not there, or the hypervisor below does not pass it on.</summary>
    NotAvailable,
}

/// <summary>Where a machine stands among hypervisors.</summary>
public enum HostLayer : long
{
    /// <summary>It could not be told.</summary>
    Unknown,

    /// <summary>Bare metal.</summary>
    L0,

    /// <summary>A guest of a bare-metal host.</summary>
    L1,

    /// <summary>A guest of a guest.</summary>
    L2,
}

/// <summary>Whether guests of a host may run hypervisors.</summary>
public enum NestedState : long
{
    /// <summary>It could not be told.</summary>
    Unknown,

    /// <summary>They may.</summary>
    On,

    /// <summary>They may not.</summary>
    Off,

    /// <summary>The host cannot virtualize at all, so the question does not arise.</summary>
    NotApplicable,
}

/// <summary>Whether an IOMMU translates for devices.</summary>
public enum IommuState : long
{
    /// <summary>It could not be told.</summary>
    Unknown,

    /// <summary>At least one device is in an IOMMU group.</summary>
    On,

    /// <summary>No device is.</summary>
    Off,
}

/// <summary>The answer in one word: can guests of this host run hypervisors?</summary>
public enum Verdict : long
{
    /// <summary>What is needed to tell could not be read.</summary>
    Unknown,

    /// <summary>They can, now.</summary>
    Ready,

    /// <summary>They could, after settings of this host's software change.</summary>
    Configurable,

    /// <summary>They cannot: the hardware, its firmware, or the hypervisor below stands against it.</summary>
    Blocked,
}

/// <summary>A host's processor.</summary>
/// <param name="Vendor">The vendor as the kernel names it, such as GenuineIntel; null when it does not.</param>
/// <param name="Model">The model's name, or null.</param>
public sealed record CpuFacts(string? Vendor, string? Model)
{
    /// <summary>Gets the vendor as the kernel names it, such as GenuineIntel; null when it does not.</summary>
    public string? Vendor
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Vendor);

    /// <summary>Gets the model's name, or null.</summary>
    public string? Model
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Model);

    /// <inheritdoc/>
    public override string ToString() => Model ?? Vendor ?? string.Empty;
}

/// <summary>A processor's virtualization extension.</summary>
/// <param name="Extension">VT-x, AMD-V, SIE, ARM-VHE and so on; null when there is none.</param>
/// <param name="State">Whether it can be used.</param>
/// <param name="Features">The features of the extension, by the kernel's names, such as ept or npt; in its order.</param>
public sealed record VirtualizationFacts(string? Extension, VirtualizationState State, IReadOnlyList<string> Features)
{
    /// <summary>Gets VT-x, AMD-V, SIE, ARM-VHE and so on; null when there is none.</summary>
    public string? Extension
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Extension);

    /// <summary>Gets the features of the extension, by the kernel's names.</summary>
    public IReadOnlyList<string> Features
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Features);

    /// <summary>Gets what proves the state, as the host said it; null when there is nothing to quote.</summary>
    public string? Evidence
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Extension ?? "none"}, {State}";
}

/// <summary>Who runs this machine.</summary>
/// <param name="Vendor">The hypervisor's vendor, as lscpu names it; null on bare metal.</param>
/// <param name="Type">full, para or container, as lscpu names it; null on bare metal.</param>
public sealed record HypervisorFacts(string? Vendor, string? Type)
{
    /// <summary>Gets the hypervisor's vendor, as lscpu names it; null on bare metal.</summary>
    public string? Vendor
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Vendor);

    /// <summary>Gets full, para or container, as lscpu names it; null on bare metal.</summary>
    public string? Type
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Type);

    /// <summary>Gets what shows it, such as a CPUID text or a DMI string; null when there is nothing to quote.</summary>
    public string? Evidence
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        Vendor is null ? "none"
        : Type is null ? Vendor
        : $"{Vendor} ({Type})";
}

/// <summary>Nesting on a host, at three times; Hyper-V has but one, since each of its virtual machines is set for itself.</summary>
/// <param name="module">The module that decides, such as kvm_intel; null when the host cannot have one.</param>
/// <param name="effective">Now.</param>
/// <param name="configured">What modprobe configuration and kernel command line ask for; null when they ask for nothing.</param>
/// <param name="nextBoot">After the next boot.</param>
/// <remarks>No record, since one cannot be made equal to the word that tables show: <c>where Nested -eq On</c>.</remarks>
public sealed class NestedFacts(string? module, NestedState effective, NestedState? configured, NestedState nextBoot)
    : IEquatable<NestedFacts>
{
    /// <summary>Gets the module that decides, such as kvm_intel; null when the host cannot have one.</summary>
    public string? Module { get; } = HostText.Shown(module);

    /// <summary>Gets nesting now.</summary>
    public NestedState Effective { get; } = effective;

    /// <summary>Gets what modprobe configuration and kernel command line ask for; null when they ask for nothing.</summary>
    public NestedState? Configured { get; } = configured;

    /// <summary>Gets nesting after the next boot.</summary>
    public NestedState NextBoot { get; } = nextBoot;

    /// <inheritdoc/>
    public bool Equals(NestedFacts? other) =>
        other is not null
        && (Module, Effective, Configured, NextBoot)
            == (other.Module, other.Effective, other.Configured, other.NextBoot);

    /// <inheritdoc/>
    public override bool Equals(object? obj) =>
        obj switch
        {
            string word => word.Equals(ToString(), StringComparison.OrdinalIgnoreCase),
            NestedState state => state == Effective,
            _ => Equals(obj as NestedFacts),
        };

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Module, Effective, Configured, NextBoot);

    /// <inheritdoc/>
    public override string ToString() => Effective.ToString();
}

/// <summary>The IOMMU in brief.</summary>
/// <param name="state">Whether it is on.</param>
/// <param name="groupCount">How many groups hold devices; null when that is unknown.</param>
/// <remarks>No record, for the same reason as <see cref="NestedFacts"/>.</remarks>
public sealed class IommuSummary(IommuState state, int? groupCount) : IEquatable<IommuSummary>
{
    /// <summary>Gets whether it is on.</summary>
    public IommuState State { get; } = state;

    /// <summary>Gets how many groups hold devices; null when that is unknown.</summary>
    public int? GroupCount { get; } = groupCount;

    /// <summary>Gets the domain type that most groups have, such as DMA-FQ or identity; null when it is unknown.</summary>
    public string? DefaultDomainType
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets whether interrupts are remapped; null when that is unknown.</summary>
    public bool? HasInterruptRemapping { get; init; }

    /// <summary>Gets the firmware table that describes the IOMMU: DMAR, IVRS, IORT; null when none was seen.</summary>
    public string? FirmwareTable
    {
        get;
        init => field = HostText.Shown(value);
    }

    private (IommuState, int?, string?, bool?, string?) Key =>
        (State, GroupCount, DefaultDomainType, HasInterruptRemapping, FirmwareTable);

    /// <inheritdoc/>
    public bool Equals(IommuSummary? other) => other is not null && Key == other.Key;

    /// <inheritdoc/>
    public override bool Equals(object? obj) =>
        obj switch
        {
            string word => word.Equals(ToString(), StringComparison.OrdinalIgnoreCase),
            IommuState other => other == State,
            _ => Equals(obj as IommuSummary),
        };

    /// <inheritdoc/>
    public override int GetHashCode() => Key.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => State.ToString();
}

/// <summary>Whether a host can nest virtualization and pass devices through, and why not.</summary>
/// <param name="Target">The host.</param>
public sealed record NestedSupport([property: JsonIgnore] HostTarget Target)
{
    /// <summary>Gets the name of <see cref="Target"/>.</summary>
    public string HostName => Target.Name;

    /// <summary>Gets what the host virtualizes with.</summary>
    public required HostPlatform Platform { get; init; }

    /// <summary>Gets the architecture as Linux names it, on Windows too, or null.</summary>
    public string? Architecture => System.Architecture;

    /// <summary>Gets the processor.</summary>
    public required CpuFacts Cpu { get; init; }

    /// <summary>Gets the virtualization extension.</summary>
    public required VirtualizationFacts Virtualization { get; init; }

    /// <summary>Gets who runs this machine.</summary>
    public required HypervisorFacts Hypervisor { get; init; }

    /// <summary>Gets where the machine stands.</summary>
    public required HostLayer Layer { get; init; }

    /// <summary>Gets nesting, now and later.</summary>
    public required NestedFacts Nested { get; init; }

    /// <summary>Gets the IOMMU in brief.</summary>
    public required IommuSummary Iommu { get; init; }

    /// <summary>Gets the answer.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Gets what led to the answer, and what else deserves attention; the gravest first.</summary>
    public required IReadOnlyList<Finding> Reasons
    {
        get;
        init => field = TextList<Finding>.Of(value);
    }

    /// <summary>Gets what runs on the host.</summary>
    public SystemFacts System { get; init; } = new();

    /// <summary>Gets processors, NUMA nodes and huge pages.</summary>
    public TopologyFacts Topology { get; init; } = new();

    /// <summary>Gets the sentence of the gravest reason, or null.</summary>
    [JsonIgnore]
    public string? Why => Reasons is [Finding gravest, ..] ? gravest.Message : null;

    /// <summary>Gets what to mend first, so that guests can run hypervisors: of what stands against that, the gravest that has a remedy; null when they can already, or nothing is known to help.</summary>
    /// <remarks>An IOMMU has no part in it, however grave what is found of it.</remarks>
    [JsonIgnore]
    public Finding? FirstStep =>
        Verdict == Verdict.Ready
            ? null
            : Reasons.FirstOrDefault(static reason =>
                reason is { Severity: > Severity.Information, Remedy: not null }
                && FindingCodes.DecidesNesting(reason.Code)
            );

    /// <inheritdoc/>
    public override string ToString() => $"{HostName}: {Verdict}";
}
