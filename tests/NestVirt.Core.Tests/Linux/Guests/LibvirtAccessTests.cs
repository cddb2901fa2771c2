using System.Text;
using NestVirt.Hosts;
using NestVirt.Linux;
using NestVirt.Linux.Guests;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Linux.Guests;

/// <summary>What is said where libvirt does not tell of its guests; by a real libvirtd, where it is one that does not.</summary>
public sealed class LibvirtAccessTests
{
    private static readonly HostTarget s_target = new("kvm1", new SnapshotAddress("kvm1.json"));

    [Fact]
    public void A_host_without_libvirt_has_no_guests_of_it_and_says_so()
    {
        ProbeAnswers answers = Answers("absent\tvirsh\n");

        Assert.Empty(LibvirtAccess.Require(answers, s_target).Guests);
        Finding finding = Assert.Single(LibvirtAccess.FindingsOf(answers));
        Assert.Equal((FindingCodes.GuestsNotListed, "no virsh"), (finding.Code, finding.Evidence));
    }

    [Fact]
    public void Guests_that_run_without_libvirt_are_named()
    {
        const string Users = "user\t7\tkvm\nmachine\t7\n";

        Finding without = Assert.Single(LibvirtAccess.FindingsOf(Answers("absent\tvirsh\n", Users)));
        Finding beside = Assert.Single(LibvirtAccess.FindingsOf(Answers("status\t0\n@list/all\n", Users)));
        NestVirtException silent = Assert.Throws<NestVirtException>(() =>
            LibvirtAccess.Require(Answers("status\t1\n", Users), s_target)
        );

        Assert.All([without, beside], static finding => Assert.Equal("kvm (process 7)", finding.Evidence));
        Assert.Contains("kvm (process 7)", silent.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_recorded_and_a_tree_are_errors_and_no_empty_list()
    {
        NestVirtException old = Assert.Throws<NestVirtException>(() =>
            LibvirtAccess.Require(new ProbeAnswers(new Dictionary<string, ProbeAnswer>()), s_target)
        );
        NestVirtException tree = Assert.Throws<NestVirtException>(() =>
            LibvirtAccess.Require(Answers(string.Empty), s_target)
        );

        Assert.Equal((NestVirtErrorKind.SnapshotInvalid, NestVirtErrorKind.FeatureNotSupported), (old.Kind, tree.Kind));
        Assert.Empty(LibvirtAccess.FindingsOf(new ProbeAnswers(new Dictionary<string, ProbeAnswer>())));
        Assert.Empty(LibvirtAccess.FindingsOf(Answers(string.Empty)));
    }

    [Fact]
    public void A_host_whose_virsh_is_away_is_told_from_one_that_has_no_libvirt()
    {
        using PrivateLibvirt libvirt = PrivateLibvirt.WithoutDaemon();
        Hide(libvirt, "virsh");

        ProbeAnswers none = libvirt.Read();
        libvirt.Run("/bin/sh", ["-c", "virtlogd -d; libvirtd -d; sleep 2"]);
        ProbeAnswers daemon = libvirt.Read();

        Assert.Empty(LibvirtAccess.Require(none, s_target).Guests);
        Assert.Single(LibvirtAccess.FindingsOf(none));
        NestVirtException error = Assert.Throws<NestVirtException>(() => LibvirtAccess.Require(daemon, s_target));
        Assert.Equal(NestVirtErrorKind.FeatureNotSupported, error.Kind);
        Assert.Contains("/run/libvirt/libvirt-sock", error.Message, StringComparison.Ordinal);
        Assert.Empty(LibvirtAccess.FindingsOf(daemon));
    }

    [Fact]
    public void A_daemon_that_does_not_run_is_an_error_with_how_to_start_it()
    {
        using PrivateLibvirt libvirt = PrivateLibvirt.WithoutDaemon();

        NestVirtException never = Refusal(libvirt.Read());
        libvirt.StartDaemon();
        libvirt.Signal("KILL");
        NestVirtException died = Refusal(libvirt.Read());

        Assert.All([never, died], static error => Assert.Equal(NestVirtErrorKind.FeatureNotSupported, error.Kind));
        Assert.Contains("No such file or directory", never.Message, StringComparison.Ordinal);
        Assert.Contains("systemctl start libvirtd", never.Remedy, StringComparison.Ordinal);
        Assert.Contains("Connection refused", died.Message, StringComparison.Ordinal);
        Assert.Contains("systemctl status libvirtd", died.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_daemon_that_hangs_is_given_up()
    {
        using PrivateLibvirt libvirt = new();
        libvirt.Signal("STOP");
        libvirt.Run(
            "/bin/sh",
            ["-c", "mkdir /run/tools; cat >/run/tools/timeout; chmod +x /run/tools/timeout"],
            "#!/bin/sh\n[ \"$1\" = 25 ] || exit 9\nshift\nexec /usr/bin/timeout 2 \"$@\"\n"
        );

        ProbeAnswers answers = libvirt.Read(
            environment: new Dictionary<string, string> { ["PATH"] = "/run/tools:/usr/sbin:/usr/bin:/sbin:/bin" }
        );

        Assert.Equal(NestVirtErrorKind.HostTimeout, Refusal(answers).Kind);
    }

    [Fact]
    public void An_account_that_may_not_open_the_socket_is_refused_and_told_the_group()
    {
        using PrivateLibvirt libvirt = PrivateLibvirt.WithoutDaemon();
        libvirt.StartDaemon("unix_sock_ro_perms = \"0770\"\nauth_unix_ro = \"none\"");
        libvirt.Define("nv-hidden");

        NestVirtException error = Refusal(libvirt.Read(PrivateLibvirt.Nobody));

        Assert.Equal(NestVirtErrorKind.HostPermissionDenied, error.Kind);
        Assert.Contains("group libvirt", error.Remedy, StringComparison.Ordinal);
        Assert.Single(LibvirtAccess.Require(libvirt.Read(), s_target).Guests);
    }

    [Fact]
    public void A_daemon_that_cannot_ask_polkit_lets_root_in_alone()
    {
        using PrivateLibvirt libvirt = PrivateLibvirt.WithoutDaemon();
        libvirt.StartDaemon("auth_unix_ro = \"polkit\"");

        NestVirtException error = Refusal(libvirt.Read(PrivateLibvirt.Nobody));

        Assert.Contains("error: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("as root", error.Remedy, StringComparison.Ordinal);
        Assert.Empty(LibvirtAccess.Require(libvirt.Read(), s_target).Guests);
    }

    [Fact]
    public void An_ordinary_account_lists_guests_and_sudo_adds_what_the_host_can_give()
    {
        Needs.Tools("sudo");
        using PrivateLibvirt libvirt = PrivateLibvirt.WithoutDaemon();
        libvirt.StartDaemon("auth_unix_ro = \"none\"");
        string id = libvirt.Define("nv-seen");

        LibvirtFacts without = LibvirtAccess.Require(libvirt.Read(PrivateLibvirt.Nobody), s_target);
        libvirt.Run(
            "/bin/sh",
            ["-c", "mount -t tmpfs -o mode=0755 tmpfs /etc/sudoers.d; umask 337; cat >/etc/sudoers.d/nobody"],
            "nobody ALL=(ALL) NOPASSWD: ALL\n"
        );
        LibvirtFacts with = LibvirtAccess.Require(libvirt.Read(PrivateLibvirt.Nobody, allowSudo: true), s_target);

        Assert.All([without, with], facts => Assert.Equal((id, "nv-seen"), (facts.Guests[0].Id, facts.Guests[0].Name)));
        Assert.Null(without.Capabilities);
        Assert.Equal("x86_64", with.Capabilities?.Architecture);
    }

    /// <summary>Whoever connects to a socket that systemd holds starts the daemon, and so the guests that are started with the host.</summary>
    [Fact]
    [Trait("Category", "Security")]
    public void A_daemon_that_sleeps_since_the_boot_is_not_woken()
    {
        using PrivateLibvirt libvirt = PrivateLibvirt.WithoutDaemon();
        libvirt.Run("/bin/sh", ["-c", "mkdir -p /run/systemd/system; : >/run/libvirt/libvirt-sock"]);

        NestVirtException error = Refusal(libvirt.Read());

        Assert.Contains("asking would start it", error.Message, StringComparison.Ordinal);
        Assert.Contains("virsh -c qemu:///system list", error.Remedy, StringComparison.Ordinal);

        // It has run, and the guests with it: it may be asked again.
        libvirt.Run("/bin/sh", ["-c", "mkdir /run/libvirt/qemu"]);
        Assert.DoesNotContain("asking would start it", Refusal(libvirt.Read()).Message, StringComparison.Ordinal);
    }

    // Whatever is asked of a host: a snapshot takes all of it.
    [Fact]
    public void No_probe_wakes_a_daemon_that_sleeps()
    {
        using PrivateLibvirt libvirt = PrivateLibvirt.WithoutDaemon();
        libvirt.Run(
            "/bin/sh",
            [
                "-c",
                "mkdir -p /run/systemd/system /run/client; : >/run/libvirt/libvirt-sock; printf '#!/bin/sh\\necho \"$*\" >>/run/client/called\\n' >/run/client/virsh; chmod 755 /run/client/virsh",
            ]
        );
        LinuxPlatform platform = new();
        string script = ProbeScript.Compose(
            [.. platform.Probes.Concat(platform.PlanProbes).Cast<ShellProbe>()],
            "0123456789abcdef",
            allowSudo: false
        );
        Dictionary<string, string> path = new() { ["PATH"] = "/run/client:/usr/sbin:/usr/bin:/sbin:/bin" };

        libvirt.Run("/bin/sh", ["-s"], script, path);
        Assert.Equal(string.Empty, libvirt.Run("/bin/sh", ["-c", "cat /run/client/called 2>/dev/null"]).Output);

        libvirt.Run("/bin/sh", ["-c", "mkdir /run/libvirt/qemu"]);
        libvirt.Run("/bin/sh", ["-s"], script, path);
        Assert.NotEqual(string.Empty, libvirt.Run("/bin/sh", ["-c", "cat /run/client/called"]).Output);
    }

    [Fact]
    public void Guests_of_a_session_are_none_of_the_system_daemon()
    {
        using PrivateLibvirt libvirt = PrivateLibvirt.WithoutDaemon();
        libvirt.StartDaemon("auth_unix_ro = \"none\"");
        string[] session =
        [
            $"--reuid={PrivateLibvirt.Nobody}",
            $"--regid={PrivateLibvirt.Nobody}",
            "--clear-groups",
            "virsh",
            "-q",
            "-c",
            "qemu:///session",
        ];
        libvirt.Run(
            "/bin/sh",
            ["-c", "cat >/run/nobody/guest.xml"],
            PrivateLibvirt.Domain("nv-session", string.Empty, Guid.NewGuid().ToString("D"))
        );
        libvirt.Run("setpriv", [.. session, "define", "/run/nobody/guest.xml"]);

        ProbeAnswers answers = libvirt.Read(PrivateLibvirt.Nobody);

        Assert.Contains(
            "nv-session",
            libvirt.Run("setpriv", [.. session, "list", "--all", "--name"]).Said,
            StringComparison.Ordinal
        );
        Assert.Empty(LibvirtAccess.Require(answers, s_target).Guests);
    }

    /// <summary>libvirt's catalogue of messages is written here, so that virsh speaks it whatever is installed.</summary>
    [Fact]
    public void An_account_of_another_language_is_answered_alike()
    {
        using PrivateLibvirt libvirt = PrivateLibvirt.WithoutDaemon();
        string catalogue = Convert.ToBase64String(
            Catalogue(("error: ", "Fehler: "), ("failed to connect to the hypervisor", "Keine Verbindung"))
        );
        libvirt.Run(
            "/bin/sh",
            [
                "-c",
                "mount -t tmpfs tmpfs /usr/share/locale; mkdir -p /usr/share/locale/de/LC_MESSAGES; base64 -d >/usr/share/locale/de/LC_MESSAGES/libvirt.mo",
            ],
            catalogue
        );
        Dictionary<string, string> german = new()
        {
            ["LC_ALL"] = "C.UTF-8",
            ["LANG"] = "C.UTF-8",
            ["LANGUAGE"] = "de",
        };
        string said = libvirt.Run("virsh", ["-q", "-c", "qemu:///system", "list"], "", german).Said;
        Assert.SkipUnless(
            said.StartsWith("Fehler: ", StringComparison.Ordinal),
            $"virsh speaks no German here: {said}"
        );

        NestVirtException error = Refusal(libvirt.Read(environment: german));

        Assert.Contains("error: failed to connect", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_left_of_a_daemon_of_the_tests()
    {
        string mark = $"nv-{Guid.NewGuid():N}";
        using (PrivateLibvirt libvirt = new())
        {
            string id = libvirt.Define(mark);
            libvirt.Virsh("start", id);
            Assert.NotEmpty(Processes(mark));
        }

        Assert.Empty(Processes(mark));
        Assert.Empty(
            Directory.Exists("/sys/fs/cgroup")
                ? Directory.EnumerateDirectories(
                    "/sys/fs/cgroup",
                    $"*{mark[..8]}*",
                    new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }
                )
                : []
        );
        Assert.False(File.Exists($"/run/libvirt/qemu/{mark}.pid"));
    }

    private static string[] Processes(string mark) =>
        [
            .. Directory
                .EnumerateDirectories("/proc")
                .Where(static folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]))
                .Where(folder =>
                {
                    try
                    {
                        return File.ReadAllText(Path.Combine(folder, "cmdline"))
                            .Contains(mark, StringComparison.Ordinal);
                    }
                    catch (Exception error) when (error is IOException or UnauthorizedAccessException)
                    {
                        return false;
                    }
                }),
        ];

    private static void Hide(PrivateLibvirt libvirt, string program) =>
        libvirt.Run("/bin/sh", ["-c", $"mount --bind /dev/null \"$(command -v {program})\""]);

    private static NestVirtException Refusal(ProbeAnswers answers) =>
        Assert.Throws<NestVirtException>(() => LibvirtAccess.Require(answers, s_target));

    private static ProbeAnswers Answers(string guests, string? users = null)
    {
        Dictionary<string, ProbeAnswer> answers = new() { ["guests"] = new(guests) };
        if (users is not null)
        {
            answers["kvmusers"] = new(users);
        }

        return new ProbeAnswers(answers);
    }

    // The form is that of GNU gettext's manual, "The Format of GNU MO Files"; the originals are sorted.
    private static byte[] Catalogue(params (string Original, string Translation)[] messages)
    {
        (string Original, string Translation)[] all =
        [
            ("", "Content-Type: text/plain; charset=UTF-8\n"),
            .. messages.OrderBy(static message => message.Original, StringComparer.Ordinal),
        ];
        using MemoryStream file = new();
        using BinaryWriter writer = new(file);
        const int HeaderLength = 28;
        int at = HeaderLength + (16 * all.Length);
        foreach (
            uint word in (uint[])
                [0x950412DE, 0, (uint)all.Length, HeaderLength, (uint)(HeaderLength + (8 * all.Length)), 0, 0]
        )
        {
            writer.Write(word);
        }

        byte[][] texts =
        [
            .. all.Select(static message => Encoding.UTF8.GetBytes(message.Original)),
            .. all.Select(static message => Encoding.UTF8.GetBytes(message.Translation)),
        ];
        foreach (byte[] text in texts)
        {
            writer.Write(text.Length);
            writer.Write(at);
            at += text.Length + 1;
        }

        foreach (byte[] text in texts)
        {
            writer.Write(text);
            writer.Write((byte)0);
        }

        writer.Flush();
        return file.ToArray();
    }
}
