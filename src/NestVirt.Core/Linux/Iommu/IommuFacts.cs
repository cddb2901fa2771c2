using NestVirt.Model;

namespace NestVirt.Linux.Iommu;

/// <summary>What a host says about its IOMMU, before any judgement.</summary>
internal sealed record IommuFacts
{
    /// <summary>Gets the command line of the running kernel, or null when it could not be read.</summary>
    public string? CommandLine { get; init; }

    /// <summary>Gets a value indicating whether the host lists its ACPI tables, so that a table can be missed.</summary>
    public bool HasAcpiTables { get; init; }

    /// <summary>Gets the ACPI tables that describe an IOMMU: DMAR, IVRS, IORT, VIOT.</summary>
    public IReadOnlyList<string> Tables { get; init; } = [];

    /// <summary>Gets whether the firmware's IORT table has a node of an SMMU; null where that is not known.</summary>
    public bool? HasSmmu { get; init; }

    /// <summary>Gets what names this machine Xen's control domain, whose IOMMU is Xen's; null outside of it.</summary>
    public string? XenControlDomain { get; init; }

    /// <summary>Gets the table that describes an IOMMU, or null; every Arm server has an IORT, for its interrupts.</summary>
    public string? Description => Tables.FirstOrDefault(table => table != "IORT" || HasSmmu == true);

    /// <summary>Gets the IOMMU units that have a driver, such as dmar0, ivhd0 or smmu3.0x….</summary>
    public IReadOnlyList<string> Units { get; init; } = [];

    /// <summary>Gets whether the host's own /sys was read in full; false for a tree that may lack parts of it.</summary>
    public bool IsLive { get; init; }

    /// <summary>Gets a value indicating whether the kernel has a directory of groups, with or without groups.</summary>
    public bool HasGroupDirectory { get; init; }

    /// <summary>Gets the groups as the kernel lists them.</summary>
    public IReadOnlyList<IommuGroupFacts> Groups { get; init; } = [];

    /// <summary>Gets the name of the first interrupt chip, such as IO-APIC or IR-IO-APIC; null when none was seen.</summary>
    public string? InterruptChip { get; init; }

    /// <summary>Gets the release of the running kernel, or null.</summary>
    public string? KernelRelease { get; init; }

    /// <summary>Gets the version that <see cref="KernelRelease"/> begins with, or null.</summary>
    public Version? Kernel =>
        KernelRelease is { } release
        && Version.TryParse(
            new string([.. release.TakeWhile(static c => char.IsAsciiDigit(c) || c == '.')]).TrimEnd('.'),
            out Version? version
        )
            ? version
            : null;

    /// <summary>Gets who made the machine, as its firmware says, or null.</summary>
    public string? Maker { get; init; }

    /// <summary>Gets a value indicating whether the machine has Intel's IOMMU.</summary>
    public bool IsIntel =>
        Tables.Contains("DMAR") || Units.Any(static unit => unit.StartsWith("dmar", StringComparison.Ordinal));

    /// <summary>Gets a value indicating whether the machine has AMD's IOMMU.</summary>
    public bool IsAmd =>
        Tables.Contains("IVRS") || Units.Any(static unit => unit.StartsWith("ivhd", StringComparison.Ordinal));

    /// <summary>Gets what lies inside of the memory of PCI functions, as /proc/iomem lists it, by their addresses.</summary>
    public ILookup<string, MemoryInside> Memory { get; init; } =
        Array.Empty<MemoryInside>().ToLookup(static line => line.Address);

    /// <summary>Gets a value indicating whether any function has a file reset_method; a tree may lack them all.</summary>
    public bool HasResetFiles { get; init; }

    /// <summary>Gets the PCI drivers that the kernel has, by their names; none where they were not read.</summary>
    public IReadOnlyDictionary<string, PciDriverModule> Drivers { get; init; } =
        new Dictionary<string, PciDriverModule>();

