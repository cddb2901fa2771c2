using NestVirt.Linux.Machine;

namespace NestVirt.Linux.Virtualization;

/// <summary>
/// Knows hypervisors by lscpu, the kernel's log, the processor's name, the device tree, the clock and PCI ids.
/// </summary>
internal static class OtherSigns
{
    /// <summary>Finds Windows Subsystem for Linux by the kernel's release, or null.</summary>
    /// <param name="reading">What the machine shows.</param>
    /// <returns>The sign: version 1 has no kernel of its own, version 2 is a Hyper-V guest.</returns>
    public static HypervisorSign? FindWsl(HypervisorReading reading)
    {
        string release = reading["release"];
        string evidence = $"/proc/sys/kernel/osrelease: {release}";
        return release switch
        {
            _ when release.Contains("-Microsoft", StringComparison.Ordinal) => new HypervisorSign(
                "Windows Subsystem for Linux",
                HypervisorSign.Container,
                evidence
            ),
            _ when release.Contains("microsoft-standard", StringComparison.Ordinal) || reading.Has("wslinterop") =>
                Full("Microsoft", evidence),
            _ => null,
        };
    }

    /// <summary>Takes over what lscpu says, or null.</summary>
    /// <param name="reading">What the machine shows.</param>
    /// <param name="flags">The flags of an x86 processor.</param>
    /// <returns>The sign. A vendor that we do not know counts where the processor says that there is one.</returns>
    public static HypervisorSign? FindInLscpu(HypervisorReading reading, X86Flags flags)
    {
        LscpuReading lscpu = reading.Lscpu;
        string? vendor = lscpu.HypervisorVendor ?? (flags.HasHypervisor == true ? lscpu.UnknownVendor : null);
        return vendor is null
            ? null
            : new HypervisorSign(
                vendor,
                lscpu.VirtualizationType ?? HypervisorSign.Full,
                $"lscpu: Hypervisor vendor: {vendor}"
            );
    }

    /// <summary>Finds the line by which the kernel names its hypervisor, or null.</summary>
    /// <param name="log">The kernel's log.</param>
    /// <returns>The sign.</returns>
    public static HypervisorSign? FindInLog(KernelLog log)
    {
        // arch/x86/kernel/cpu/hypervisor.c and the .name of each x86_hyper_*; drivers/firmware/smccc/kvm_guest.c.
        // arch/riscv/kernel/sbi.c; the ids are in the RISC-V SBI specification, base extension.
        string? line = log.Find("Hypervisor detected: ", "hypervisor services detected", "SBI implementation ID=");
        string? vendor = line switch
        {
            null => null,
            _ when Says(line, "ID=0x3 ") => "KVM",
            _ when Says(line, "ID=0x2 ") => "Xvisor",
            _ when Says(line, "ID=0x7 ") => "Xen",
            _ when Says(line, "KVM") => "KVM",
            _ when Says(line, "VMware") => "VMware",
            _ when Says(line, "Hyper-V") => "Microsoft",
            _ when Says(line, "Xen") => "Xen",
            _ when Says(line, "bhyve") => "bhyve",
            _ when Says(line, "ACRN") => "ACRN",
            _ when Says(line, "Jailhouse") => "Jailhouse",
            _ => null,
        };
        return vendor is null ? null : Full(vendor, $"kernel log: {line}");
    }

    /// <summary>Finds a processor that exists in a hypervisor only, or null.</summary>
    /// <param name="info">The lines of /proc/cpuinfo.</param>
    /// <returns>The sign.</returns>
    public static HypervisorSign? FindInCpu(CpuInfo info)
    {
        string vendor = info["vendor_id"] ?? string.Empty;
        string model = info["model name"] ?? string.Empty;
        return (vendor, model) switch
        {
            ("PowerVM Lx86", _) => Full("IBM", $"/proc/cpuinfo: vendor_id: {vendor}"),
            _ when vendor == "User Mode Linux" || model == "UML" => new HypervisorSign(
                "User-mode Linux",
                HypervisorSign.Para,
                $"/proc/cpuinfo: {vendor} {model}"
            ),
            _ when Says(model, "KVM processor") => Full("KVM", $"/proc/cpuinfo: {model}"),
            _ when Says(model, "QEMU Virtual CPU") => Full("QEMU", $"/proc/cpuinfo: {model}"),
            _ => null,
        };
    }

