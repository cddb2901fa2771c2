using System.Runtime.Versioning;
using NestVirt.Changes;
using NestVirt.Hosts;

namespace NestVirt.Core.Tests.Linux.GuestCpu;

/// <summary>What tests of a real libvirtd have in common.</summary>
[UnsupportedOSPlatform("windows")]
public abstract class LibvirtTests(RoomOfClass rooms) : IClassFixture<RoomOfClass>, IDisposable
{
    protected const string Nehalem = "<cpu mode='custom' match='exact'><model>Nehalem</model></cpu>";
    protected const string Vnc = "<graphics type='vnc' port='-1' passwd='geheim'><listen type='address'/></graphics>";
    protected const string Disk =
        "<disk type='file' device='disk'><source file='/base.qcow2'/><target dev='vda' bus='virtio'/></disk>";

    protected static ChangeScope Scope => new(StopGuests: false, 3, Force: false);

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected LibvirtRoom Room => rooms.Room;

    public void Dispose()
    {
        rooms.Calm();
        GC.SuppressFinalize(this);
    }

    protected static VmCpuRequest Stopping(params string[] ids) =>
        new(ids)
        {
            Expose = true,
            StopGuests = true,
            GuestTimeoutSeconds = 2,
        };

    protected static Task<PreparedChange> PrepareAsync(HostChanger changer, ChangeRequest request) =>
        changer.PrepareAsync(HostTarget.Local, request, Token);

    // The firmware does nothing when it is asked to shut down: the stand-in ends the guest as one with a system would end.
    protected void ObeyShutdown() =>
        Room.Interfere(
            "after",
            "case \" $* \" in *' shutdown '*) /usr/bin/virsh -q -c qemu:///system qemu-monitor-command \"$5\" --hmp quit >/dev/null 2>&1 ;; esac\n"
        );

    // The worker is the session of the process that runs libvirt's client.
    protected Task KillAtDefineAsync(string when, ChangeRequest request) => KillAsync("define", when, request);

    protected async Task KillAsync(string command, string when, ChangeRequest request)
    {
        KillAt(command, when);
        await Assert.ThrowsAnyAsync<NestVirtException>(() => ApplyAsync(request));
        Room.Interfere(when, null);
        Assert.Equal(JournalState.Interrupted, (await NewestAsync()).State);
    }

    protected void KillAt(string command, string when) =>
        Room.Interfere(
            when,
            $$"""
            case " $* " in *' {{command}} '*)
              read -r line </proc/self/stat; set -- ${line##*) }; session=$4
              for process in /proc/[0-9]*; do
                read -r line <"$process/stat" || continue
                set -- ${line##*) }
                [ "$4" != "$session" ] || [ "${process#/proc/}" = "$$" ] || kill -KILL "${process#/proc/}"
              done
              kill -KILL "$$" ;;
            esac
            """
        );

    protected async Task<JournalEntry> NewestAsync()
    {
        using HostChanger changer = Room.Changer();
        return (await changer.ReadJournalAsync(HostTarget.Local, Token))[0];
    }

    protected async Task<ChangeResult> ApplyAsync(ChangeRequest request)
    {
        using HostChanger changer = Room.Changer();
        return await (await PrepareAsync(changer, request)).ApplyAsync(Token);
    }

    protected Task<NestVirtException> FailureAsync(ChangeRequest request) =>
        Assert.ThrowsAsync<NestVirtException>(() => ApplyAsync(request));

    protected Task<ChangeResult> UndoAsync() => UndoAsync(Scope);

    protected async Task<ChangeResult> UndoAsync(ChangeScope scope)
    {
        using HostChanger changer = Room.Changer();
        PreparedChange back = await changer.PrepareUndoAsync(HostTarget.Local, null, scope, Token);
        return await back.ApplyAsync(Token);
    }

    // Of the time that is given, busy machines need much for the shells and clients alone.
    protected static async Task UntilAsync(Func<bool> isSo)
    {
        for (int i = 0; !isSo(); i++)
        {
            Assert.True(i < 400);
            await Task.Delay(100, Token);
        }
    }

    protected Task<NestVirtException> UndoFailureAsync(ChangeScope scope) =>
        Assert.ThrowsAsync<NestVirtException>(() => UndoAsync(scope));
}

/// <summary>The room of a class of tests, made by the first that needs it: there the test is skipped where none can be.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RoomOfClass : IDisposable
{
    private LibvirtRoom? _room;

    internal LibvirtRoom Room => _room ??= new LibvirtRoom();

    /// <summary>Ends all interference, and waits for watches of guests: one that still starts a guest has the lock.</summary>
    internal void Calm()
    {
        if (_room is not { } room)
        {
            return;
        }

        room.Interfere("before", null);
        room.Interfere("after", null);
        room.Shell(
            "i=0; while ls /run/nestvirt/watch.* && [ $i -lt 60 ]; do sleep 1; i=$((i + 1)); done; rm -f /run/nestvirt/watch.*"
        );
    }

    /// <inheritdoc/>
    public void Dispose() => _room?.Dispose();
}
