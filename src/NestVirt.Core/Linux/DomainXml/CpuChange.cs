namespace NestVirt.Linux.DomainXml;

/// <summary>What is to become of the processor of a guest; what is null or false is left as it is.</summary>
internal sealed record CpuChange
{
    /// <summary>Gets the mode.</summary>
    public CpuMode? Mode { get; init; }

    /// <summary>Gets the model, in libvirt's words; it needs the mode <see cref="CpuMode.Custom"/>.</summary>
    public string? Model { get; init; }

    /// <summary>Gets whether hypervisors are to run in the guest; it needs <see cref="Extension"/>.</summary>
    public bool? Nesting { get; init; }

    /// <summary>Gets the virtualization extension of the host's vendor: <c>vmx</c> or <c>svm</c>.</summary>
    public string? Extension { get; init; }

    /// <summary>Gets no feature at all.</summary>
    internal static IReadOnlyDictionary<string, string> NoFeatures { get; } = new Dictionary<string, string>();

    /// <summary>Gets the policies of features, by libvirt's names.</summary>
    public IReadOnlyDictionary<string, string> Features { get; init; } = NoFeatures;

    /// <summary>Gets how the processors are laid out.</summary>
    public CpuTopology? Topology { get; init; }

    /// <summary>Gets whether what would hinder a migration is to be left out.</summary>
    public bool? Migratable { get; init; }

    /// <summary>Gets a value indicating whether the guest is to have what Windows wants of KVM when it runs Hyper-V.</summary>
    public bool WindowsHypervisor { get; init; }
}

/// <summary>Where the processor of a guest comes from (libvirt's <c>mode</c> of <c>cpu</c>).</summary>
internal enum CpuMode
{
    /// <summary>A named model.</summary>
    Custom,

    /// <summary>The model that comes next to the host's, with its features, chosen at each start.</summary>
    HostModel,

    /// <summary>The host's own.</summary>
    HostPassthrough,

    /// <summary>All that the hypervisor can give; libvirt 7.1 and later.</summary>
    Maximum,
}

/// <summary>How the processors of a guest are laid out.</summary>
/// <param name="Sockets">How many sockets.</param>
/// <param name="Dies">How many dies each has.</param>
/// <param name="Cores">How many cores each die has.</param>
/// <param name="Threads">How many threads each core has.</param>
internal sealed record CpuTopology(int Sockets, int Dies, int Cores, int Threads)
{
    // Four of them make no number that a long cannot hold.
    private const int MostOfOneKind = 8192;

    /// <summary>Gets a value indicating whether each number is one that a guest may have.</summary>
    public bool IsPossible =>
        Array.TrueForAll([Sockets, Dies, Cores, Threads], static count => count is > 0 and <= MostOfOneKind);

    /// <summary>Gets how many processors that makes, where <see cref="IsPossible"/>.</summary>
    public long Count => (long)Sockets * Dies * Cores * Threads;

    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"{Sockets} sockets, {Dies} dies, {Cores} cores, {Threads} threads");
}
