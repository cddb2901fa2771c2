using System.Globalization;
using System.Text.Json.Serialization;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Model;

/// <summary>What a virtual machine is doing.</summary>
public enum VmState : long
{
    /// <summary>It could not be told.</summary>
    Unknown,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>It is off.</summary>
    Off,

    /// <summary>It is paused, and holds its memory.</summary>
    Paused,

    /// <summary>Its memory is in a file, from which it goes on at its next start.</summary>
    Saved,

    /// <summary>It is being started.</summary>
    Starting,

    /// <summary>It is being shut down or turned off.</summary>
    Stopping,

    /// <summary>It is on the way from one state to another, such as being saved or paused.</summary>
    Changing,

    /// <summary>It is stuck: the host cannot reach what the virtual machine needs, such as its disk.</summary>
    Critical,
}

/// <summary>Whether a virtual machine can run hypervisors itself, and from when on.</summary>
public enum VmNesting : long
{
    /// <summary>It could not be told.</summary>
    Unknown,

    /// <summary>It is not set up for that.</summary>
    Off,

    /// <summary>It can, now.</summary>
    Now,

    /// <summary>It can after its next start.</summary>
    NextStart,

    /// <summary>It is set up for that, and this host cannot start it so.</summary>
    WillNotStart,
}

/// <summary>A virtual machine, as far as running hypervisors in it goes.</summary>
/// <param name="Target">The host.</param>
public sealed record VmNestedCpu([property: JsonIgnore] HostTarget Target)
{
    /// <summary>Gets the name of <see cref="Target"/>.</summary>
    public string HostName => Target.Name;

    /// <summary>Gets what people call the virtual machine; others may be called so too.</summary>
    public required string VmName
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets what names it on its host alone: a GUID, or a UUID.</summary>
    public required string Id
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets what it is doing.</summary>
    public VmState State { get; init; }

    /// <summary>Gets whether it can run hypervisors, and from when on.</summary>
    public VmNesting Nesting { get; init; }

    /// <summary>Gets whether it could: Ready where it can or will, Configurable where settings of it or of the host's software change that.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Gets how many processors it has, or null.</summary>
    public int? CpuCount { get; init; }

    /// <summary>Gets how many threads each of its cores has; null for as many as the host's, and when that is unknown.</summary>
    public int? ThreadsPerCore { get; init; }

    /// <summary>Gets whether it is set up to see the virtualization extension; null when that is unknown.</summary>
    public bool? IsExposed { get; init; }

    /// <summary>Gets whether it sees the virtualization extension as it runs; on KVM alone, and null where it does not run or that is unknown.</summary>
    public bool? IsExposedNow { get; init; }

    /// <summary>Gets whether that changes when it is shut down and started; on KVM alone, and null where it does not run or that is unknown.</summary>
    public bool? IsRestartPending { get; init; }

    /// <summary>
    /// Gets whether a virtual machine ran in it at the moment when it was looked at: one of its processors was inside of that. One that
    /// waits is not inside, so that false does not say that there is none; false, too, where <see cref="IsExposedNow"/> is false.
    /// On KVM alone, and null where it does not run, or the host's kernel or account does not tell.
    /// </summary>
    public bool? IsInUse { get; init; }

    /// <summary>
    /// Gets whether a virtual machine has run in it since it was started on this host, resumed from a file or migrated to it; false, too,
    /// where <see cref="IsExposedNow"/> is false. On KVM alone, and null where it does not run, or the host's kernel or account does not tell.
    /// </summary>
    public bool? WasUsed { get; init; }

    /// <summary>
    /// Gets how often KVM has entered virtual machines in it, since the same time: one that grows from one look to the next is in use,
    /// whatever <see cref="IsInUse"/> says. On KVM alone, and null where the kernel does not count or does not tell.
    /// </summary>
    public long? NestedRunCount { get; init; }

    /// <summary>Gets how its processor is chosen, on KVM: custom, host-model, host-passthrough, maximum; null where nothing is said.</summary>
    public string? CpuMode
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the model of its processor, on KVM, or null.</summary>
    public string? CpuModel
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the features of its processor that are named, on KVM, each behind what is asked of it: <c>require vmx-ept</c>.</summary>
    public IReadOnlyList<string> CpuFeatures
    {
        get;
        init => field = HostText.Shown(value);
    } = TextList<string>.Empty;

    /// <summary>Gets the enlightenments of Hyper-V that KVM gives it, such as vapic.</summary>
    public IReadOnlyList<string> Enlightenments
    {
        get;
        init => field = HostText.Shown(value);
    } = TextList<string>.Empty;

    /// <summary>Gets whether it is given only features that can be migrated, on KVM; null where nothing is said.</summary>
    public bool? IsMigratable { get; init; }

    /// <summary>Gets whether it stays defined when it ends, on KVM; null on others.</summary>
    public bool? IsPersistent { get; init; }

    /// <summary>Gets whether it is started with its host, on KVM; null on others.</summary>
    public bool? IsStartedWithHost { get; init; }

    /// <summary>Gets the version of its configuration, on Hyper-V such as 10.0, or null.</summary>
    public string? ConfigurationVersion
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the generation, 1 or 2 on Hyper-V, or null.</summary>
    public int? Generation { get; init; }

    /// <summary>Gets the memory that it starts with, in bytes, or null.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Gets the memory that it may be left with, in bytes; null where memory is not dynamic.</summary>
    public long? MinimumMemoryBytes { get; init; }

    /// <summary>Gets the memory that it may be given, in bytes; null where memory is not dynamic.</summary>
    public long? MaximumMemoryBytes { get; init; }

    /// <summary>Gets whether the host changes its memory while it runs; null when that is unknown.</summary>
    public bool? HasDynamicMemory { get; init; }

    /// <summary>Gets how many network adapters it has, or null.</summary>
    public int? AdapterCount { get; init; }

    /// <summary>Gets whether one of its network adapters may send from other MAC addresses than its own; null when that is unknown.</summary>
    public bool? AllowsMacSpoofing { get; init; }

    /// <summary>Gets how many of its network adapters are to have a virtual function, or null.</summary>
    public int? SriovAdapterCount { get; init; }

    /// <summary>Gets the PCI devices of the host that it owns, as the host names them.</summary>
    public IReadOnlyList<string> AssignedDevices
    {
        get;
        init => field = HostText.Shown(value);
    } = TextList<string>.Empty;

    /// <summary>Gets whether it opts out of virtualization-based security, which Hyper-V alone has; null when that is unknown.</summary>
    public bool? IsVbsOptedOut { get; init; }

    /// <summary>Gets what led to the verdict, and what else deserves attention; the gravest first.</summary>
    public required IReadOnlyList<Finding> Reasons
    {
        get;
        init => field = TextList<Finding>.Of(value);
    }

    /// <summary>Gets the sentence of the gravest reason, or null.</summary>
    [JsonIgnore]
    public string? Why => Reasons is [Finding gravest, ..] ? gravest.Message : null;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{VmName}: {Nesting}");
}
