using System.Runtime.Versioning;
using NestVirt.Changes;
using NestVirt.Core.Tests.Linux.GuestCpu;
using NestVirt.Testing;

namespace NestVirt.Core.Tests.Linux.GuestDevices;

/// <summary>Gives devices to guests of a real libvirtd, and takes them back. The host's devices are files: what is defined is not started here.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RealGuestDeviceTests(RoomOfClass rooms) : LibvirtTests(rooms)
{
    private const string First = "0000:01:00.0";
    private const string Second = "0000:01:01.0";

    private static readonly string s_mixed =
        Disk
        + "<interface type='user'><mac address='52:54:00:aa:00:01'/></interface><controller type='virtio-serial' index='0'/>"
        + Source("hostdev mode='subsystem' type='pci' managed='yes'", "hostdev", "01", "03")
        + "<interface type='user'><mac address='52:54:00:aa:00:02'/></interface>"
        + Vnc;

    public static TheoryData<string> Names { get; } =
    ["nv;dev $(id) `id`", "--all dev", "nv <hostdev> &", "   dev", "nv 😀 'x' \"y\"", "@saved dev"];

    [Fact]
    public async Task A_device_comes_into_the_definition_and_goes_again_and_nothing_else_of_it_is_another()
    {
        string id = Define("nv-dev-there", s_mixed);
        string before = Room.Definition(id);

        ChangeResult result = await ApplyAsync(Add(id, First));

        Assert.Equal(ChangeState.InEffect, result.State);
        string given = Room.Definition(id);
        Assert.Contains("bus='0x01' slot='0x00' function='0x0'/>\n      </source>", given, StringComparison.Ordinal);
        Assert.Contains("passwd='geheim'", given, StringComparison.Ordinal);
        Assert.Equal(before.Split('\n'), InOrder(given.Split('\n'), before.Split('\n')));
        Assert.Equal(ChangeState.Unchanged, (await ApplyAsync(Add(id, First))).State);

        Assert.Equal(ChangeState.InEffect, (await ApplyAsync(Remove(id, First))).State);

        Assert.DoesNotContain("bus='0x01' slot='0x00'", Room.Definition(id), StringComparison.Ordinal);
        Assert.Equal(ChangeState.Unchanged, (await ApplyAsync(Remove(id, First))).State);
        await UndoAsync();
        Assert.Equal(given, Room.Definition(id));
        await UndoAsync();
        Assert.Equal(before, Room.Definition(id));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_guest_of_a_hostile_name_gets_its_device_and_loses_it(string name)
    {
        string id = Define(name);
        string before = Room.Definition(id);

        await ApplyAsync(Add(id, First));

        Assert.Contains("<hostdev", Room.Definition(id), StringComparison.Ordinal);
        await UndoAsync();
        Assert.Equal(before, Room.Definition(id));
    }

    // As libvirt lists the devices of others, too: before ours and behind it, on ports that came with ours.
    [Fact]
    public async Task The_way_back_leaves_what_others_have_given_since()
    {
        string id = Define("nv-dev-beside", Vnc);
        await ApplyAsync(Add(id, First));
        Attach(id, "01", "02");
        Attach(id, "01", "04");
        Room.Edit(id, "s/geheim/neuer/");

        await UndoAsync();

        string after = Room.Definition(id);
        Assert.DoesNotContain("bus='0x01' slot='0x00'", after, StringComparison.Ordinal);
        Assert.Contains("bus='0x01' slot='0x02'", after, StringComparison.Ordinal);
        Assert.Contains("bus='0x01' slot='0x04'", after, StringComparison.Ordinal);
        Assert.Contains("neuer", after, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_others_have_made_of_ours_since_is_taken_back_by_force_alone()
    {
        string id = Define("nv-dev-theirs");
        string before = Room.Definition(id);
        await ApplyAsync(Add(id, First));
        Room.Edit(id, "/<hostdev/,/<.hostdev/s/managed='yes'/managed='no'/");
        string theirs = Room.Definition(id);

        Assert.Equal(NestVirtErrorKind.HostChanged, (await UndoFailureAsync(Scope)).Kind);
        Assert.Equal(theirs, Room.Definition(id));
        await UndoAsync(Scope with { Force = true });

        Assert.Equal(before, Room.Definition(id));
    }

    [Fact]
    public async Task A_device_that_was_taken_comes_back_where_it_was_unless_its_place_is_taken()
    {
        string id = Define(
            "nv-dev-place",
            Source("hostdev mode='subsystem' type='pci' managed='no'", "hostdev", "01", "00", Place(9))
                + Source("hostdev mode='subsystem' type='pci' managed='yes'", "hostdev", "01", "01", Place(8))
        );
        string before = Room.Definition(id);
        await ApplyAsync(Remove(id, First));
        Attach(id, "01", "05", Place(9));
        string theirs = Room.Definition(id);

        NestVirtException error = await UndoFailureAsync(Scope);

        Assert.Equal(NestVirtErrorKind.ChangeIncomplete, error.Kind);
        Assert.Equal(theirs, Room.Definition(id));
        await UndoFailureAsync(Scope with { Force = true });
        Assert.Equal(theirs, Room.Definition(id));
        Room.Edit(id, "/bus='0x01' slot='0x05'/,/<.hostdev/s/slot='0x09'/slot='0x0a'/");
        await UndoAsync();
        string after = Room.Definition(id);
        Assert.Contains(Between(before, "managed='no'>", "</hostdev>"), after, StringComparison.Ordinal);
        Assert.Contains("bus='0x01' slot='0x05'", after, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("before", true)]
    [InlineData("after", true)]
    [InlineData("before", false)]
    [InlineData("after", false)]
    public async Task A_worker_that_is_killed_at_the_definition_leaves_its_journal_and_undo_takes_it_back(
        string when,
        bool add
    )
    {
        string id = Define(
            $"nv-dev-killed-{when}-{add}",
            add ? s_mixed : s_mixed + Source("hostdev mode='subsystem' type='pci' managed='yes'", "hostdev", "01", "00")
        );
        string before = Room.Definition(id);
        await KillAtDefineAsync(when, add ? Add(id, First) : Remove(id, First));
        Assert.Equal(
            (when == "after") == add,
            Room.Definition(id).Contains("bus='0x01' slot='0x00'", StringComparison.Ordinal)
        );

        await UndoAsync();

        Assert.Equal(before, Room.Definition(id));
    }

    // libvirt says of function 0 that there are others, and so changes an element that nobody asked about.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_function_beside_another_comes_and_goes_and_the_other_stays_as_it_was(bool isEdited)
    {
        string id = Define(
            $"nv-dev-functions-{isEdited}",
            Source("hostdev mode='subsystem' type='pci' managed='yes'", "hostdev", "01", "00", Place(9)) + Vnc
        );
        string before = Room.Definition(id);
        await ApplyAsync(Add(id, Second) with { GuestAddress = "00:09.1" });
        Assert.Contains("multifunction='on'", Room.Definition(id), StringComparison.Ordinal);
        if (isEdited)
        {
            Room.Edit(id, "s/geheim/neuer/");
        }

        await UndoAsync();

        Assert.Equal(
            isEdited ? before.Replace("geheim", "neuer", StringComparison.Ordinal) : before,
            Room.Definition(id)
        );
    }

    [Fact]
    public async Task What_others_plug_in_behind_a_worker_that_was_killed_is_not_taken_back()
    {
        string id = Define("nv-dev-killed-beside", s_mixed);
        await KillAtDefineAsync("after", Add(id, First));
        string nic = Path.Combine(Room.Folder, "nic.xml");
        await File.WriteAllTextAsync(
            nic,
            "<interface type='user'><mac address='52:54:00:aa:00:09'/></interface>",
            Token
        );
        Room.Virsh("attach-device", id, nic, "--config");
        string theirs = Room.Definition(id);
        Assert.Contains("52:54:00:aa:00:09", theirs, StringComparison.Ordinal);

        Assert.Equal(NestVirtErrorKind.HostChanged, (await UndoFailureAsync(Scope)).Kind);
        Assert.Equal(theirs, Room.Definition(id));
        await UndoAsync(Scope with { Force = true });

        Assert.Contains("52:54:00:aa:00:09", Room.Definition(id), StringComparison.Ordinal);
        Assert.DoesNotContain("bus='0x01' slot='0x00'", Room.Definition(id), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task What_the_host_has_come_to_live_by_is_not_given_away_by_the_way_back()
    {
        string id = Define(
            "nv-dev-needed",
            Source("hostdev mode='subsystem' type='pci' managed='yes'", "hostdev", "01", "06")
        );
        string name = Room.Shell("ip route show default | awk '{ print $5; exit }'").Trim();
        Assert.SkipWhen(name.Length == 0, "this machine has no default route");
        await ApplyAsync(Remove(id, "0000:01:06.0"));
        string after = Room.Definition(id);
        Room.Shell($"mkdir -p /sys/bus/pci/devices/0000:01:06.0/net/{name}");

        NestVirtException error = await UndoFailureAsync(Scope with { Force = true });

        Assert.Contains("has the default route", error.Message, StringComparison.Ordinal);
        Assert.Equal(after, Room.Definition(id));
        Room.Shell($"rm -r /sys/bus/pci/devices/0000:01:06.0/net");
        await UndoAsync();
        Assert.Contains("bus='0x01' slot='0x06'", Room.Definition(id), StringComparison.Ordinal);
    }

    // Nobody may take what somebody else gave in the moment in which the worker was about to.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_somebody_else_gives_meanwhile_is_not_taken_back(bool isLate)
    {
        string id = Define($"nv-dev-raced-{isLate}");
        string file = Source("hostdev mode='subsystem' type='pci' managed='no'", "hostdev", "01", "00");
        Room.Shell($"printf '%s' \"{file}\" >/run/theirs.xml");

        // What the worker asks before it keeps the old definition, or last.
        string asks = isLate ? " --with-managed-save " : " dumpxml ";
        Room.Interfere(
            "before",
            $"case \"$(tr '\\0' ' ' </proc/$PPID/cmdline) \" in 'timeout 60 '*'{asks}'*) [ -e /run/nestvirt/lock ] && [ -d /var/lib/nestvirt/journal ] && ls /var/lib/nestvirt/journal/*/1 >/dev/null 2>&1 && /usr/bin/virsh -q -c qemu:///system attach-device {id} /run/theirs.xml --config >/dev/null 2>&1 ;; esac\n"
        );
        await FailureAsync(Add(id, First));
        Room.Interfere("before", null);

        Assert.Contains("managed='no'", Between(Room.Definition(id), "<hostdev", ">"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_libvirt_refuses_is_said_and_nothing_is_left_of_it()
    {
        string id = Define("nv-dev-refused");
        string before = Room.Definition(id);

        NestVirtException error = await FailureAsync(Add(id, First) with { GuestAddress = "05:00.0" });

        Assert.True(error.Kind == NestVirtErrorKind.ChangeFailed, error.Message);
        Assert.Contains("05:00.0", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Room.Definition(id));
        Assert.Equal(JournalState.RolledBack, (await NewestAsync()).State);
    }

    [Fact]
    public async Task All_that_can_be_asked_for_is_as_libvirt_has_it()
    {
        string rom = Path.Combine(Room.Folder, "it's.rom");
        await File.WriteAllTextAsync(rom, "x", Token);
        string id = Define("nv-dev-wishes");
        VmPciDeviceRequest request = Add(id, First) with
        {
            Unmanaged = true,
            GuestAddress = "00:10.0",
            RomFile = rom,
            Force = true,
        };
        Assert.Equal(ChangeState.InEffect, (await ApplyAsync(request)).State);
        Assert.Equal(ChangeState.Unchanged, (await ApplyAsync(request)).State);
        string own = Between(Room.Definition(id), "<hostdev", "</hostdev>");
        Assert.Contains("managed='no'", own, StringComparison.Ordinal);
        Assert.Contains("bus='0x00' slot='0x10'", own, StringComparison.Ordinal);
        Assert.Contains(".rom", own, StringComparison.Ordinal);

        Assert.Equal(ChangeState.InEffect, (await ApplyAsync(Add(id, Second) with { NoRom = true })).State);

        Assert.Contains("<rom bar='off'/>", Room.Definition(id), StringComparison.Ordinal);
        await UndoAsync();
        await UndoAsync();
    }

    [Fact]
    public async Task A_file_that_the_host_does_not_have_is_no_rom()
    {
        string id = Define("nv-dev-rom");
        string before = Room.Definition(id);

        NestVirtException error = await FailureAsync(Add(id, First) with { RomFile = "/none/it's.rom" });

        Assert.Contains("/none/it's.rom", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Room.Definition(id));
    }

    [Fact]
    public async Task A_guest_that_is_gone_does_not_keep_its_change_from_being_undone()
    {
        string id = Define("nv-dev-gone");
        await ApplyAsync(Add(id, First));
        Room.Virsh("undefine", id);

        ChangeResult back = await UndoAsync();

        Assert.Equal(ChangeState.Undone, back.State);
        Assert.Contains(
            back.Findings,
            static finding => finding.Message.Contains("not defined any more", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_full_disk_leaves_the_definition_as_it_was()
    {
        string id = Define("nv-dev-disk", s_mixed);
        string before = Room.Definition(id);

        // From the definition on the journal can have no further file.
        Room.Interfere(
            "after",
            "case \" $* \" in *' define '*) mount -o remount,nr_inodes=$(($(stat -f -c '%c - %d' /var/lib/nestvirt))) /var/lib/nestvirt ;; esac\n"
        );
        NestVirtException error = await FailureAsync(Add(id, First));
        Room.Interfere("after", null);
        Room.Shell("mount -o remount,nr_inodes=0 /var/lib/nestvirt");

        Assert.Contains("No space left", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Room.Definition(id));
    }

    [Fact]
    public async Task A_guest_that_runs_has_it_from_its_next_start_on_and_is_started_anew_where_that_is_allowed()
    {
        string id = Define("nv-dev-runs");
        string before = Room.Definition(id);
        Room.StartGuest(id);
        ObeyShutdown();

        // No such device is here: it does not start with it, and is started without.
        NestVirtException error = await FailureAsync(
            Add(id, First) with
            {
                StopGuests = true,
                GuestTimeoutSeconds = 5,
            }
        );
        Assert.Contains("did not start", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Room.Definition(id));
        Assert.True(Room.IsRunning(id));

        ChangeResult waits = await ApplyAsync(Add(id, First));

        Assert.Equal(ChangeState.Pending, waits.State);
        Assert.True(Room.IsRunning(id));
        await UndoAsync();
        Assert.Equal(before, Room.Definition(id));
        Room.Virsh("destroy", id);
    }

    [Fact]
    public async Task A_guest_that_runs_as_it_would_have_is_not_started_anew_by_the_way_back()
    {
        string id = Define("nv-dev-calm");
        await ApplyAsync(Add(id, First));
        string file = Path.Combine(Room.Folder, "detach.xml");
        await File.WriteAllTextAsync(
            file,
            Source("hostdev mode='subsystem' type='pci' managed='yes'", "hostdev", "01", "00"),
            Token
        );
        Room.Virsh("detach-device", id, file, "--config");
        Room.StartGuest(id);
        ObeyShutdown();
        string number = Room.Virsh("domid", id);

        ChangeResult back = await UndoAsync(Scope with { StopGuests = true });

        Assert.DoesNotContain(
            back.Findings,
            static finding => finding.Message.Contains("runs with", StringComparison.Ordinal)
        );
        Assert.Equal(number, Room.Virsh("domid", id));
        Room.Virsh("destroy", id);
    }

    private static VmPciDeviceRequest Add(string id, params string[] devices) => new(id, devices, Add: true);

    private static VmPciDeviceRequest Remove(string id, params string[] devices) => new(id, devices, Add: false);

    private static string Source(string tag, string name, string bus, string slot, string parts = "") =>
        $"<{tag}><source><address domain='0x0000' bus='0x{bus}' slot='0x{slot}' function='0x0'/></source>{parts}</{name}>";

    private static string Place(int slot) =>
        $"<address type='pci' domain='0x0000' bus='0x00' slot='0x{slot:x2}' function='0x0'/>";

    private static string Between(string text, string start, string end)
    {
        int from = text.IndexOf(start, StringComparison.Ordinal);
        return text[from..text.IndexOf(end, from, StringComparison.Ordinal)];
    }

    // Those lines of one text that another one has, in its order.
    private static IEnumerable<string> InOrder(string[] lines, string[] wanted)
    {
        int at = 0;
        foreach (string line in lines)
        {
            if (at < wanted.Length && line == wanted[at])
            {
                at++;
                yield return line;
            }
        }
    }

    private string Define(string name, string devices = "")
    {
        Cards();
        return Room.Define(name, Nehalem, devices);
    }

    private void Attach(string id, string bus, string slot, string parts = "")
    {
        string file = Path.Combine(Room.Folder, "attach.xml");
        File.WriteAllText(
            file,
            Source("hostdev mode='subsystem' type='pci' managed='yes'", "hostdev", bus, slot, parts)
        );
        string said = Room.Virsh("attach-device", id, file, "--config");
        Assert.Contains($"bus='0x{bus}' slot='0x{slot}'", Room.Definition(id), StringComparison.Ordinal);
        Assert.DoesNotContain("error", said, StringComparison.Ordinal);
    }

    // Eight network cards, each in a group of its own.
    private void Cards()
    {
        string root = Path.Combine(Room.Folder, "cards");
        if (Directory.Exists(root))
        {
            return;
        }

        SyntheticHost.Write(root, 8, 1);
        string said = Room.Shell(
            $"cd {root}/sys && mkdir flat && mv devices/pci*/* flat/ && mkdir -p class/iommu/dmar0 && rm -r kernel/iommu_groups/*/devices/* && for one in flat/*; do group=$(readlink $one/iommu_group) && mkdir kernel/iommu_groups/${{group##*/}}/devices/${{one##*/}} || exit 1; done && mount --bind flat /sys/bus/pci/devices && mount --bind kernel/iommu_groups /sys/kernel/iommu_groups && mount --bind class/iommu /sys/class/iommu && echo mounted"
        );
        Assert.SkipUnless(
            said.Contains("mounted", StringComparison.Ordinal),
            $"no devices can be put in place here: {said}"
        );
    }
}
