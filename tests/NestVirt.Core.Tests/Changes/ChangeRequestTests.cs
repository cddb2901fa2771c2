using NestVirt.Changes;
using NestVirt.Linux.Kvm;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Changes;

public sealed class ChangeRequestTests
{
    [Theory]
    [InlineData("zz", "AddressInvalid: 'zz' is no PCI address.")]
    [InlineData("0000:01:00.8", "AddressInvalid: '0000:01:00.8' is no PCI address.")]
    [InlineData("", "AddressInvalid: '' is no PCI address.")]
    [InlineData("01:00.0", "")]
    [InlineData("10000:E1:00.0", "")]
    public void An_address_is_judged_without_a_host(string address, string fault)
    {
        Assert.Equal(fault, Shown(new PciDriverRequest(address, Driver: null)));
        Assert.Equal(fault, Shown(new VirtualFunctionRequest(address, 1)));
    }

    [Theory]
    [InlineData("a/../b", "DriverInvalid: 'a/../b' is no name of a driver.")]
    [InlineData("-r", "DriverInvalid: '-r' is no name of a driver.")]
    [InlineData("vfio-pci", "")]
    [InlineData(null, "")]
    public void A_driver_is_judged_without_a_host(string? driver, string fault) =>
        Assert.Equal(fault, Shown(new PciDriverRequest("0000:01:00.0", driver)));

    [Theory]
    [InlineData("mac", "zz", "SettingInvalid: mac cannot be 'zz'.")]
    [InlineData("mac", "01:00:00:00:00:01", "SettingInvalid: mac cannot be '01:00:00:00:00:01'.")]
    [InlineData("mac", "02:00:00:00:00:AA", "")]
    [InlineData("vlan", "4095", "SettingInvalid: vlan cannot be '4095'.")]
    [InlineData("vlan", "abc", "SettingInvalid: vlan cannot be 'abc'.")]
    [InlineData("vlan", "4094", "")]
    [InlineData("qos", "9", "SettingInvalid: qos cannot be '9'.")]
    [InlineData("state", "up", "SettingInvalid: state cannot be 'up'.")]
    [InlineData("trust", "maybe", "SettingInvalid: trust cannot be 'maybe'.")]
    [InlineData("spoofchk", "ON", "")]
    [InlineData("rate", "1", "SettingUnknown: There is no setting rate of virtual functions.")]
    public void A_setting_is_judged_without_a_host(string name, string value, string fault) =>
        Assert.Equal(
            fault,
            Shown(new VirtualFunctionRequest("0000:01:00.0", null) { Index = 0, Settings = Words($"{name}={value}") })
        );

    [Theory]
    [InlineData("lab", "01:00.0", "")]
    [InlineData("lab", "pciroot(3A)#PCI(0000)", "")]
    [InlineData("lab", @"PCIP\VEN_10DE&DEV_1DB4\4&1", "")]
    [InlineData(" ", "01:00.0", "SettingInvalid: A blank word names no virtual machine.")]
    [InlineData("lab", " ", "SettingInvalid: A blank word names no device.")]
    [InlineData("lab", "GPU", "SettingInvalid: 'GPU' names no device.")]
    public void A_device_for_a_virtual_machine_is_judged_without_a_host(string vm, string device, string fault) =>
        Assert.Equal(fault, Shown(new VmPciDeviceRequest(vm, [device], Add: true)));

    [Theory]
    [InlineData(
        true,
        127,
        1,
        "SettingInvalid: A virtual machine cannot have 127 MiB for memory of devices below 4 GiB."
    )]
    [InlineData(true, 128, 0, "SettingInvalid: A virtual machine cannot have 0 MiB for memory of devices above 4 GiB.")]
    [InlineData(true, 3584, 33280, "")]
    [InlineData(false, null, 1024, "SettingInvalid: Space for memory of devices is set where devices are added alone.")]
    public void Space_for_memory_of_devices_is_judged_without_a_host(bool add, int? low, int? high, string fault) =>
        Assert.Equal(
            fault,
            Shown(new VmPciDeviceRequest("lab", ["01:00.0"], add) { LowMmioMebibytes = low, HighMmioMebibytes = high })
        );

    [Theory]
    [InlineData("kvm-amd", "nested=1", "")]
    [InlineData("igb", "x=1", "ModuleNotKvm: igb is none of KVM's modules.")]
    [InlineData(
        "kvm_amd",
        "nested=1 evil=2",
        "ValueInvalid: nested cannot be '1 evil=2': that is not one word of a line in modprobe's files."
    )]
    [InlineData("kvm_amd", "a b=1", "ParameterInvalid: 'a b' is no name of a parameter.")]
    [InlineData(
        "kvm_intel",
        "enable-ept=1|enable_ept=0",
        "ParameterTwice: One parameter is given twice: enable-ept=1 and enable_ept=0."
    )]
    public void A_parameter_is_judged_without_a_host(string module, string words, string fault) =>
        Assert.Equal(fault, Shown(new ModuleParameterRequest(module, Words(words.Split('|')))));

