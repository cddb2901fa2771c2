namespace NestVirt.Changes;

/// <summary>Where the processor of a virtual machine of a KVM host comes from: libvirt's <c>mode</c> of <c>cpu</c>.</summary>
public enum VmCpuMode : long
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

/// <summary>How the processors of a virtual machine of a KVM host are laid out.</summary>
/// <param name="Sockets">How many sockets.</param>
/// <param name="Dies">How many dies each has.</param>
/// <param name="Cores">How many cores each die has.</param>
/// <param name="Threads">How many threads each core has.</param>
public sealed record VmCpuTopology(int Sockets, int Dies, int Cores, int Threads)
{
    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"sockets={Sockets},dies={Dies},cores={Cores},threads={Threads}");
}
