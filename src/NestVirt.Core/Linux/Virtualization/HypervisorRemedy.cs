namespace NestVirt.Linux.Virtualization;

/// <summary>Says how the hypervisor below a guest passes its virtualization extension on.</summary>
internal static class HypervisorRemedy
{
    /// <summary>Gets the way for a vendor.</summary>
    /// <param name="vendor">The vendor as lscpu names it, or null.</param>
    /// <returns>A sentence for the administrator.</returns>
    public static string For(string? vendor) =>
        vendor switch
        {
            "KVM" or "QEMU" =>
                "On the KVM host below, turn nesting on (kvm_intel or kvm_amd nested=1) and give this guest <cpu mode='host-passthrough'/>, then start it anew. In a cloud, choose an instance type that offers nested virtualization.",
            "Microsoft" =>
                "On the Hyper-V host, with this guest off, run: Set-VMProcessor -VMName NAME -ExposeVirtualizationExtensions $true. On Azure, choose a size that offers nested virtualization and the security type Standard.",
            "VMware" =>
                "In VMware, with this guest off, tick \"Expose hardware assisted virtualization to the guest OS\", or write vhv.enable = \"TRUE\" to its .vmx file.",
            "Oracle" or "innotek" =>
                "In VirtualBox, with this guest off, run: VBoxManage modifyvm NAME --nested-hw-virt on",
            "Xen" =>
                "On the Xen host, write nestedhvm=1 (and hap=1) to this guest's configuration; it must be an HVM guest. On Amazon EC2, choose an instance type that offers nested virtualization, or a .metal one.",
            "Parallels" => "In Parallels, with this guest off, run: prlctl set NAME --nested-virt on",
            "Windows Subsystem for Linux" or "WSL" =>
                "Write nestedVirtualization=true under [wsl2] in .wslconfig of the Windows user, then run: wsl --shutdown",
            "z/VM" or "IBM" or "PR/SM" =>
                "Let the layer below offer interpretive execution (the feature sie) to this system.",
            "Amazon" or "AWS" or "Google" or "Alibaba" =>
                "Choose an instance type that offers nested virtualization, turn it on where the cloud has a switch for it, or use a bare-metal type.",
            _ =>
                "Let the hypervisor below pass its virtualization extension on to this guest; in a cloud, choose an instance type that does.",
        };
}
