using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;

namespace NestVirt.Core.Tests.Lab;

/// <summary>Restarts a host that GRUB starts from its own disk, and looks at what a boot makes of the changes.</summary>
[Trait("Category", "Lab")]
[Collection("LabRestart")]
public sealed class LabRebootTests
{
    private const string Host = LabHost.Boot;
    private const string Physical = "0000:01:00.0";
    private const string Spare = "0000:04:00.0";

    // What a boot could change: every setting, the boot loader's files and the initramfs, with owner and mode.
    private const string Files = "find /etc /boot -xdev -type f -printf '%m %u:%g ' -exec sha256sum {} ';' | sort -k 4";

    // Each in a line: the word on the command line and what the kernel makes of it, the word taken away, nesting,
    // virtual functions, the driver of the spare interface, huge pages.
    private const string Look = $"""
        grep -cw transparent_hugepage=never /proc/cmdline || :
        sed 's,.*\[,,; s,\].*,,' /sys/kernel/mm/transparent_hugepage/enabled
        grep -cw quiet /proc/cmdline || :
        cat /sys/module/kvm_amd/parameters/nested
        cat /sys/bus/pci/devices/{Physical}/sriov_numvfs
        basename "$(readlink /sys/bus/pci/devices/{Spare}/driver)"
        cat /proc/sys/vm/nr_hugepages
        """;

    private static readonly ChangeScope s_scope = new(StopGuests: false, GuestTimeoutSeconds: 10, Force: false);

    private static readonly ChangeRequest[] s_requests =
    [
        new NestingRequest(Enable: false),
        new PciDriverRequest(Spare, "vfio-pci"),
        new VirtualFunctionRequest(Physical, 2),
        new HugePageRequest(2048, 16),
        new KernelParameterRequest(["transparent_hugepage=never"], ["quiet"]),
    ];

    private readonly HostChanger _changer = HostChangers.Create();
    private readonly HostChanger _restarter = HostChangers.Create(mayRestart: true);

    private static HostTarget Target => LabHost.Target(Host);

    [Fact]
    public async Task What_was_changed_outlives_a_restart_and_undo_outlives_the_next()
    {
        Needs.Lab(Host);
        string files = await LabHost.RunAsync(Host, Files);
        string before = await LookAsync();
        string boot = await BootAsync();

        List<ChangeResult> results = [];
        foreach (ChangeRequest request in s_requests)
        {
            results.Add(await ApplyAsync(request));
        }

        string restarted = await BootAsync();
        string during = await LookAsync();
        List<ChangePlan> again = [];
        foreach (ChangeRequest request in s_requests)
        {
            again.Add(await _changer.PlanAsync(Target, request, CancellationToken.None));
        }

        List<ChangeResult> taken = await UndoAsync(results);
        string undone = await LabHost.RunAsync(Host, Files);
        await LabHost.RestartAsync(Target, restarted);

        Assert.Equal("0 madvise 1 1 0 e1000e 0", before.Replace("always", "madvise", StringComparison.Ordinal));
        Assert.All(results, static result => Assert.Equal(ChangeState.InEffect, result.State));
        Assert.NotEqual(boot, restarted);
        Assert.Equal("1 never 0 0 2 vfio-pci 16", during);
        Assert.All(again, static plan => Assert.Empty(plan.Changes));
        Assert.All(again, static plan => Assert.Empty(plan.Pending));
        Assert.All(taken, static result => Assert.Equal(ChangeState.Undone, result.State));
        Assert.Equal(
            ["RestartPending"],
            taken.SelectMany(static result => result.Pending).Select(static finding => finding.Code)
        );
        Assert.Equal(files, undone);
        Assert.Equal(before, await LookAsync());
        Assert.Equal(files, await LabHost.RunAsync(Host, Files));
    }

    [Fact]
    public async Task The_iommu_is_gone_after_one_restart_and_back_after_another()
    {
        Needs.Lab(Host);
        const string Groups = "ls /sys/kernel/iommu_groups | wc -l";
        string files = await LabHost.RunAsync(Host, Files);
        string before = await LabHost.RunAsync(Host, Groups);

        ChangeResult off = await ApplyAsync(new IommuRequest(Enable: false));
        string without = await LabHost.RunAsync(Host, Groups);
        ChangeResult on = await ApplyAsync(new IommuRequest(Enable: true));
        string with = await LabHost.RunAsync(Host, Groups);
        await UndoAsync([off, on]);

        Assert.NotEqual("0\n", before);
        Assert.Equal((ChangeState.InEffect, "0\n"), (off.State, without));
        Assert.Equal((ChangeState.InEffect, before), (on.State, with));
        Assert.Equal(files, await LabHost.RunAsync(Host, Files));
    }

    private static async Task<string> LookAsync() => (await LabHost.RunAsync(Host, Look)).Trim().Replace('\n', ' ');

    private static async Task<string> BootAsync() =>
        (await LabHost.RunAsync(Host, "cat /proc/sys/kernel/random/boot_id")).Trim();

    private async Task<ChangeResult> ApplyAsync(ChangeRequest request) =>
        await _restarter.ApplyAsync(
            await _restarter.PlanAsync(Target, request, CancellationToken.None),
            CancellationToken.None
        );

    // Not restarted after each: the test does that once, after all.
    private async Task<List<ChangeResult>> UndoAsync(IEnumerable<ChangeResult> results)
    {
        IReadOnlyList<JournalEntry> journal = await _changer.ReadJournalAsync(Target, CancellationToken.None);
        List<ChangeResult> taken = [];
        foreach (ChangeResult result in results.Reverse())
        {
            taken.Add(
                await _changer.UndoAsync(
                    journal.Single(entry => entry.Id == result.Id),
                    s_scope,
                    CancellationToken.None
                )
            );
        }

        return taken;
    }
}
