namespace NestVirt.Transport.Recorded;

/// <summary>The elements of a definition of libvirt that are read, and that therefore leave their host and stay in answers: one list for all three.</summary>
internal static class DomainElements
{
    // By their path; an asterisk stands for any name.
    private static readonly HashSet<string> s_kept = new(StringComparer.Ordinal)
    {
        "domain",
        "domain/memory",
        "domain/currentMemory",
        "domain/memoryBacking",
        "domain/memoryBacking/hugepages",
        "domain/vcpu",
        "domain/cputune",
        "domain/cputune/vcpupin",
        "domain/os",
        "domain/os/type",
        "domain/features",
        "domain/features/hyperv",
        "domain/features/hyperv/*",
        "domain/cpu",
        "domain/cpu/model",
        "domain/cpu/topology",
        "domain/cpu/feature",
        "domain/launchSecurity",
        "domain/devices",
        "domain/devices/disk",
        "domain/devices/disk/source",
        "domain/devices/disk/source/address",
        "domain/devices/disk/boot",
        "domain/devices/disk/address",
        "domain/devices/interface",
        "domain/devices/interface/mac",
        "domain/devices/interface/driver",
        "domain/devices/interface/source",
        "domain/devices/interface/source/address",
        "domain/devices/interface/vlan",
        "domain/devices/interface/vlan/tag",
        "domain/devices/interface/boot",
        "domain/devices/interface/rom",
        "domain/devices/interface/address",
        "domain/devices/hostdev",
        "domain/devices/hostdev/driver",
        "domain/devices/hostdev/source",
        "domain/devices/hostdev/source/address",
        "domain/devices/hostdev/boot",
        "domain/devices/hostdev/rom",
        "domain/devices/hostdev/address",
    };

    // Of which more than their attributes is looked at before they stay.
    private static readonly string[] s_weighed =
    [
        "domain/name",
        "domain/cpu/vendor",
        "domain/devices/emulator",
        "domain/commandline",
        "domain/commandline/arg",
    ];

    /// <summary>Tells whether an element stays with its attributes and texts.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="parent">That of the element around it.</param>
    /// <returns>True if so.</returns>
    internal static bool IsKept(string path, string parent) => s_kept.Contains(path) || s_kept.Contains($"{parent}/*");

    /// <summary>Gets the paths of all that is read, for a program that splits them at spaces.</summary>
    internal static string Paths => string.Join(' ', s_kept.Concat(s_weighed).Order(StringComparer.Ordinal));

    /// <summary>Tells whether an element leaves its host.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="parent">That of the element around it.</param>
    /// <returns>True if so.</returns>
    internal static bool IsRead(string path, string parent) => IsKept(path, parent) || s_weighed.Contains(path);
}
