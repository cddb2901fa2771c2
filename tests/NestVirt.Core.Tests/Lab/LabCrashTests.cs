using System.Runtime.Versioning;
using NestVirt.Changes;

namespace NestVirt.Core.Tests.Lab;

/// <summary>Ends what makes a change along every kind of it that a running kernel takes.</summary>
[Trait("Category", "Lab")]
[Collection("Lab")]
[UnsupportedOSPlatform("windows")]
public sealed class LabCrashTests
{
    private const string Host = LabHost.Amd;

    private readonly LabCrash _crash = new(Host, "mv", "modprobe");

    [Fact]
    public Task Nesting()
    {
        Needs.Lab(Host);
        return _crash.EndAlongAsync(new NestingRequest(Enable: false), "cat /sys/module/kvm_amd/parameters/nested");
    }

    [Fact]
    public Task Huge_pages()
    {
        Needs.Lab(Host);
        return _crash.EndAlongAsync(
            new HugePageRequest(2048, 16) { Node = 1 },
            "cat /sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages"
        );
    }

    [Fact]
    public async Task Virtual_functions()
    {
        Needs.Lab(Host);
        string address = (await LabHost.RunAsync(Host, "cd /sys/bus/pci/drivers/igb; ls -d 0000:*")).Trim();
        VirtualFunctionRequest request = new(address, 2)
        {
            Index = 1,
            Settings = new Dictionary<string, string> { ["mac"] = "02:00:00:00:00:07", ["vlan"] = "5" },
        };
        await _crash.EndAlongAsync(
            request,
            $"cd /sys/bus/pci/devices/{address}; cat sriov_numvfs; ip link show dev \"$(ls net)\" | grep vf"
        );
    }

    [Fact]
    public async Task Driver_of_a_device()
    {
        Needs.Lab(Host);
        // A function that is alone in its group, and whose interface nobody uses. vfio-pci stays loaded when a change is
        // undone, so it is from the start: each change runs the same tools.
        string address = (
            await LabHost.RunAsync(
                Host,
                """
                modprobe vfio-pci
                for d in /sys/bus/pci/drivers/e1000e/0000:*; do
                  set -- "$d"/iommu_group/devices/*
                  [ $# -gt 2 ] || { basename "$d"; break; }
                done
                """
            )
        ).Trim();
        await _crash.EndAlongAsync(
            new PciDriverRequest(address, "vfio-pci"),
            $"basename \"$(readlink /sys/bus/pci/devices/{address}/driver)\"; cat /sys/bus/pci/devices/{address}/driver_override"
        );
    }
}

/// <summary>The same along a change of the boot loader, on the host that GRUB starts.</summary>
[Trait("Category", "Lab")]
[Collection("LabRestart")]
[UnsupportedOSPlatform("windows")]
public sealed class LabBootCrashTests
{
    [Fact]
    public Task Kernel_parameters()
    {
        Needs.Lab(LabHost.Boot);
        return new LabCrash(LabHost.Boot, "mv", "grub-mkconfig").EndAlongAsync(
            new KernelParameterRequest(["transparent_hugepage=never"], ["quiet"]),
            "sha256sum /etc/default/grub /boot/grub/grub.cfg; stat -c '%a %u:%g' /etc/default/grub /boot/grub/grub.cfg; find /boot -name '.nestvirt.*'",
            ChangeState.Pending
        );
    }
}
