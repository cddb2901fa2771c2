using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Worker;

namespace NestVirt.Core.Tests.Linux.Worker;

public sealed class WorkerFailureTests
{
    private static readonly ChangePlan s_plan = new(
        HostTarget.Local,
        new NestingRequest(Enable: true),
        new HostIdentity("machine", "boot", "6.1"),
        [ModuleAction.Plan("kvm_amd", null, [], "loaded", new NestingRequest(Enable: true), [])]
    );

    [Theory]
    [InlineData("kvm_amd is in use by qemu-system-x86 (process 42)", true)]
    [InlineData("modprobe: FATAL: Module kvm_amd not found", false)]
    [InlineData("modprobe -r ended with exit code 1\nkvm_amd is in use by sleep (process 42, no guest)", false)]
    [InlineData("kvm_amd is in use by sleep (process 42, no guest)\nkvm_amd is in use by qemu (process 7)", true)]
    public void A_module_that_guests_hold_is_let_go_by_stopping_them(string output, bool isHeld)
    {
        ChangeReport report = new()
        {
            Id = 3,
            State = "failed",
            Steps = new Dictionary<int, StepReport> { [1] = new(StepState.Kept, output) },
        };

        NestVirtException error = Assert.Throws<NestVirtException>(() =>
            WorkerFailure.ThrowIfNotUndone(s_plan, 3, report, string.Empty)
        );

        Assert.Equal(isHeld, error.Remedy!.Contains("<Undo ChangeId=3 StopGuests>", StringComparison.Ordinal));
    }

    [Fact]
    public void A_rollback_that_guests_stopped_names_the_same_way()
    {
        ChangeReport report = new()
        {
            Id = 4,
            State = "failed",
            FailedStep = 1,
            Steps = new Dictionary<int, StepReport>
            {
                [1] = new(StepState.Kept, "kvm_amd is in use by qemu (process 42)"),
            },
        };

        NestVirtException error = Assert.Throws<NestVirtException>(() =>
            WorkerFailure.ThrowIfFailed(s_plan, report, string.Empty)
        );

        Assert.Contains("<Undo ChangeId=4 StopGuests>", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void What_holds_a_change_is_said_before_anything_is_taken_back()
    {
        ChangeReport report = ChangeReport.Parse("blocked 1\n|kvm_amd is in use by qemu (process 42)\n");
        ChangePlan plan = s_plan with
        {
            Target = new HostTarget("kvm1", new SshAddress("kvm1") { UserName = "root", Port = 2222 }),
        };

        NestVirtException error = Assert.Throws<NestVirtException>(() =>
            WorkerFailure.ThrowIfNotUndone(plan, 3, report, string.Empty)
        );

        Assert.Equal(NestVirtErrorKind.ChangeRefused, error.Kind);
        Assert.Equal(
            "This cannot be taken back now, and nothing was done: module kvm_amd (kvm_amd is in use by qemu (process 42)).",
            error.Message
        );
        Assert.Contains("<Undo root@kvm1:2222 ChangeId=3 StopGuests>.", error.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mv: cannot move: Operation not permitted", "lsattr")]
    [InlineData("the file system of /etc is full", "room")]
    [InlineData("sh: cannot create: Read-only file system", "writable")]
    public void A_file_that_cannot_be_written_has_a_remedy(string output, string remedy)
    {
        ChangeReport report = new()
        {
            Id = 3,
            State = "rolled-back",
            FailedStep = 1,
            Steps = new Dictionary<int, StepReport> { [1] = new(StepState.TakenBack, output) },
        };

        NestVirtException error = Assert.Throws<NestVirtException>(() =>
            WorkerFailure.ThrowIfFailed(s_plan, report, string.Empty)
        );

        Assert.Contains(remedy, error.Remedy, StringComparison.Ordinal);
    }
}
