using System.Runtime.Versioning;
using NestVirt.Changes;
using NestVirt.Core.Tests.Linux.GuestCpu;
using NestVirt.Text;

namespace NestVirt.Core.Tests.Linux.GuestTuning;

/// <summary>Fits guests of a real libvirtd to this machine, and takes that back.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RealGuestTuningTests(RoomOfClass rooms) : LibvirtTests(rooms)
{
    private const string Network =
        "<interface type='bridge'><mac address='52:54:00:aa:00:01'/><source bridge='nv0'/><model type='virtio'/></interface>";
    private const string Other =
        "<disk type='block' device='disk'><driver name='qemu' type='raw'/><source dev='/dev/null'/><target dev='vdb' bus='virtio'/></disk>";

    private const string Third =
        "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/dev/shm/c'/><target dev='vdc' bus='virtio'/></disk>";

    // Its file system knows nothing but the page cache, which therefore stays.
    private const string File =
        "<disk type='file' device='disk'><source file='/dev/shm/base.qcow2'/><target dev='vda' bus='virtio'/></disk>";

    // What needs no core to spare: this machine may have one alone.
    private static readonly VmTuning[] s_tunings = [VmTuning.Disks, VmTuning.Network, VmTuning.Balloon];

    [Fact]
    public async Task What_is_fitted_changes_and_nothing_else_and_the_way_back_gives_the_old_definition()
    {
        string id = Define("nv-tune;$(id)");
        string before = Room.Definition(id);

        ChangeResult result = await ApplyAsync(Fit(id));

        Assert.Equal(ChangeState.InEffect, result.State);
        string after = Room.Definition(id);
        Assert.Equal(
            [
                "+  <iothreads>1</iothreads>",
                "-      <driver name='qemu' type='raw'/>",
                "+      <driver name='qemu' type='raw' iothread='1'/>",
                "-      <driver name='qemu' type='raw'/>",
                "+      <driver name='qemu' type='raw' cache='none' io='native' iothread='1'/>",
                "+      <driver queues='2'/>",
                "-    <memballoon model='virtio'>",
                "-      <address type='pci' domain='0x0000' bus='0x00' slot='0x07' function='0x0'/>",
                "-    </memballoon>",
                "+    <memballoon model='none'/>",
            ],
            Compared(before, after)
                .Select(static line =>
                    line.StartsWith("-      <address", StringComparison.Ordinal)
                        ? line[..line.IndexOf("slot=", StringComparison.Ordinal)] + "slot='0x07' function='0x0'/>"
                        : line
                )
        );
        Assert.Contains("passwd='geheim'", after, StringComparison.Ordinal);
        Assert.Equal(ChangeState.Unchanged, (await ApplyAsync(Fit(id))).State);

        Assert.Equal(ChangeState.Undone, (await UndoAsync()).State);
        Assert.Equal(before, Room.Definition(id));
    }

    [Fact]
    public async Task The_way_back_leaves_what_others_have_changed_beside_it_and_refuses_what_they_have_changed_of_it()
    {
        string id = Define("nv-tune-beside");
        string before = Room.Definition(id);
        await ApplyAsync(Fit(id));
        Room.Edit(id, "s/geheim/neuer/");
        Room.Edit(id, $"s|<controller type='usb'|{Third}&|");

        await UndoAsync();

        Assert.DoesNotContain("iothread", Room.Definition(id), StringComparison.Ordinal);
        Assert.DoesNotContain(
            Compared(before, Room.Definition(id)),
            static line =>
                line[0] == '-'
                && !line.Contains("geheim", StringComparison.Ordinal)
                && !line.Contains("<address type='pci'", StringComparison.Ordinal)
        );

        await ApplyAsync(Fit(id));
        Room.Edit(id, "s/queues='2'/queues='3'/");
        NestVirtException error = await UndoFailureAsync(Scope);
        Assert.Contains("changed since", error.Message, StringComparison.Ordinal);
        Assert.Contains("queues='3'", Room.Definition(id), StringComparison.Ordinal);
        await UndoAsync(Scope with { Force = true });
        Assert.DoesNotContain("queues=", Room.Definition(id), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    public async Task A_worker_that_is_killed_leaves_the_old_or_the_new_definition_and_the_way_back_works(string when)
    {
        string id = Define($"nv-tune-{when}");
        string before = Room.Definition(id);

        await KillAtDefineAsync(when, Fit(id));

        Assert.Equal(when == "after", Room.Definition(id).Contains("iothread='1'", StringComparison.Ordinal));
        await UndoAsync();
        Assert.Equal(before, Room.Definition(id));
    }

    [Fact]
    public async Task A_guest_is_pinned_to_a_core_of_its_own_where_there_is_one_and_starts_so()
    {
        Assert.SkipUnless(Environment.ProcessorCount > 1, "this machine has one processor");
        string id = Room.Define("nv-tune-pin", string.Empty, Vnc);
        Room.Edit(id, "s/>2</>1</");
        VmTuningRequest request = new([id]) { Tunings = [VmTuning.Cpu] };
        try
        {
            Assert.Equal(ChangeState.InEffect, (await ApplyAsync(request)).State);
        }
        catch (ChangeRefusedException refusal)
        {
            Assert.Skip(
                string.Join(' ', refusal.Reasons.Select(static reason => $"{reason.Message} {reason.Evidence}"))
            );
        }

        Assert.Contains("<vcpupin vcpu='0' cpuset=", Room.Definition(id), StringComparison.Ordinal);
        Room.StartGuest(id);
        Assert.Equal(ChangeState.Unchanged, (await ApplyAsync(request)).State);
        Room.Virsh("destroy", id);
        await UndoAsync();
        Assert.DoesNotContain("cputune", Room.Definition(id), StringComparison.Ordinal);
    }

    private static VmTuningRequest Fit(string id) => new([id]) { Tunings = s_tunings };

    private static string Without(string text)
    {
        int start = text.IndexOf("    <disk type='block'", StringComparison.Ordinal);
        int end = text.IndexOf("</disk>\n", start, StringComparison.Ordinal) + "</disk>\n".Length;
        return text.Remove(start, end - start).Replace("geheim", "neuer", StringComparison.Ordinal);
    }

    private static IEnumerable<string> Compared(string before, string after) =>
        TextDiff.Compare(before, after).Where(static line => line[0] != ' ');

    private string Define(string name)
    {
        string id = Room.Define(name, string.Empty, File + Other + Network + Vnc);
        Room.Edit(id, "s/memballoon model='none'/memballoon model='virtio'/");
        return id;
    }
}
