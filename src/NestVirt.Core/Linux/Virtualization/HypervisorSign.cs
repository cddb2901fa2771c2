namespace NestVirt.Linux.Virtualization;

/// <summary>One sign of who runs a machine.</summary>
/// <param name="Vendor">The vendor as lscpu names it; our own word for those that lscpu does not know.</param>
/// <param name="Type">full, para, container, or none for Xen's control domain.</param>
/// <param name="Evidence">What shows it: source, colon, text.</param>
internal sealed record HypervisorSign(string? Vendor, string Type, string Evidence)
{
    /// <summary>Full virtualization, by lscpu's word.</summary>
    public const string Full = "full";

    /// <summary>Paravirtualization, by lscpu's word.</summary>
    public const string Para = "para";

    /// <summary>A shared kernel, by lscpu's word.</summary>
    public const string Container = "container";

    /// <summary>The control domain of a hypervisor, by lscpu's word.</summary>
    public const string None = "none";

    /// <summary>
    /// Gets a value indicating whether the sign is of firmware partitions, which are the machine itself.
    /// </summary>
    public bool IsFirmware { get; init; }

    /// <summary>Gets the type, or null of a hypervisor that is not known by name.</summary>
    public string? ShownType => Vendor is null ? null : Type;

    /// <summary>Gets how many hypervisors stand between the machine and the hardware, where that is proved.</summary>
    public int Depth { get; init; } = 1;
}
