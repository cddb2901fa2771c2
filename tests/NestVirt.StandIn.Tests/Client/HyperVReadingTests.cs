using NestVirt.Model;
using NestVirt.Questions;
using NestVirt.StandIn.Machine;
using CimObject = NestVirt.StandIn.Cim.CimObject;

namespace NestVirt.StandIn.Tests.Client;

/// <summary>What is told of a Hyper-V host and its machines, asked over WS-Management of a stand-in that others wrote.</summary>
public sealed class HyperVReadingTests
{
    [Fact]
    public async Task Machines_are_told_by_their_id_whatever_the_language_and_templates_and_checkpoints_are_not()
    {
        HyperVMachine machine = new(new HostFacts { Language = "ja-JP" });
        VirtualMachine running = machine.AddVM(
            "実験",
            new VMOptions
            {
                State = VMState.Running,
                IsNested = true,
                AllowsMacSpoofing = true,
            }
        );
        VirtualMachine off = machine.AddVM("lab", new VMOptions { Processors = 8, Generation = 1 });
        VirtualMachine saved = machine.AddVM("lab", new VMOptions { State = VMState.Saved, IsNested = true });
        machine.AddVM("planned", new VMOptions { IsPlanned = true, IsNested = true });
        off.Processor["ExposeVirtualizationExtensions"] = true;
        off.Settings["Version"] = "5.0";
        off.AddCheckpoint("before");
        off.Processor["ExposeVirtualizationExtensions"] = false;
        off.Settings["Version"] = "9.0";

        HyperVAnswers told = await HyperVAnswers.AskAsync(machine);

        Assert.Equal(
            [
                ("実験", Id(running), VmState.Running, VmNesting.Now, Verdict.Ready, 2, 2, "10.0"),
                ("lab", Id(off), VmState.Off, VmNesting.Off, Verdict.Configurable, 8, 1, "9.0"),
                ("lab", Id(saved), VmState.Saved, VmNesting.NextStart, Verdict.Ready, 2, 2, "10.0"),
            ],
            told.Read(HostQuestions.VmNestedCpus)
                .Select(static vm =>
                    (
                        vm.VmName,
                        vm.Id,
                        vm.State,
                        vm.Nesting,
                        vm.Verdict,
                        vm.CpuCount!.Value,
                        vm.Generation!.Value,
                        vm.ConfigurationVersion!
                    )
                )
        );
        NestedSupport support = Assert.Single(told.Read(HostQuestions.Support));
        Assert.Equal(
            (HostPlatform.HyperV, HostLayer.L0, Verdict.Ready, NestedState.On, IommuState.On),
            (support.Platform, support.Layer, support.Verdict, support.Nested.Effective, support.Iommu.State)
        );
        Assert.Equal((128, 64), (support.Topology.LogicalCpuCount, support.Topology.CoreCount));
    }

    [Fact]
    public async Task What_a_machine_has_is_told()
    {
        HyperVMachine machine = new();
        VirtualMachine vm = machine.AddVM(
            "lab",
            new VMOptions
            {
                IsNested = true,
                HasDynamicMemory = true,
                Adapters = 3,
                IovWeight = 100,
                IsVbsOptedOut = true,
            }
        );
        vm.Processor["HwThreadsPerCore"] = 2;
        vm.Devices.Add(Device(machine, vm, @"PCIP\VEN_10DE&DEV_1EB8\6&3415A8A&0&00000019"));
        machine.AddVM("none", new VMOptions { Adapters = 0 });

        IReadOnlyList<VmNestedCpu> told = (await HyperVAnswers.AskAsync(machine)).Read(HostQuestions.VmNestedCpus);

        Assert.Equal(
            (2, 4L << 30, 512L << 20, 1L << 40, true, 3, 3, true, false),
            (
                told[0].ThreadsPerCore,
                told[0].MemoryBytes,
                told[0].MinimumMemoryBytes,
                told[0].MaximumMemoryBytes,
                told[0].HasDynamicMemory,
                told[0].AdapterCount,
                told[0].SriovAdapterCount,
                told[0].IsVbsOptedOut,
                told[0].AllowsMacSpoofing
            )
        );
        Assert.Equal([@"PCIP\VEN_10DE&DEV_1EB8\6&3415A8A&0&00000019"], told[0].AssignedDevices);
        Assert.Equal(
            [
                FindingCodes.VmMemoryNotFixed,
                FindingCodes.VmDeviceAndNesting,
                FindingCodes.VmDynamicMemory,
                FindingCodes.VmNestingReady,
                FindingCodes.VmNoMacSpoofing,
            ],
            told[0]
                .Reasons.OrderByDescending(static one => one.Severity)
                .ThenBy(static one => one.Code)
                .Select(static one => one.Code)
        );
        Assert.Equal((0, 0, false), (told[1].AdapterCount, told[1].SriovAdapterCount, told[1].AllowsMacSpoofing));
    }