    [Theory]
    [InlineData(
        true,
        "nested=0",
        "NestingContradicted: nested=0 contradicts the request to enable nesting, which sets nested=1."
    )]
    [InlineData(
        false,
        "nested=1",
        "NestingContradicted: nested=1 contradicts the request to disable nesting, which sets nested=0."
    )]
    [InlineData(true, "nested=1", "")]
    [InlineData(
        true,
        "npt=a b",
        "ValueInvalid: npt cannot be 'a b': that is not one word of a line in modprobe's files."
    )]
    public void A_parameter_of_nesting_does_not_contradict_it(bool enable, string word, string fault) =>
        Assert.Equal(fault, Shown(new NestingRequest(enable) { Parameters = Words(word) }));

    [Theory]
    [InlineData(null, "EPYC", "SettingInvalid: A model is that of the mode custom.")]
    [InlineData(VmCpuMode.Maximum, "EPYC", "SettingInvalid: A model is that of the mode custom.")]
    [InlineData(VmCpuMode.Custom, null, "SettingInvalid: The mode custom needs a model.")]
    [InlineData(VmCpuMode.Custom, "a b", "SettingInvalid: 'a b' is no name of a processor model.")]
    [InlineData(VmCpuMode.Custom, "", "SettingInvalid: '' is no name of a processor model.")]
    [InlineData((VmCpuMode)9, null, "SettingInvalid: This is no mode of a processor.")]
    [InlineData(VmCpuMode.Custom, "EPYC-v1.2_x", "")]
    [InlineData(VmCpuMode.HostModel, null, "")]
    public void A_model_is_judged_without_a_host(VmCpuMode? mode, string? model, string fault) =>
        Assert.Equal(
            fault,
            Shown(
                new VmCpuRequest(["lab"])
                {
                    Mode = mode,
                    Model = model,
                    Expose = true,
                }
            )
        );

    [Theory]
    [InlineData("vmx", "require", "")]
    [InlineData("vmx", "on", "SettingInvalid: 'on' is no policy of a feature.")]
    [InlineData("$(id)", "require", "SettingInvalid: '$(id)' is no name of a feature.")]
    [InlineData("a'/><x", "require", "SettingInvalid: 'a'/><x' is no name of a feature.")]
    [InlineData("", "require", "SettingInvalid: '' is no name of a feature.")]
    public void A_feature_is_judged_without_a_host(string name, string policy, string fault) =>
        Assert.Equal(
            fault,
            Shown(new VmCpuRequest(["lab"]) { Features = new Dictionary<string, string> { [name] = policy } })
        );

    [Theory]
    [InlineData(1, 1, 4, 2, "")]
    [InlineData(
        0,
        1,
        4,
        2,
        "SettingInvalid: No virtual machine can have its processors laid out as sockets=0,dies=1,cores=4,threads=2."
    )]
    [InlineData(
        2048,
        2048,
        2048,
        2048,
        "SettingInvalid: No virtual machine can have its processors laid out as sockets=2048,dies=2048,cores=2048,threads=2048."
    )]
    public void A_topology_is_judged_without_a_host(int sockets, int dies, int cores, int threads, string fault) =>
        Assert.Equal(
            fault,
            Shown(new VmCpuRequest(["lab"]) { Topology = new VmCpuTopology(sockets, dies, cores, threads) })
        );

    [Fact]
    public void Migratable_is_judged_without_a_host() =>
        Assert.Equal(
            "SettingInvalid: Migratable is a matter of the modes host-passthrough and maximum.",
            Shown(new VmCpuRequest(["lab"]) { Mode = VmCpuMode.HostModel, Migratable = true })
        );

    [Fact]
    public void Every_module_of_the_catalog_can_be_named() =>
        Assert.Equal(KvmParameterCatalog.Modules, ModuleParameterFaults.Modules);

    private static Dictionary<string, string> Words(params string[] words) =>
        words
            .Select(static word => word.Split('=', 2))
            .ToDictionary(static pair => pair[0], static pair => pair[1], StringComparer.Ordinal);

    private static string Shown(ChangeRequest request)
    {
        IReadOnlyList<Finding> faults = request.FindFaults();
        Assert.All(faults, static fault => Assert.NotNull(fault.Remedy));
        return string.Join('|', faults.Select(static fault => $"{fault.Code}: {fault.Message}"));
    }
}
