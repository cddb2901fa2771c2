using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;

namespace NestVirt.Core.Tests.Lab;

/// <summary>The lab's kernels are started by QEMU itself; where GRUB is installed as well, its files are changed and put back.</summary>
[Trait("Category", "Lab")]
[Collection("Lab")]
public sealed class LabBootChangeTests
{
    private const string Hashes =
        "sha256sum /etc/default/grub /boot/grub/grub.cfg; stat -c '%a %u:%g' /etc/default/grub /boot/grub/grub.cfg";

    [Fact]
    public async Task Update_grub_writes_the_word_and_undo_gives_every_byte_back_or_nothing_is_touched()
    {
        Needs.Lab(LabHost.Amd);
        HostChanger changer = HostChangers.Create();
        HostTarget target = LabHost.Target(LabHost.Amd);
        KernelParameterRequest request = new(["nestvirt.lab=1"], ["quiet"]);
        if ((await LabHost.RunAsync(LabHost.Amd, "command -v update-grub || :")).Length == 0)
        {
            ChangeRefusedException refused = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
                changer.PlanAsync(target, request, CancellationToken.None)
            );
            Assert.Equal("BootLoaderUnknown", refused.Reasons[0].Code);
            return;
        }

        string before = await LabHost.RunAsync(LabHost.Amd, Hashes);

        ChangeResult result = await changer.ApplyAsync(
            await changer.PlanAsync(target, request, CancellationToken.None),
            CancellationToken.None
        );
        string menu = await LabHost.RunAsync(LabHost.Amd, "grep -E '^[[:space:]]+linux' /boot/grub/grub.cfg");
        ChangePlan again = await changer.PlanAsync(target, request, CancellationToken.None);
        JournalEntry entry = (await changer.ReadJournalAsync(target, CancellationToken.None))[0];
        ChangeResult undone = await changer.UndoAsync(
            entry,
            new ChangeScope(StopGuests: false, 1, Force: false),
            CancellationToken.None
        );

        Assert.Equal(ChangeState.Pending, result.State);
        Assert.Contains("KernelParameterPending", result.Pending.Select(static finding => finding.Code));
        Assert.Contains("BootLoaderUncertain", result.Findings.Select(static finding => finding.Code));
        Assert.Contains(" nestvirt.lab=1", menu, StringComparison.Ordinal);
        Assert.DoesNotContain("quiet", menu, StringComparison.Ordinal);
        Assert.Empty(again.Changes);
        Assert.Equal(ChangeState.Undone, undone.State);
        Assert.Equal(before, await LabHost.RunAsync(LabHost.Amd, Hashes));
    }

    [Fact]
    public async Task An_iommu_that_works_is_left_alone()
    {
        Needs.Lab(LabHost.Amd);
        ChangePlan plan = await HostChangers
            .Create()
            .PlanAsync(LabHost.Target(LabHost.Amd), new IommuRequest(Enable: true), CancellationToken.None);

        Assert.Empty(plan.Changes);
        Assert.Empty(plan.Pending);
    }
}