    /// <summary>Gets the drivers that driverctl's files name, by the addresses of the functions.</summary>
    public IReadOnlyDictionary<string, string> SavedOverrides { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the lines of the boot loaders' files that hold a list of ids for vfio-pci.</summary>
    public IReadOnlyList<BootLineWithIds> BootIds { get; init; } = [];

    /// <summary>Gets the lines of Unraid's list that give functions to vfio-pci, by the functions' addresses.</summary>
    public ILookup<string, string> Binds { get; init; } =
        Array.Empty<string>().ToLookup(static line => line, StringComparer.Ordinal);

    /// <summary>Gets the vfio modules' parameters that weaken isolation, as module.parameter, with their values.</summary>
    public IReadOnlyDictionary<string, string> VfioParameters { get; init; } = new Dictionary<string, string>();
}

/// <summary>One directory below /sys/kernel/iommu_groups.</summary>
/// <param name="Number">Its name.</param>
internal sealed record IommuGroupFacts(int Number)
{
    // vfio_noiommu_group_alloc() in drivers/vfio/group.c names its groups so, for emulated devices too.
    private const string PretendedName = "vfio-noiommu";

    /// <summary>Gets the type of the default domain, or null on kernels before 5.11.</summary>
    public string? Type { get; init; }

    /// <summary>Gets the name that a driver gave it, or null.</summary>
    public string? Name { get; init; }

    /// <summary>Gets the regions that must not be mapped.</summary>
    public IReadOnlyList<ReservedRegion> ReservedRegions { get; init; } = [];

    /// <summary>Gets the members.</summary>
    public IReadOnlyList<IommuMember> Members { get; init; } = [];

    /// <summary>Gets a value indicating whether an IOMMU stands behind the group: VFIO makes up groups for devices that have none.</summary>
    public bool IsTranslated => Name != PretendedName && Members.Any(static member => !member.IsMediated);
}

/// <summary>One device of a group.</summary>
/// <param name="Name">The device's name on its bus.</param>
/// <param name="Driver">The driver of a device that is no PCI function; null when it has none or is one.</param>
internal sealed record IommuMember(string Name, string? Driver)
{
    /// <summary>Gets a value indicating whether the member is a PCI function.</summary>
    public bool IsPci => PciAddress.TryParse(Name, out _);

    /// <summary>Gets a value indicating whether the member is a mediated device, which is named by a UUID.</summary>
    public bool IsMediated => Guid.TryParseExact(Name, "D", out _);
}

/// <summary>One line of /proc/iomem that lies inside of the memory of a PCI function.</summary>
/// <param name="Address">The function.</param>
/// <param name="Number">The number of the line.</param>
/// <param name="Text">The line without its indentation.</param>
internal sealed record MemoryInside(string Address, int Number, string Text)
{
    /// <summary>Gets the name that the holder gave it.</summary>
    public string Name => Text[(Text.IndexOf(" : ", StringComparison.Ordinal) + " : ".Length)..];

    /// <summary>Gets the place and the line, as evidence.</summary>
    public string Evidence => FormattableString.Invariant($"/proc/iomem:{Number}: {Text}");
}

/// <summary>Where a PCI driver comes from.</summary>
/// <param name="Module">The module, with underscores.</param>
/// <param name="IsBuiltIn">Whether it is part of the kernel; null when that was not seen.</param>
internal sealed record PciDriverModule(string Module, bool? IsBuiltIn);

/// <summary>A line of a boot loader's file that gives devices to vfio-pci.</summary>
/// <param name="Place">The file and the number of the line.</param>
/// <param name="Text">The line, trimmed.</param>
internal sealed record BootLineWithIds(string Place, string Text)
{
    /// <summary>Gets the list.</summary>
    public string Value
    {
        get
        {
            int start = Text.IndexOf("pci.ids=", StringComparison.Ordinal) + "pci.ids=".Length;
            int end = Text.AsSpan(start).IndexOfAny(" \t\"'");
            return Text[start..(end < 0 ? Text.Length : start + end)];
        }
    }
}
