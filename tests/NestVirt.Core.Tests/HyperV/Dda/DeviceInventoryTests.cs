using NestVirt.HyperV.Dda;
using NestVirt.HyperV.VirtualMachines;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.HyperV.Dda;

public sealed class DeviceInventoryTests
{
    private const string Gpu = @"VEN_10DE&DEV_1EB8&SUBSYS_12A210DE&REV_A1\6&3415A8A&0&00000019";
    private const string GpuLocation = "PCIROOT(16)#PCI(0000)#PCI(0000)";

    [Fact]
    public void A_device_is_read_from_what_four_answers_say_of_it()
    {
        HostDevice device = Assert.Single(Read(new WindowsHost { Devices = [new WindowsDevice()] }).Devices);

        Assert.Equal("0000:3b:00.1", device.Address?.ToString());
        Assert.Equal(
            new HostDevice(@"PCI\VEN_8086&DEV_1572&SUBSYS_00078086&REV_01\4&2A61D5DA&0&0018")
            {
                LocationPath = "PCIROOT(0)#PCI(0300)#PCI(0000)",
                Address = new PciAddress(0, 0x3B, 0, 1),
                Name = "Intel(R) Ethernet Converged Network Adapter X710",
                Manufacturer = "Intel",
                PnpClass = "Net",
                Service = "i40ea",
                ProblemCode = 0,
                Ids = new HardwareIds
                {
                    VendorId = 0x8086,
                    DeviceId = 0x1572,
                    SubsystemVendorId = 0x8086,
                    SubsystemDeviceId = 0x0007,
                    Revision = 1,
                    ClassCode = 0x020000,
                },
                DeviceType = 2,
                BaseClass = 2,
                AcsCompatibleUpHierarchy = 3,
                RequiresReservedMemoryRegion = false,
                Interrupts = DeviceInterrupts.MessageSignalled,
                Memory = device.Memory,
                IsOwnerKnown = true,
            },
            device
        );
        Assert.Equal([(0xC000_0000UL, 0xC0FF_FFFFUL), (0xC100_0000UL, 0xC100_7FFFUL)], Ranges(device));
        Assert.Equal(0x100_8000UL, device.MemoryBytes);
        Assert.False(device.IsDismounted);
    }

    [Fact]
    public void A_device_with_one_location_path_has_it() =>
        Assert.Equal(
            "PCIROOT(0)#PCI(0300)#PCI(0000)",
            Assert
                .Single(Read(new WindowsHost { Devices = [new WindowsDevice { HasOneLocation = true }] }).Devices)
                .LocationPath
        );

    [Theory]
    [InlineData(0x0203L, 0x0005_0002L, "0002:03:05.2")]
    [InlineData(0L, 0x001F_0007L, "0000:00:1f.7")]
    [InlineData(0x0000_0100L, 0L, "0001:00:00.0")]
    [InlineData(0x0100_0000L, 0L, null)]
    [InlineData(1L, 0x0020_0000L, null)]
    [InlineData(1L, 8L, null)]
    [InlineData(1L, 0xFFFF_FFFFL, null)]
    [InlineData(null, 0L, null)]
    public void The_number_of_the_bus_holds_the_segment_and_the_address_device_and_function(
        long? bus,
        long place,
        string? address
    ) =>
        Assert.Equal(
            address,
            Assert
                .Single(Read(new WindowsHost { Devices = [new WindowsDevice { Bus = bus, Place = place }] }).Devices)
                .Address?.ToString()
        );

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Properties_are_known_by_their_names_and_by_set_and_number(bool names)
    {
        HostDevice device = Assert.Single(
            Read(
                new WindowsHost
                {
                    Devices =
                    [
                        new WindowsDevice
                        {
                            NamesProperties = names,
                            Type = 4,
                            BaseClass = 12,
                            Acs = 1,
                            Reserved = true,
                        },
                    ],
                }
            ).Devices
        );

        Assert.Equal(
            (4, 12, 1, true),
            (device.DeviceType, device.BaseClass, device.AcsCompatibleUpHierarchy, device.RequiresReservedMemoryRegion)
        );
    }

