using NestVirt.Linux.Machine;

namespace NestVirt.Linux.Virtualization;

/// <summary>Tells POWER's partitions and guests from bare metal by its device tree and its processor lines.</summary>
internal static class PowerSigns
{
    private const string Emulated = "emulated by qemu";

    /// <summary>Tells whether the machine is bare metal by its own word (Power Non-Virtualized).</summary>
    /// <param name="reading">What the machine shows.</param>
    /// <param name="info">The lines of /proc/cpuinfo.</param>
    /// <returns>True if it is.</returns>
    public static bool IsBareMetal(HypervisorReading reading, CpuInfo info) =>
        info["platform"] == "PowerNV" || Holds(reading["tree.compatible"], "ibm,powernv");

    /// <summary>Finds the sign, or null on another kind of machine.</summary>
    /// <param name="reading">What the machine shows.</param>
    /// <param name="info">The lines of /proc/cpuinfo.</param>
    /// <returns>The sign.</returns>
    public static HypervisorSign? Find(HypervisorReading reading, CpuInfo info)
    {
        if (reading.Has("iseries"))
        {
            return new HypervisorSign("OS/400", HypervisorSign.Para, "/proc/iSeries: present");
        }

        if (IsBareMetal(reading, info))
        {
            string? emulated = Holds(info["machine"] ?? string.Empty, Emulated)
                ? $"/proc/cpuinfo: machine: {info["machine"]}"
                : OtherSigns.FindQemuMachine(reading);
            return emulated is null ? null : new HypervisorSign("QEMU", HypervisorSign.Full, emulated);
        }

        bool isPartition =
            info["platform"] == "pSeries" || reading.Has("lparcfg") || reading.Has("tree.partition.there");
        if (!isPartition)
        {
            return null;
        }

        string machine = info["machine"] ?? info["model"] ?? reading["tree.model"];
        if (
            Holds(machine, Emulated)
            || Holds(reading["tree.compatible"], "qemu,pseries")
            || Holds(reading["tree.hypervisor.compatible"], "linux,kvm")
            || reading.Has("tree.qemu")
        )
        {
            return new HypervisorSign("KVM", HypervisorSign.Para, $"/proc/cpuinfo, /proc/device-tree: {machine}");
        }

        if (reading.Has("tree.hmc") || reading.Has("lparcfg") || info["platform"] == "pSeries")
        {
            // A partition that owns the whole machine is named "full" (lscpu-virt.c).
            string type = reading["tree.partition"] == "full" ? HypervisorSign.None : HypervisorSign.Para;
            return new HypervisorSign("pHyp", type, $"/proc/device-tree, /proc/cpuinfo: {machine}");
        }

        return null;
    }

    private static bool Holds(string text, string part) => text.Contains(part, StringComparison.Ordinal);
}
