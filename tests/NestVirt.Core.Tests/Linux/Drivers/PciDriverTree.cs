using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux.Drivers;
using NestVirt.Probing;

namespace NestVirt.Core.Tests.Linux.Drivers;

/// <summary>A tree of a host with a disk that carries the root, two network cards and a bridge.</summary>
internal sealed class PciDriverTree : IDisposable
{
    public const string Disk = "0000:01:00.0";
    public const string Card = "0000:02:00.0";
    public const string Twin = "0000:02:00.1";
    public const string Bridge = "0000:00:01.0";

    private const string Root = "sys/devices/pci0000:00";

    public PciDriverTree()
    {
        Tree.Write("proc/sys/kernel/osrelease", "6.1.0\n")
            .Write("proc/sys/kernel/random/boot_id", "boot\n")
            .Write("proc/cmdline", "quiet\n")
            .Write("proc/self/mountinfo", "24 1 259:0 / / rw - ext4 /dev/nvme0n1 rw\n")
            .Write("run/udev/control", "")
            .Write(
                "lib/modules/6.1.0/modules.dep",
                "kernel/drivers/vfio/pci/vfio-pci.ko.xz: kernel/drivers/vfio/vfio.ko.xz\n"
            )
            .Write("sys/bus/pci/drivers/xhci_hcd/bind", "");
        Add(Bridge, "0x060400", "0x1022", "0x1234", "pcieport", 1);
        Add(Disk, "0x010802", "0x144d", "0xa808", "nvme", 2);
        Add(Card, "0x020000", "0x8086", "0x10d3", "e1000e", 3);
        Add(Twin, "0x020000", "0x8086", "0x10d3", "e1000e", 3);
        Tree.Write($"{Root}/{Disk}/nvme/nvme0/nvme0n1/dev", "259:0\n")
            .Link("sys/class/block/nvme0n1", $"../../devices/pci0000:00/{Disk}/nvme/nvme0/nvme0n1")
            .Link("sys/block/nvme0n1", $"../devices/pci0000:00/{Disk}/nvme/nvme0/nvme0n1")
            .Write($"{Root}/{Card}/net/eth1/flags", "0x1002\n")
            .Link("sys/class/net/eth1", $"../../devices/pci0000:00/{Card}/net/eth1");
    }

    public HostTree Tree { get; } = new();

    public PciDriverTree Add(string address, string classCode, string vendor, string device, string? driver, int? group)
    {
        string folder = $"{Root}/{address}";
        Tree.Write($"{folder}/class", classCode + "\n")
            .Write($"{folder}/vendor", vendor + "\n")
            .Write($"{folder}/device", device + "\n")
            .Write($"{folder}/driver_override", "(null)\n")
            .Write($"{folder}/reset_method", "flr bus\n")
            .Link($"sys/bus/pci/devices/{address}", $"../../../devices/pci0000:00/{address}");
        if (driver is not null)
        {
            Tree.Write($"sys/bus/pci/drivers/{driver}/bind", "")
                .Link($"{folder}/driver", $"../../../bus/pci/drivers/{driver}");
        }

        if (group is not null)
        {
            Tree.Write($"sys/kernel/iommu_groups/{group}/type", "DMA\n")
                .Link($"{folder}/iommu_group", $"../../../kernel/iommu_groups/{group}")
                .Link(
                    $"sys/kernel/iommu_groups/{group}/devices/{address}",
                    $"../../../../devices/pci0000:00/{address}"
                );
        }

        return this;
    }

    /// <summary>Lists all of VFIO's modules in the kernel's index.</summary>
    public PciDriverTree WithVfioModules()
    {
        Tree.Write(
            "lib/modules/6.1.0/modules.dep",
            string.Concat(
                ((string[])["pci/vfio-pci", "pci/vfio-pci-core", "vfio", "vfio_iommu_type1"]).Select(static name =>
                    $"kernel/drivers/vfio/{name}.ko:\n"
                )
            )
        );
        return this;
    }

    /// <summary>Writes a file of a function.</summary>
    public PciDriverTree Set(string address, string file, string text)
    {
        Tree.Write($"{Root}/{address}/{file}", text);
        return this;
    }

    /// <summary>Binds a function to another driver, or to none.</summary>
    public PciDriverTree Bind(string address, string? driver)
    {
        File.Delete($"{Tree.Path}/{Root}/{address}/driver");
        if (driver is not null)
        {
            Tree.Write($"sys/bus/pci/drivers/{driver}/bind", "")
                .Link($"{Root}/{address}/driver", $"../../../bus/pci/drivers/{driver}");
        }

        return this;
    }

    public async Task<ChangePlan> PlanAsync(PciDriverRequest request)
    {
        ProbeAnswers answers = await Tree.ReadAsync([.. PciDriverPlanner.Probes]);
        return PciDriverPlanner.Plan(HostTarget.Local, request, answers);
    }

    public Task<ChangePlan> PlanAsync(string address, string? driver) =>
        PlanAsync(new PciDriverRequest(address, driver));

    /// <summary>Gets the codes of a refusal.</summary>
    public async Task<IReadOnlyList<string>> RefusedAsync(PciDriverRequest request) =>
        [
            .. (await Assert.ThrowsAsync<ChangeRefusedException>(() => PlanAsync(request))).Reasons.Select(
                static reason => reason.Code
            ),
        ];

    public void Dispose() => Tree.Dispose();
}
