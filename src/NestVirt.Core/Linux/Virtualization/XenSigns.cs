using System.Globalization;
using NestVirt.Linux.Machine;

namespace NestVirt.Linux.Virtualization;

/// <summary>Tells Xen's control domain and its guests of each kind apart.</summary>
internal static class XenSigns
{
    // include/xen/interface/features.h: 5 is mmu_pt_update_preserve_ad, 3 supervisor_mode_kernel, 8
    // hvm_callback_vector.
    private const uint ParavirtualMask = 1u << 5;
    private const uint HybridMask = (1u << 3) | (1u << 8);

    /// <summary>Tells whether this is the control domain.</summary>
    /// <param name="reading">What the machine shows.</param>
    /// <returns>True if it is.</returns>
    public static bool IsControlDomain(HypervisorReading reading) =>
        reading["xen.capabilities"].Contains("control_d", StringComparison.Ordinal)
        || reading["hypervisor.initdomain"] == "1"
        || (reading["hypervisor.type"] == "xen" && reading["hypervisor.uuid"] == "zero")
        || reading.Lscpu is { HypervisorVendor: "Xen", VirtualizationType: HypervisorSign.None };

    /// <summary>Finds the sign, or null where there is no Xen.</summary>
    /// <param name="reading">What the machine shows.</param>
    /// <param name="info">The lines of /proc/cpuinfo.</param>
    /// <returns>The sign.</returns>
    public static HypervisorSign? Find(HypervisorReading reading, CpuInfo info)
    {
        string? evidence = Evidence(reading, info);
        return evidence is null ? null : new HypervisorSign("Xen", Type(reading, info), evidence);
    }

    private static string? Evidence(HypervisorReading reading, CpuInfo info) =>
        reading switch
        {
            _ when reading["hypervisor.type"] == "xen" => "/sys/hypervisor/type: xen",
            _ when reading.Has("xen") => $"/proc/xen/capabilities: {reading["xen.capabilities"]}",
            _ when reading["tree.hypervisor.compatible"].Contains("xen,xen", StringComparison.Ordinal) =>
                "/proc/device-tree/hypervisor/compatible: xen,xen",
            _ when reading.Lscpu.HypervisorVendor == "Xen" => "lscpu: Hypervisor vendor: Xen",

            // Only there is the bus registered for guests alone.
            _ when reading.Has("xen.bus") && IsItanium(info) => "/sys/bus/xen: present",
            _ when reading.PciIds.Contains("58530001") => "/proc/bus/pci/devices: 5853:0001",
            _ => null,
        };

    private static string Type(HypervisorReading reading, CpuInfo info)
    {
        if (IsControlDomain(reading))
        {
            return HypervisorSign.None;
        }

        if (reading["hypervisor.guest_type"] is { Length: > 0 } type)
        {
            return type == "HVM" ? HypervisorSign.Full : HypervisorSign.Para;
        }

        string digits = reading["hypervisor.features"];
        if (uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint features))
        {
            bool isPara = (features & ParavirtualMask) != 0 || (features & HybridMask) == HybridMask;
            return isPara ? HypervisorSign.Para : HypervisorSign.Full;
        }

        return reading.Lscpu.HypervisorVendor == "Xen" && reading.Lscpu.VirtualizationType is string told ? told
            : reading.Has("xen") ? HypervisorSign.Para
            : HypervisorSign.Full;
    }

    private static bool IsItanium(CpuInfo info) =>
        info["arch"] == "IA-64" || info["features"]?.StartsWith("branchlong", StringComparison.Ordinal) == true;
}