    /// <summary>Finds the hypervisor's node of a device tree, or null.</summary>
    /// <param name="reading">What the machine shows.</param>
    /// <returns>The sign.</returns>
    public static HypervisorSign? FindInTree(HypervisorReading reading)
    {
        string hypervisor = reading["tree.hypervisor.compatible"];
        string evidence = $"/proc/device-tree/hypervisor/compatible: {hypervisor}";
        return hypervisor switch
        {
            _ when Says(hypervisor, "linux,kvm") => Full("KVM", evidence),
            _ when Says(hypervisor, "vmware") => Full("VMware", evidence),
            _ when Says(hypervisor, "microsoft,hyperv") => Full("Microsoft", evidence),
            _ when reading.Has("tree.fwcfg") => Full("QEMU", "/proc/device-tree: fw-cfg"),
            _ when FindQemuMachine(reading) is { } machine => Full("QEMU", machine),

            // kvmtool, crosvm and Firecracker name their machine so, and have no fw-cfg as QEMU's has.
            _ when Says(reading["tree.compatible"], "linux,dummy-virt") => Full(
                "KVM",
                "/proc/device-tree/compatible: linux,dummy-virt"
            ),
            _ when reading.Has("tree.hypervisor") => Full(null, "/proc/device-tree/hypervisor: present"),
            _ => null,
        };
    }

    /// <summary>Finds a clock that only guests have, or null.</summary>
    /// <param name="reading">What the machine shows.</param>
    /// <returns>The sign.</returns>
    public static HypervisorSign? FindInClock(HypervisorReading reading)
    {
        string clocks = reading["clocksources"];
        string evidence = $"available_clocksource: {clocks}";
        return clocks switch
        {
            _ when Says(clocks, "kvm-clock") => Full("KVM", evidence),
            _ when Says(clocks, "hyperv_clocksource") => Full("Microsoft", evidence),
            _ => null,
        };
    }

    /// <summary>Finds a PCI function that only virtual machines have, or null.</summary>
    /// <param name="reading">What the machine shows.</param>
    /// <returns>The sign.</returns>
    public static HypervisorSign? FindInPci(HypervisorReading reading)
    {
        foreach (string id in reading.PciIds)
        {
            string? vendor = id.ToUpperInvariant() switch
            {
                "14145353" => "Microsoft",
                "15AD0405" or "15AD0710" or "15AD0740" or "15AD07A0" or "15AD07B0" => "VMware",
                "80EEBEEF" or "80EECAFE" => "Oracle",
                ['1', 'B', '3', '6', ..] => "QEMU",
                _ => null,
            };
            if (vendor is not null)
            {
                return Full(vendor, $"/proc/bus/pci/devices: {id}");
            }
        }

        return null;
    }

    /// <summary>Finds the name of a machine that QEMU alone makes, or null.</summary>
    /// <remarks>hw/riscv/virt.c, hw/loongarch/virt.c, hw/ppc/spapr.c, pnv.c and e500.c of QEMU.</remarks>
    /// <param name="reading">What the machine shows.</param>
    /// <returns>Where it stands, and the name.</returns>
    public static string? FindQemuMachine(HypervisorReading reading)
    {
        string model = reading["tree.model"];
        string compatible = reading["tree.compatible"];
        return Says(model, "qemu") ? $"/proc/device-tree/model: {model}"
            : Says(compatible, "qemu") || Says(compatible, "riscv-virtio") || Says(compatible, "linux,dummy-loongson3")
                ? $"/proc/device-tree/compatible: {compatible}"
            : null;
    }

    private static HypervisorSign Full(string? vendor, string evidence) => new(vendor, HypervisorSign.Full, evidence);

    private static bool Says(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);
}
