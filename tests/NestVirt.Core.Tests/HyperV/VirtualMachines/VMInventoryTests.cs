using NestVirt.Hosts;
using NestVirt.HyperV.Support;
using NestVirt.HyperV.VirtualMachines;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.HyperV.VirtualMachines;

public sealed class VMInventoryTests
{
    private const string Second = "5D1B6E00-0000-4000-8000-000000000002";
    private const string Checkpoint = "C0FFEE00-0000-4000-8000-000000000001";

    [Fact]
    public void Read_joins_by_what_names_a_machine_and_leaves_out_what_belongs_to_none()
    {
        WindowsVM first = new() { Name = "same", IsExposed = true };
        WindowsVM second = new() { Name = "same", Id = Second };
        WindowsVM taken = second with { Id = Checkpoint, IsExposed = true, Version = "5.0" };
        WindowsHost host = new()
        {
            VMs = [first, second],
            Others =
            [
                // A second answer of the same name, and a machine whose name is none.
                ("hvvms", second.System),
                ("hvvms", CimInstanceText.Of("Msvm_ComputerSystem", ("Name", "仮想マシン"), ("EnabledState", 3))),
                (
                    "hvsettings",
                    taken.Settings.Replace("System:Realized", "Snapshot:Realized", StringComparison.Ordinal)
                ),
                ("hvresources", taken.Resources),
                (
                    "hvresources",
                    CimInstanceText.Of(
                        "Msvm_ProcessorSettingData",
                        ("InstanceID", @"Microsoft:Definition\B637F346-6A0E-4DEC-AF52-BD70CB80A21D\Maximum"),
                        ("ResourceType", 3),
                        ("VirtualQuantity", 240)
                    )
                ),
            ],
        };

        // Settings that are only planned come before those in effect.
        string planned = second
            .Settings.Replace("System:Realized", "System:Planned", StringComparison.Ordinal)
            .Replace("10.0", "4.0", StringComparison.Ordinal);
        ProbeAnswers answers = host.Answers();
        answers.Set("hvsettings", new ProbeAnswer(planned + answers.All["hvsettings"].Text));

        VMInventory inventory = VMInventory.Require(answers);

        Assert.Equal(
            [(Guid.Parse(WindowsVM.FirstId), true, "10.0"), (Guid.Parse(Second), false, "10.0")],
            inventory.VMs.Select(static vm => (vm.Id, vm.Processor!.IsExposed!.Value, vm.Version!))
        );
        Assert.Equal(0, inventory.RunningJobCount);
    }

    [Fact]
    public void Require_takes_a_host_that_hides_even_itself_for_one_that_may_not_be_asked()
    {
        ProbeAnswers answers = new WindowsHost().Answers();
        answers.Set("hvvms", new ProbeAnswer(string.Empty));

        Assert.Equal(
            NestVirtErrorKind.HostPermissionDenied,
            Assert.Throws<NestVirtException>(() => VMInventory.Require(answers)).Kind
        );
    }

    [Theory]
    [InlineData(
        "The account may not answer \"…\": Access is denied (AccessDenied, 5).",
        NestVirtErrorKind.HostPermissionDenied
    )]
    [InlineData("The host cannot answer \"…\": Provider failure (0x80041004).", NestVirtErrorKind.ProbeOutputInvalid)]
    [InlineData("The host took too long to answer \"…\".", NestVirtErrorKind.ProbeOutputInvalid)]
    public void A_provider_that_fails_is_not_taken_for_an_account_that_may_not(string reason, NestVirtErrorKind kind)
    {
        ProbeAnswers answers = new WindowsHost().Answers();
        answers.Set("hvvms", new ProbeAnswer(string.Empty, reason));

        NestVirtException error = Assert.Throws<NestVirtException>(() => VMInventory.Require(answers));

        Assert.Equal(kind, error.Kind);
        Assert.Contains(reason.TrimEnd('.'), error.Message);
        Assert.Equal(kind == NestVirtErrorKind.HostPermissionDenied, error.Remedy!.Contains("account"));
    }

    [Fact]
    public void What_was_not_told_passes_on_why()
    {
        ProbeAnswers answers = new WindowsHost { VMs = [new WindowsVM()] }.Answers();
        answers.Set("hvresources", new ProbeAnswer(string.Empty, WindowsHost.Denied));

        VmNestedCpu vm = Assert.Single(
            VMNestingAssessor.Assess(answers, new HostTarget("hv1", new WsManAddress("hv1")))
        );

        Assert.Equal((FindingCodes.VmUnknown, WindowsHost.Denied), (vm.Reasons[0].Code, vm.Reasons[0].Evidence));
    }

    [Fact]
    public void A_host_that_tells_of_machines_alone_leaves_the_rest_unknown()
    {
        ProbeAnswers answers = new WindowsHost { VMs = [new WindowsVM()] }.Answers();
        foreach (string probe in new[] { "hvsettings", "hvresources", "hvports", "hvsecurity", "hvjobs" })
        {
            answers.Set(probe, new ProbeAnswer(string.Empty, WindowsHost.Denied));
        }

        VMInventory inventory = VMInventory.Require(answers);

        Assert.Equal(
            new VMFacts(Guid.Parse(WindowsVM.FirstId), "lab") { State = VmState.Off, StateNumber = 3 } with
            {
                Devices = inventory.VMs[0].Devices,
                Unread = WindowsHost.Denied,
            },
            Assert.Single(inventory.VMs)
        );
        Assert.Null(inventory.RunningJobCount);
    }

    [Theory]
    [InlineData(@"Microsoft:5D1B6E00-0000-4000-8000-000000000002", true)]
    [InlineData(@"microsoft:5d1b6e00-0000-4000-8000-000000000002\x\0", true)]
    [InlineData(@"Microsoft:5D1B6E00-0000-4000-8000-0000000000023\x", false)]
    [InlineData(@"Microsoft:Definition\5D1B6E00-0000-4000-8000-000000000002\Default", false)]
    [InlineData(@"5D1B6E00-0000-4000-8000-000000000002", false)]
    [InlineData(null, false)]
    public void OwnerOf_reads_the_machine_of_an_instance(string? instanceId, bool isOwned) =>
        Assert.Equal(isOwned ? Guid.Parse(Second) : null, VMInventory.OwnerOf(instanceId));
}
