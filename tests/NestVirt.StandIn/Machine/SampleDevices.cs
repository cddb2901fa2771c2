namespace NestVirt.StandIn.Machine;

/// <summary>
/// The devices of a server to try things with: one that is given to a VM as it is, one that needs more room in the VM, one
/// with virtual functions, and those that stay with the host. Identifiers are those of pci.ids.
/// </summary>
public static class SampleDevices
{
    private const ulong Megabyte = 1 << 20;

    /// <summary>Adds them.</summary>
    public static void AddTo(HyperVMachine machine)
    {
        machine.AddDevice(
            new HostDevice(@"ACPI\PNP0A08\1", "PCI Express Root Complex") { Service = "pci", Interrupts = [] }
        );
        machine.AddDevice(
            new HostDevice(@"ROOT\VID\0000", "Microsoft Hyper-V Virtualization Infrastructure Driver")
            {
                Service = "Vid",
                Interrupts = [],
            }
        );
        machine.AddDevice(
            new HostDevice(@"PCI\VEN_8086&DEV_2030&SUBSYS_00000000&REV_04\3&11583659&0&00", "PCI Express Root Port")
            {
                Bus = 23,
                ClassCode = 0x060400,
                DeviceType = 8,
                Interrupts = [4294967294],
                LocationPath = "PCIROOT(17)#PCI(0000)",
                Service = "pci",
            }
        );
        machine.AddDevice(Disk()).Use.Partitions = 0;
        machine.AddDevice(Gpu());
        for (uint function = 0; function < 2; function++)
        {
            HostDevice adapter = machine.AddDevice(Adapter(function));
            machine.AddSriovAdapter($"SLOT 3 Port {function + 1}", support: 1, device: adapter);
        }

        machine.AddDevice(
            new HostDevice(
                @"PCI\VEN_1A03&DEV_2000&SUBSYS_20001A03&REV_41\5&2C4F1B0&0&0000E0",
                "Microsoft Basic Display Adapter"
            )
            {
                Acs = 0,
                Bus = 3,
                ClassCode = 0x030000,
                DeviceType = 0,
                HasMitigations = false,
                Interrupts = [16],
                LocationPath = "PCIROOT(0)#PCI(1C05)#PCI(0000)#PCI(0000)",
                Manufacturer = "(Standard display types)",
                Memory = [(0x91000000, 0x91FFFFFF), (0x92000000, 0x9201FFFF)],
                PnpClass = "Display",
                Service = "BasicDisplay",
            }
        );
        machine.AddDevice(
            new HostDevice(
                @"PCI\VEN_8086&DEV_A1AF&SUBSYS_07161028&REV_09\3&11583659&0&A0",
                "Intel(R) USB 3.0 eXtensible Host Controller"
            )
            {
                ClassCode = 0x0C0330,
                DeviceType = 4,
                HasMitigations = false,
                Interrupts = [4294967280],
                LocationPath = "PCIROOT(0)#PCI(1400)",
                Manufacturer = "Generic USB xHCI Host Controller",
                Memory = [(0x92D00000, 0x92D0FFFF)],
                NeedsReservedMemory = true,
                PnpClass = "USB",
                Service = "USBXHCI",
                Slot = 20,
            }
        );
    }

    private static HostDevice Disk() =>
        new(@"PCI\VEN_144D&DEV_A808&SUBSYS_A801144D&REV_00\4&A1F3C2D&0&0000", "Standard NVM Express Controller")
        {
            Bus = 24,
            ClassCode = 0x010802,
            Interrupts = [4294967293, 4294967292],
            LocationPath = "PCIROOT(17)#PCI(0000)#PCI(0000)",
            Manufacturer = "Standard NVM Express Controller",
            Memory = [(0xB4D00000, 0xB4D03FFF)],
            PnpClass = "SCSIAdapter",
            Service = "stornvme",
        };

    // 16 GB of its memory are seen at once, which is more than the gaps of a new VM hold.
    private static HostDevice Gpu() =>
        new(@"PCI\VEN_10DE&DEV_1DB4&SUBSYS_121410DE&REV_A1\4&2F8C9A1&0&0000", "NVIDIA Tesla V100-PCIE-16GB")
        {
            Bus = 59,
            ClassCode = 0x030200,
            Interrupts = [4294967291],
            LocationPath = "PCIROOT(3A)#PCI(0000)#PCI(0000)",
            Manufacturer = "NVIDIA",
            Memory =
            [
                (0xC4000000, 0xC4FFFFFF),
                (0x386000000000, 0x386000000000 + (16384 * Megabyte) - 1),
                (0x386400000000, 0x386400000000 + (32 * Megabyte) - 1),
            ],
            PnpClass = "Display",
            Service = "nvlddmkm",
        };

    private static HostDevice Adapter(uint function) =>
        new(
            $@"PCI\VEN_8086&DEV_1572&SUBSYS_00078086&REV_02\0000C9FFFF00000{function}",
            function == 0
                ? "Intel(R) Ethernet Converged Network Adapter X710"
                : "Intel(R) Ethernet Converged Network Adapter X710 #2"
        )
        {
            Bus = 94,
            ClassCode = 0x020000,
            Function = function,
            HasMitigations = false,
            Interrupts = [4294967290 - (function * 2), 4294967289 - (function * 2)],
            LocationPath = $"PCIROOT(5D)#PCI(0000)#PCI(000{function})",
            Manufacturer = "Intel",
            Memory = [(0xE0800000 - (function * 0x800000), 0xE0FFFFFF - (function * 0x800000))],
            PnpClass = "Net",
            Service = "i40ea68",
            SriovSupport = 0,
        };
}
