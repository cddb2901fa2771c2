namespace NestVirt.Linux.Machine;

/// <summary>What lscpu printed. It executes CPUID, which no file shows to an account that is not root.</summary>
internal sealed record LscpuReading
{
    // hv_vendors[] of util-linux, sys-utils/lscpu.c. Any other word is a bug of old versions, which printed memory
    // beyond
    // that table on bare metal: "(null)", or a dispatching mode such as "vertical".
    private static readonly HashSet<string> s_vendors = new(StringComparer.Ordinal)
    {
        "Xen",
        "KVM",
        "Microsoft",
        "VMware",
        "IBM",
        "Linux-VServer",
        "User-mode Linux",
        "Innotek GmbH",
        "Hitachi",
        "Parallels",
        "Oracle",
        "OS/400",
        "pHyp",
        "Unisys s-Par",
        "Windows Subsystem for Linux",
    };

    /// <summary>Gets a value indicating whether lscpu answered.</summary>
    public bool IsPresent { get; init; }

    /// <summary>Gets the family of processors that it was built for, by the architecture it names.</summary>
    public ProcessorFamily Family { get; init; }

    /// <summary>Gets the vendor id, or null.</summary>
    public string? VendorId { get; init; }

    /// <summary>Gets the model's name, or null.</summary>
    public string? ModelName { get; init; }

    /// <summary>Gets the extension: VT-x, AMD-V; null when it names none.</summary>
    public string? Virtualization { get; init; }

    /// <summary>Gets the hypervisor's product, such as z/VM 6.1.0, or null.</summary>
    public string? Hypervisor { get; init; }

    /// <summary>Gets the hypervisor's vendor, or null when it names none that exists.</summary>
    public string? HypervisorVendor { get; init; }

    /// <summary>Gets what stands where a vendor should and is none, such as <c>(null)</c>; else null.</summary>
    public string? BogusVendor { get; init; }

    /// <summary>Gets a vendor that we do not know and that newer versions may; null for what cannot be one.</summary>
    public string? UnknownVendor => BogusVendor is null or "horizontal" or "vertical" or ['(', ..] ? null : BogusVendor;

    /// <summary>Gets full, para, container or none; null when it names none.</summary>
    public string? VirtualizationType { get; init; }

    /// <summary>Gets the processor's flags; empty when it prints none.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];

    /// <summary>Reads lscpu's summary. British English writes Virtualisation.</summary>
    /// <param name="lines">Its lines.</param>
    /// <returns>What is told; lines that are not understood are passed over.</returns>
    public static LscpuReading Parse(IEnumerable<string> lines)
    {
        CpuInfo fields = CpuInfo.Parse(lines);
        string? vendor = fields.First("Hypervisor vendor", "Hypervisor Vendor");
        bool isKnown = vendor is not null && s_vendors.Contains(vendor);
        return new LscpuReading
        {
            IsPresent = fields.Fields.Count > 0,
            Family = ProcessorFamilies.OfName(fields["Architecture"]),
            VendorId = Named(fields["Vendor ID"]),
            ModelName = Named(fields["Model name"]),
            Virtualization = fields.First("Virtualization", "Virtualisation"),
            Hypervisor = fields["Hypervisor"],
            HypervisorVendor = isKnown ? vendor : null,
            BogusVendor = isKnown ? null : vendor,
            VirtualizationType = fields.First("Virtualization type", "Virtualisation type"),
            Flags = fields.Words("Flags") is [IReadOnlyList<string> first, ..] ? first : [],
        };
    }

    private static string? Named(string? text) => text is null or "-" or "unknown" ? null : text;
}
