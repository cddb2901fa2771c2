namespace NestVirt.Linux.Machine;

/// <summary>What the kernel says about the processors and about KVM.</summary>
/// <param name="Info">The lines of /proc/cpuinfo.</param>
internal sealed record CpuReading(CpuInfo Info)
{
    private const string LiveState = "live";

    /// <summary>Gets the kernel's release, or null.</summary>
    public string? KernelRelease { get; init; }

    /// <summary>Gets the architecture as the kernel names it, whatever uname is told; null before Linux 6.1.</summary>
    public string? KernelArchitecture { get; init; }

    /// <summary>Gets the text of vulnerabilities/itlb_multihit, or null.</summary>
    public string? ItlbMultihit { get; init; }

    /// <summary>Gets the text of vulnerabilities/l1tf, or null.</summary>
    public string? L1tf { get; init; }

    /// <summary>Gets options of the kernel's command line that hide processor features.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Gets a value indicating whether /sys/module could be read.</summary>
    public bool AreModulesListed { get; init; }

    /// <summary>Gets KVM's modules in /sys/module with their state: live, coming, going, or builtin.</summary>
    public IReadOnlyDictionary<string, string> Modules { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets whether KVM has registered its device; null when /sys/class/misc could not be read.</summary>
    public bool? HasKvmDevice { get; init; }

    private Version? KernelVersion
    {
        get
        {
            string[] numbers = (KernelRelease ?? string.Empty).Split('.', '-', '+', '_');
            return
                numbers.Length > 1
                && ushort.TryParse(numbers[0], out ushort major)
                && ushort.TryParse(numbers[1], out ushort minor)
                ? new Version(major, minor)
                : null;
        }
    }

    /// <summary>Tells whether the kernel is known to be of a release or a later one.</summary>
    /// <param name="release">The release, as major.minor.</param>
    /// <returns>True if it is; false if not, or if nothing is known.</returns>
    public bool IsKernelSince(string release) => KernelVersion is Version version && version >= new Version(release);

    /// <summary>Tells whether the kernel is known to be older than a release.</summary>
    /// <param name="release">The release, as major.minor.</param>
    /// <returns>True if it is; false if not, or if nothing is known.</returns>
    public bool IsKernelBefore(string release) => KernelVersion is Version version && version < new Version(release);

    /// <summary>
    /// Tells whether a vendor's module is at work: loaded, or built in and the owner of KVM's device.
    /// </summary>
    /// <param name="module">The module.</param>
    /// <returns>True if it is.</returns>
    /// <remarks>
    /// A built-in module stays in /sys/module when the processor refused it, so that alone proves nothing.
    /// </remarks>
    public bool Runs(string module) =>
        Modules.TryGetValue(module, out string? state)
        && (state == LiveState || (HasKvmDevice == true && state == "builtin" && !OtherRuns(module)));

    private bool OtherRuns(string module) =>
        Modules.Any(other =>
            other.Key is "kvm_intel" or "kvm_amd" or "kvm_pvm" && other.Key != module && other.Value == LiveState
        );
}
