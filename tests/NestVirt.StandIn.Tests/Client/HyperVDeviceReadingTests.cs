using NestVirt.HyperV;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Questions;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Tests.Client;

/// <summary>What is told of the devices of a Hyper-V host, asked over WS-Management of a stand-in that others wrote.</summary>
public sealed class HyperVDeviceReadingTests
{
    private static readonly HyperVPlatform s_platform = new();

    [Fact]
    public async Task Each_device_is_judged_from_what_the_host_tells_of_it()
    {
        (HyperVMachine machine, HostDevice disk) = Machine(new HostFacts { Language = "ja-JP" });
        machine.Devices.First(static one => one.Service == "nvlddmkm").ErrorCode = HostDevice.DisabledCode;
        VirtualMachine vm = machine.AddVM("lab", new VMOptions());
        vm.Devices.Add(HyperVReadingTests.Device(machine, vm, disk.InstancePath));

        HyperVAnswers told = await HyperVAnswers.AskAsync(machine);

        Assert.Equal(
            [
                ("0000:00:14.0", false, FindingCodes.DeviceReservedMemory, null),
                ("0000:03:00.0", false, FindingCodes.NoAcsOnPath, null),
                ("0000:17:00.0", false, FindingCodes.IsBridge, null),
                ("0000:18:00.0", true, FindingCodes.DeviceDismounted, "lab"),
                ("0000:3b:00.0", null, FindingCodes.DeviceDisabled, null),
                ("0000:5e:00.0", true, FindingCodes.DeviceAssignable, null),
                ("0000:5e:00.1", true, FindingCodes.DeviceAssignable, (string?)null),
            ],
            told.Read(HostQuestions.PciDevices)
                .Select(static one => (one.Address, one.IsAssignable, one.Reasons[0].Code, one.OwnerVm))
        );
        VmPciDevice owned = Assert.Single(told.Read(HostQuestions.VmPciDevices));
        Assert.Equal(
            ("lab", "0000:18:00.0", "PCIROOT(17)#PCI(0000)#PCI(0000)", disk.InstancePath, true),
            (owned.VmName, owned.Address, owned.LocationPath, owned.InstancePath, owned.IsKnownToHost)
        );
        Assert.Equal(
            [("0000:5e:00.0", "SLOT 3 Port 1", 64), ("0000:5e:00.1", "SLOT 3 Port 2", 64)],
            told.Read(HostQuestions.SriovDevices)
                .Select(static one => (one.Address, one.Device.NetworkInterfaces[0], one.TotalCount))
        );
    }

    [Fact]
    public async Task One_message_a_device_tells_what_no_query_does_and_the_other_questions_send_none()
    {
        (HyperVMachine machine, _) = Machine(new HostFacts());
        int devices = machine.Devices.Count(static one => one.IsPci);

        Assert.Equal(devices, await CallsOfAsync(machine, s_platform.Find(HostQuestions.PciDevices)!.Probes));
        Assert.Equal(0, await CallsOfAsync(machine, s_platform.Find(HostQuestions.Support)!.Probes));
        Assert.Equal(0, await CallsOfAsync(machine, s_platform.Find(HostQuestions.VmNestedCpus)!.Probes));
    }

    [Fact]
    public async Task What_a_device_withholds_is_unknown_of_it_alone()
    {
        (HyperVMachine machine, _) = Machine(new HostFacts());
        HostDevice adapter = machine.Devices.First(static one => one.Service == "i40ea68");
        adapter.Withheld.Add("DEVPKEY_PciDevice_AcsCompatibleUpHierarchy");

        IReadOnlyList<PciDevice> told = (await HyperVAnswers.AskAsync(machine)).Read(HostQuestions.PciDevices);

        PciDevice unknown = Assert.Single(told, static one => one.IsAssignable is null);
        Assert.Equal(
            (adapter.InstancePath, FindingCodes.DeviceNotTold),
            (unknown.InstancePath, Assert.Single(unknown.Reasons).Code)
        );
    }

    [Fact]
    public async Task A_host_without_remapping_gives_nothing_away_and_says_why()
    {
        const string Reason = "チップセットは割り込みの再マップを行いません。";
        (HyperVMachine machine, _) = Machine(new HostFacts { IsIovSupported = false, IovReasons = [Reason] });

        HyperVAnswers told = await HyperVAnswers.AskAsync(machine);

        Assert.All(
            told.Read(HostQuestions.PciDevices),
            static one =>
                Assert.Equal(
                    (false, FindingCodes.HyperVIovUnsupported, Reason),
                    (one.IsAssignable, one.Reasons[0].Code, one.Reasons[0].Evidence)
                )
        );
        Assert.All(
            told.Read(HostQuestions.SriovDevices),
            static one => Assert.Equal(FindingCodes.HyperVIovUnsupported, Assert.Single(one.Reasons).Code)
        );
    }

    private static (HyperVMachine Machine, HostDevice Disk) Machine(HostFacts host)
    {
        HyperVMachine machine = new(host);
        SampleDevices.AddTo(machine);
        HostDevice disk = machine.Devices.First(static one => one.Service == "stornvme");
        disk.IsDismounted = true;
        return (machine, disk);
    }

    private static async Task<int> CallsOfAsync(HyperVMachine machine, IReadOnlyList<HostProbe> probes)
    {
        await using ClientHost client = await ClientHost.OverHttpAsync(machine);
        await CimAnswers.AskAsync(
            client.Session,
            [.. probes.Cast<CimProbe>().Distinct()],
            TestContext.Current.CancellationToken
        );
        return client.Host.Requests.Count(static one =>
            one.Text.Contains("GetDeviceProperties_INPUT", StringComparison.Ordinal)
        );
    }
}
