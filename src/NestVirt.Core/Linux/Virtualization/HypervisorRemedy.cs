using NestVirt.Linux.Machine;

namespace NestVirt.Linux.Virtualization;

/// <summary>Says how the hypervisor below a guest passes its virtualization extension on.</summary>
/// <remarks>
/// Clouds: EC2's API reference, CpuOptions (nestedVirtualization); Compute Engine's advancedMachineFeatures. arm64:
/// Documentation/admin-guide/kernel-parameters.txt (kvm-arm.mode); s390: arch/s390/kvm/kvm-s390.c (nested, hpage);
/// POWER: arch/powerpc/kvm/book3s_hv.c (nested), QEMU's cap-nested-hv.
/// </remarks>
internal static class HypervisorRemedy
{
    private const string BareMetal = "otherwise use a bare-metal machine.";

    /// <summary>Gets the way for a machine.</summary>
    /// <param name="machine">What the machine is.</param>
    /// <param name="architecture">Its architecture as <c>uname -m</c> names it, or null.</param>
    /// <returns>A sentence for the administrator.</returns>
    public static string For(MachineFacts machine, string? architecture)
    {
        if (machine.IsWsl)
        {
            return machine.Hypervisor.Vendor == "Microsoft"
                ? "Write nestedVirtualization=true under [wsl2] in .wslconfig of the Windows user, then run in Windows: wsl --shutdown"
                : "Version 1 of the Windows Subsystem for Linux has no Linux kernel and so no KVM: run in Windows wsl --set-version NAME 2";
        }

        bool isX86 = architecture is null || KvmArchitecture.IsX86(architecture);
        return OfCloud(machine, isX86)
            ?? machine.Hypervisor.Vendor switch
            {
                "KVM" or "QEMU" => OfKvm(machine, architecture, isX86),
                "Microsoft" when !isX86 =>
                    "Hyper-V does not pass the extension on to guests of this architecture: use a bare-metal machine.",
                "Microsoft" =>
                    "On the Hyper-V host, with this guest off, run: Set-VMProcessor -VMName NAME -ExposeVirtualizationExtensions $true. On Azure, choose a size that offers nested virtualization and the security type Standard.",
                "VMware" =>
                    "In VMware, with this guest off, tick \"Expose hardware assisted virtualization to the guest OS\", or write vhv.enable = \"TRUE\" to its .vmx file.",
                "Oracle" or "innotek" =>
                    "In VirtualBox, with this guest off, run: VBoxManage modifyvm NAME --nested-hw-virt on",
                "Xen" =>
                    "On the Xen host, write nestedhvm=1 (and hap=1) to this guest's configuration; it must be an HVM guest.",
                "Parallels" => "In Parallels, with this guest off, run: prlctl set NAME --nested-virt on",
                "z/VM" or "IBM" or "PR/SM" =>
                    "Let the layer below offer interpretive execution (the feature sie) to this system.",
                "pHyp" =>
                    $"On the management console, with this partition off, turn its KVM capability on, which PowerVM has from POWER10 on; {BareMetal}",
                _ =>
                    "Let the hypervisor below pass its virtualization extension on to this guest; in a cloud, choose an instance type that does.",
            };
    }

    private static string? OfCloud(MachineFacts machine, bool isX86) =>
        machine.Maker switch
        {
            "Amazon EC2" or "Xen" when IsNitroThatNests(machine.Product) =>
                $"Stop this instance ({machine.Product}), turn its CPU option NestedVirtualization on (aws ec2 modify-instance-cpu-options), and start it.",
            "Amazon EC2" when isX86 =>
                "On Amazon EC2, use an instance type that nests (c8i, m8i, r8i and their flex variants) with the CPU option NestedVirtualization=enabled, or a .metal type.",
            "Amazon EC2" =>
                "On Amazon EC2, use a .metal type: no other of this architecture has the hypervisor's exception level.",
            "Google" when isX86 =>
                "On Google Compute Engine, with this instance stopped, turn advancedMachineFeatures.enableNestedVirtualization on; the machine type must be one with Intel processors that offers it, which E2 is not.",
            "Google" => "On Google Compute Engine, use a bare-metal machine type: no other of this architecture nests.",
            "Alibaba Cloud" => "On Alibaba Cloud, use an ECS bare-metal instance (a type with ebm in its name).",
            "DigitalOcean" or "Hetzner" when !isX86 => "Use a bare-metal machine.",
            _ => null,
        };

    private static bool IsNitroThatNests(string? product) =>
        product is not null
        && product.Split('.')[0] is "c8i" or "m8i" or "r8i" or "c8i-flex" or "m8i-flex" or "r8i-flex";

    private static string OfKvm(MachineFacts machine, string? architecture, bool isX86)
    {
        if (isX86)
        {
            string module =
                KvmArchitecture.NestingModule(architecture ?? "x86_64", machine.Cpu.Vendor, null)
                ?? "kvm_intel or kvm_amd";
            return $"On the KVM host below, turn nesting on ({module} nested=1) and give this guest <cpu mode='host-passthrough'/>, then start it anew. In a cloud, choose an instance type that offers nested virtualization.";
        }

        return architecture switch
        {
            _ when KvmArchitecture.IsArm64(architecture) =>
                $"On the KVM host below, boot with kvm-arm.mode=nested, which needs a processor with FEAT_NV2 and Linux 6.16, and give this guest the exception level EL2 (QEMU: -machine virt,virtualization=on); {BareMetal}",
            _ when KvmArchitecture.IsS390(architecture) =>
                $"On the KVM host below, load kvm with nested=1 (and hpage=0) and give this guest a CPU model with sie, as <cpu mode='host-passthrough'/> does; {BareMetal}",
            _ when architecture!.StartsWith("ppc64", StringComparison.Ordinal) =>
                $"On the KVM host below, load kvm_hv with nested=1 and give this guest the machine option cap-nested-hv=on; {BareMetal}",
            _ => "KVM does not pass the extension on to guests of this architecture: use a bare-metal machine.",
        };
    }
}