    // The stand-in has its own opinion of which host starts a machine with the setting, from the same documents.
    [Theory]
    [InlineData("GenuineIntel", 9600, 3, 9)]
    [InlineData("GenuineIntel", 14393, 3, 9)]
    [InlineData("GenuineIntel", 19045, 1, 9)]
    [InlineData("GenuineIntel", 26100, 3, 9)]
    [InlineData("AuthenticAMD", 17763, 3, 9)]
    [InlineData("AuthenticAMD", 20348, 3, 9)]
    [InlineData("AuthenticAMD", 19045, 1, 9)]
    [InlineData("AuthenticAMD", 22621, 1, 9)]
    [InlineData("Qualcomm Technologies Inc", 26100, 1, 12)]
    public async Task A_host_is_ready_where_a_machine_would_start(string vendor, int build, uint type, ushort arch)
    {
        HostFacts host = new()
        {
            CpuVendor = vendor,
            Build = build,
            ProductType = type,
            Architecture = arch,
        };
        HyperVMachine machine = new(host);
        machine.AddVM("lab", new VMOptions { IsNested = true });

        HyperVAnswers told = await HyperVAnswers.AskAsync(machine);
        NestedSupport support = Assert.Single(told.Read(HostQuestions.Support));
        VmNestedCpu vm = Assert.Single(told.Read(HostQuestions.VmNestedCpus));

        Assert.Equal(host.CanStartNested ? Verdict.Ready : Verdict.Blocked, support.Verdict);
        Assert.Equal(host.CanStartNested ? Verdict.Ready : Verdict.Blocked, vm.Verdict);

        // Before 2016 there is no setting that a machine could have.
        Assert.Equal(
            host.CanStartNested ? VmNesting.NextStart
                : build < 14393 ? VmNesting.Off
                : VmNesting.WillNotStart,
            vm.Nesting
        );
    }

    [Fact]
    public async Task A_host_without_the_role_says_so()
    {
        HyperVMachine machine = new(new HostFacts { HyperVInstallState = 2, IsHypervisorPresent = false });

        HyperVAnswers told = await HyperVAnswers.AskAsync(machine);
        NestedSupport support = Assert.Single(told.Read(HostQuestions.Support));
        NestVirtException error = Assert.Throws<NestVirtException>(() => told.Read(HostQuestions.VmNestedCpus));

        Assert.Equal(
            (Verdict.Configurable, FindingCodes.HyperVRoleMissing, VirtualizationState.Available),
            (support.Verdict, support.FirstStep?.Code, support.Virtualization.State)
        );
        Assert.Equal(NestVirtErrorKind.FeatureNotSupported, error.Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_account_without_rights_leaves_the_verdict_unknown(bool isHyperVAlone)
    {
        HyperVMachine machine = new();
        machine.AddVM("lab");

        HyperVAnswers told = await HyperVAnswers.AskAsync(
            machine,
            options =>
                (isHyperVAlone ? options.DeniedNamespaces : options.DeniedUsers).Add(
                    isHyperVAlone ? ClientHost.Space : ClientHost.User
                )
        );
        NestedSupport support = Assert.Single(told.Read(HostQuestions.Support));
        NestVirtException error = Assert.Throws<NestVirtException>(() => told.Read(HostQuestions.VmNestedCpus));

        Assert.Equal(
            (Verdict.Unknown, FindingCodes.HyperVUnknown, isHyperVAlone ? "GenuineIntel" : null),
            (support.Verdict, support.Reasons[0].Code, support.Cpu.Vendor)
        );
        Assert.Equal(NestVirtErrorKind.HostPermissionDenied, error.Kind);
    }

    [Fact]
    public async Task A_thousand_machines_take_no_more_queries_than_one_and_their_pages()
    {
        HyperVMachine machine = new HyperVMachine().AddVMs(1000, static at => new VMOptions { IsNested = at % 2 == 0 });

        HyperVAnswers told = await HyperVAnswers.AskAsync(machine);
        IReadOnlyList<VmNestedCpu> vms = told.Read(HostQuestions.VmNestedCpus);

        Assert.Equal((1000, 500), (vms.Count, vms.Count(static vm => vm.Nesting == VmNesting.NextStart)));
        Assert.Equal(18, told.Requests.Count(static one => one.Text.Contains("/Enumerate<", StringComparison.Ordinal)));

        // The login, the queries, and what fits into envelopes of 512,000 bytes.
        Assert.InRange(told.Requests.Count, 20, 106);
        Assert.InRange(told.Answers.All.Sum(static answer => answer.Value.Text.Length), 1, 6 << 20);
    }

    private static string Id(VirtualMachine vm) => vm.Id.ToString().ToUpperInvariant();

    // HostResource is the path of an Msvm_PciExpress (win32 docs); the form of its DeviceID is not recorded.
    internal static CimObject Device(HyperVMachine machine, VirtualMachine vm, string deviceId) =>
        new(machine.Classes.Get(ClientHost.Space, "Msvm_PciExpressSettingData"))
        {
            ["InstanceID"] = $@"Microsoft:{Id(vm)}\{Guid.NewGuid().ToString().ToUpperInvariant()}",
            ["ResourceSubType"] = "Microsoft:Hyper-V:Virtual Pci Express Port",
            ["HostResource"] = new[]
            {
                $@"\\{machine.Host.Name}\root\virtualization\v2:Msvm_PciExpress.CreationClassName=""Msvm_PciExpress"",DeviceID=""{deviceId.Replace(@"\", @"\\", StringComparison.Ordinal)}"",SystemCreationClassName=""Msvm_ComputerSystem"",SystemName=""{machine.Host.Name}""",
            },
        };
}