    [Fact]
    public void A_device_that_told_nothing_of_itself_leaves_the_others_what_they_told()
    {
        WindowsDevice silent = new() { Path = @"PCI\VEN_8086&DEV_0001&SUBSYS_00000000&REV_00\3&1" };
        WindowsHost host = new() { Devices = [new WindowsDevice(), silent] };
        ProbeAnswers answers = host.Answers();
        answers.Set(
            "hvpci",
            new ProbeAnswer(answers.All["hvpci"].Text.Replace(silent.Properties, "", StringComparison.Ordinal))
        );

        IReadOnlyList<HostDevice> devices = DeviceInventory.Require(answers).Devices;

        Assert.Equal(3, devices[0].AcsCompatibleUpHierarchy);
        Assert.Equal(silent.Path, devices[1].InstancePath);
        Assert.Equal(
            (null, null, null, null, null),
            (
                devices[1].Address,
                devices[1].LocationPath,
                devices[1].DeviceType,
                devices[1].AcsCompatibleUpHierarchy,
                devices[1].RequiresReservedMemoryRegion
            )
        );
        Assert.Equal(0x0001, (int)devices[1].Ids.DeviceId!);
    }

    [Theory]
    [InlineData(new uint[0], DeviceInterrupts.None)]
    [InlineData(new uint[] { 16 }, DeviceInterrupts.LineBased)]
    [InlineData(new uint[] { 16, 4294967270 }, DeviceInterrupts.MessageSignalled)]
    [InlineData(new uint[] { 4294899999 }, DeviceInterrupts.LineBased)]
    [InlineData(new uint[] { 4294900000 }, DeviceInterrupts.MessageSignalled)]
    public void Interrupts_from_4294900000_on_are_messages(uint[] numbers, object expected) =>
        Assert.Equal(
            expected,
            Assert
                .Single(Read(new WindowsHost { Devices = [new WindowsDevice { Interrupts = numbers }] }).Devices)
                .Interrupts
        );

    [Fact]
    public void Resources_that_were_not_told_are_unknown_and_not_none()
    {
        ProbeAnswers answers = new WindowsHost { Devices = [new WindowsDevice()] }.Answers();
        answers.Set("hvpciresources", new ProbeAnswer(string.Empty, WindowsHost.Denied));

        HostDevice device = Assert.Single(DeviceInventory.Require(answers).Devices);

        Assert.Equal((DeviceInterrupts.Unknown, null, null), (device.Interrupts, device.Memory, device.MemoryBytes));
    }

    [Fact]
    public void A_range_whose_end_is_not_told_makes_the_memory_unknown()
    {
        ProbeAnswers answers = new WindowsHost { Devices = [new WindowsDevice()] }.Answers();
        answers.Set("hvpcimemory", new ProbeAnswer(string.Empty));

        Assert.Null(Assert.Single(DeviceInventory.Require(answers).Devices).Memory);
    }

    [Fact]
    public void What_is_not_present_or_no_PCI_device_is_left_out()
    {
        WindowsHost host = new()
        {
            Devices =
            [
                new WindowsDevice { Present = false },
                new WindowsDevice { Path = @"PCIIDE\IDECHANNEL\4&1", Present = true },
                new WindowsDevice { Path = @"PCI\VEN_8086&DEV_0002\3&2", Present = null },
            ],
        };

        Assert.Equal(@"PCI\VEN_8086&DEV_0002\3&2", Assert.Single(Read(host).Devices).InstancePath);
    }

    [Fact]
    public void A_dismounted_device_is_joined_with_what_Hyper_V_lists_and_with_the_machine_that_owns_it()
    {
        string path = $@"PCIP\{Gpu}";
        WindowsHost host = new()
        {
            Devices =
            [
                new WindowsDevice(),
                new WindowsDevice
                {
                    Path = path,
                    Location = null,
                    Service = "pcip",
                },
            ],

            // The one that a machine has stands first here: it is not the one to give away.
            Assignable = [(WindowsVM.FirstId, path, GpuLocation), ("HV1", path, GpuLocation)],
            VMs = [new WindowsVM { Devices = [ResourceOf(path)] }],
        };

        DeviceInventory inventory = Read(host);
        HostDevice device = Assert.Single(inventory.Devices, static one => one.IsDismounted);

        Assert.Equal((path, GpuLocation), (device.InstancePath, device.LocationPath));
        Assert.Equal(Guid.Parse(WindowsVM.FirstId), device.Owner);
        Assert.Equal(
            $@"root\virtualization\v2:Msvm_PciExpress.CreationClassName=""Msvm_PciExpress"",DeviceID=""Microsoft:{WindowsHost.HostId}\\PCIP\\{Gpu.Replace(@"\", @"\\", StringComparison.Ordinal)}"",SystemCreationClassName=""Msvm_ComputerSystem"",SystemName=""HV1""",
            device.AssignablePath?.ToWmi()
        );
        Assert.Same(device, inventory.Find($@"PCI\{Gpu}"));
        Assert.Same(device, inventory.FindByLocation(GpuLocation.ToLowerInvariant()));
        Assert.Null(Assert.Single(inventory.Devices, static one => !one.IsDismounted).Owner);
    }

    [Fact]
    public void What_Hyper_V_alone_knows_is_a_device_too()
    {
        HostDevice device = Assert.Single(
            Read(new WindowsHost { Assignable = [("HV1", $@"PCIP\{Gpu}", GpuLocation)] }).Devices
        );

        Assert.Equal((0x10DE, 0x1EB8), ((int)device.Ids.VendorId!, (int)device.Ids.DeviceId!));
        Assert.True(device.IsDismounted);
    }

    [Fact]
    public void A_setting_that_names_another_path_of_the_same_device_finds_it()
    {
        WindowsHost host = new()
        {
            Devices = [new WindowsDevice { Path = $@"PCI\{Gpu}" }],
            VMs = [new WindowsVM { Devices = [ResourceOf($@"PCIP\{Gpu}")], VirtualFunction = 3 }],
        };
        ProbeAnswers answers = host.Answers();

        VMDeviceFacts setting = Assert.Single(Assert.Single(VMInventory.Require(answers).VMs).Devices);

        Assert.True(setting.IsVirtualFunction);
        Assert.StartsWith($"Microsoft:{WindowsVM.FirstId}", setting.Id, StringComparison.Ordinal);
        Assert.Equal($@"PCI\{Gpu}", DeviceInventory.Require(answers).Find(setting)?.InstancePath);
    }

    [Fact]
    public void A_checkpoint_owns_nothing()
    {
        WindowsVM checkpoint = new()
        {
            Id = "C0FFEE00-0000-4000-8000-000000000001",
            Devices = [ResourceOf($@"PCIP\{Gpu}")],
        };
        WindowsHost host = new()
        {
            Devices = [new WindowsDevice { Path = $@"PCIP\{Gpu}" }],
            VMs = [new WindowsVM()],
            Others = [("hvresources", checkpoint.Resources)],
        };

        Assert.Null(Assert.Single(Read(host).Devices).Owner);
    }

    [Theory]
    [InlineData(WindowsHost.Denied, NestVirtErrorKind.HostPermissionDenied)]
    [InlineData(WindowsHost.Missing, NestVirtErrorKind.FeatureNotSupported)]
    public void A_host_that_does_not_tell_of_its_devices_says_why(string reason, NestVirtErrorKind kind)
    {
        ProbeAnswers answers = new WindowsHost().Answers();
        answers.Set("hvpci", new ProbeAnswer(string.Empty, reason));

        NestVirtException error = Assert.Throws<NestVirtException>(() => DeviceInventory.Require(answers));

        Assert.Equal(kind, error.Kind);
        Assert.StartsWith("Which PCI devices the host has cannot be told: ", error.Message, StringComparison.Ordinal);
    }

    private static string ResourceOf(string path) =>
        $@"\\HV1\root\virtualization\v2:Msvm_PciExpress.CreationClassName=""Msvm_PciExpress"",DeviceID=""Microsoft:{WindowsHost.HostId}\\{path.Replace(@"\", @"\\", StringComparison.Ordinal)}"",SystemCreationClassName=""Msvm_ComputerSystem"",SystemName=""HV1""";

    private static DeviceInventory Read(WindowsHost host) => DeviceInventory.Require(host.Answers());

    private static IEnumerable<(ulong, ulong)> Ranges(HostDevice device) =>
        device.Memory!.Select(static range => (range.Start, range.End));
}
