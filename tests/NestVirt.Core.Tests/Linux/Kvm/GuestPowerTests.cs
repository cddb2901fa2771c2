using System.Diagnostics;
using System.Runtime.Versioning;
using NestVirt.Linux.Kvm;

namespace NestVirt.Core.Tests.Linux.Kvm;

/// <summary>Which guests are owed a start, over a libvirt that is a folder: <c>vm-NAME</c> holds "running NUMBER", or why it is off.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class GuestPowerTests : IDisposable
{
    private const string Libvirt = """
        nv_ask() { nv_virsh "$@"; }
        nv_virsh() {
          [ ! -e "$nv_dir/away" ] || return 1
          case $1 in
            list)
              for t_file in "$nv_dir"/vm-*; do
                read -r t_state <"$t_file"
                case "$* $t_state" in
                  *--with-managed-save*) [ -e "$nv_dir/save-${t_file##*/vm-}" ] || continue ;;
                  *--all* | *' running '*) ;;
                  *) continue ;;
                esac
                printf '%s\n' "${t_file##*/vm-}"
              done ;;
            domid) read -r t_state <"$nv_dir/vm-$2"; case $t_state in running*) printf '%s\n' "${t_state#running }" ;; *) printf -- '-\n' ;; esac ;;
            domstate) cat "$nv_dir/vm-$3" ;;
            domname) printf 'name of %s\n' "$2" ;;
            shutdown) printf '%s\n' "$2" >>"$nv_dir/asked"; [ ! -e "$nv_dir/obeys" ] || printf 'shut off (shutdown)\n' >"$nv_dir/vm-$2" ;;
          esac
        }
        nv_within() {
          case $2 in start) ;; *) return 9 ;; esac
          [ ! -e "$nv_dir/fails" ] || { printf 'no memory\n'; return 1; }
          printf 'running 9\n' >"$nv_dir/vm-$4"
          printf '%s\n' "$4" >>"$nv_dir/started"
        }
        nv_guests_watch() { printf '%s\n' "$@" >>"$nv_dir/watched"; nv_watched=; }
        nv_text() { printf '%b' "$1"; }
        nv_put() { [ ! -e "$nv_dir/full" ] && nv_text "$2" >"$1"; }
        nv_guest_timeout=0
        nv_guest_boot
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;

    public static TheoryData<string> Shells => ["dash", "bash", "mksh", "busybox"];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Shells))]
    public void One_that_goes_off_by_being_asked_is_started_and_owed_no_more(string shell)
    {
        Vm("a", "running 5");
        Write("obeys", string.Empty);

        Assert.Equal((string.Empty, 0), Run(shell, "nv_guests_shut a && nv_guests_start '' ''"));

        Assert.Equal(("a\n", "a\n", string.Empty), (Read("asked"), Read("started"), Read("guests")));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public void One_that_stays_is_watched_and_one_that_was_started_anew_is_not(string shell)
    {
        Vm("a", "running 5");
        Vm("b", "running 6");

        Assert.Equal(
            ("guest name of a did not shut down within 0 s\n", 0),
            Run(shell, "nv_guests_shut a b; echo 'running 7' >\"$nv_dir/vm-b\"; nv_guests_start '' ''")
        );

        Assert.Equal(("a\n", string.Empty, string.Empty), (Read("watched"), Read("started"), Read("guests")));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public void One_that_is_off_when_it_would_be_asked_was_turned_off_by_somebody_else(string shell)
    {
        Vm("a", "shut off (shutdown)");

        Assert.Equal((string.Empty, 0), Run(shell, "nv_guests_shut a && nv_guests_start '' ''"));

        Assert.Equal((string.Empty, string.Empty), (Read("asked"), Read("started")));
    }

    [Theory]
    [InlineData("shut off (shutdown)", "a=BOOT.5", true)]
    [InlineData("shut off (crashed)", "a=BOOT.5", true)]
    [InlineData("shut off (failed)", "a=BOOT.5", true)]
    [InlineData("shut off (destroyed)", "a=BOOT.5", false)]
    [InlineData("shut off (destroyed)", "a=off", false)]
    [InlineData("shut off (destroyed)", "a=destroyed", true)]
    [InlineData("shut off (destroyed)", "a", true)]
    [InlineData("shut off (migrated)", "a=destroyed", false)]
    [InlineData("shut off (saved)", "a=off", false)]
    [InlineData("shut off (from snapshot)", "a=off", false)]
    // What the daemon does not know any more is known where it was seen.
    [InlineData("shut off (unknown)", "a=BOOT.5", false)]
    [InlineData("shut off (unknown)", "a=off", true)]
    [InlineData("shut off (unknown)", "a=destroyed", true)]
    [InlineData("shut off (unknown)", "a", true)]
    // Under the same number after a boot it is another.
    [InlineData("running 5", "a=other.5", false)]
    public void Whether_one_is_started_is_told_by_why_it_is_off_and_what_was_seen(
        string state,
        string owed,
        bool starts
    )
    {
        foreach (string shell in Shells.Select(static row => row.Data))
        {
            Vm("a", state);
            Write("guests", owed.Replace("BOOT", Boot(), StringComparison.Ordinal) + "\n");
            Write("started", string.Empty);

            (string said, int code) = Run(shell, "nv_guests_start '' ''");

            Assert.Equal((shell, starts ? "a\n" : string.Empty), (shell, Read("started")));
            Assert.Equal((0, string.Empty, string.Empty), (code, Read("guests"), Read("watched")));
            Assert.Equal(
                starts || state.StartsWith("running", StringComparison.Ordinal),
                !said.Contains("warning: somebody else has ended guest name of a", StringComparison.Ordinal)
            );
        }
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public void One_with_a_managed_save_or_that_is_gone_is_not_started(string shell)
    {
        Vm("a", "shut off (shutdown)");
        Write("save-a", string.Empty);
        Write("guests", "a=off\nb=off\n");

        (string said, int code) = Run(shell, "nv_guests_start '' ''");

        Assert.Equal((0, string.Empty, string.Empty), (code, Read("started"), Read("guests")));
        Assert.Contains("it has a managed save", said, StringComparison.Ordinal);
        Assert.Contains("guest b is not on this host any more", said, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public void One_that_does_not_start_is_owed_it_as_it_was(string shell)
    {
        Vm("a", "shut off (destroyed)");
        Vm("b", "shut off (shutdown)");
        Write("guests", $"a={Boot()}.3\na=destroyed\nb=off\n");
        Write("fails", string.Empty);

        Assert.Equal(
            ("!guest name of a did not start: no memory\n!guest name of b did not start: no memory\n", 1),
            Run(shell, "nv_guests_start '!' ''")
        );
        Assert.Equal($"a={Boot()}.3\na=destroyed\nb=off\n", Read("guests"));

        File.Delete(Path.Combine(_folder, "fails"));
        Assert.Equal((string.Empty, 0), Run(shell, "nv_guests_start '!' ''"));
        Assert.Equal(("a\nb\n", string.Empty), (Read("started"), Read("guests")));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public void While_libvirt_does_not_answer_nobody_is_forgotten_and_that_is_said(string shell)
    {
        Vm("a", "shut off (shutdown)");
        Write("guests", "a=off\n");
        Write("away", string.Empty);

        Assert.Equal(
            ("warning: libvirt does not answer, and guests may be off\n", 2),
            Run(shell, "nv_guests_start 'warning: ' 'warning: '")
        );
        Assert.Equal(("a=off\n", string.Empty), (Read("guests"), Read("watched")));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public void Whom_a_worker_asked_that_was_killed_stays_owed_when_others_are_asked(string shell)
    {
        Vm("a", "shut off (shutdown)");
        Vm("b", "running 6");
        Write("obeys", string.Empty);
        Write("guests", "a=off\n");

        Assert.Equal(
            ("unload\n", 0),
            Run(shell, "nv_word=unload; nv_guests_shut b && printf '%s\\n' \"$nv_word\" && nv_guests_start '' ''")
        );

        Assert.Equal(("b\n", "a\nb\n", string.Empty), (Read("asked"), Read("started"), Read("guests")));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public void Nobody_is_asked_where_that_cannot_be_written_down(string shell)
    {
        Vm("a", "running 5");
        Write("guests", "b=off\n");
        Write("full", string.Empty);

        Assert.Equal((string.Empty, 1), Run(shell, "nv_guests_shut a"));
        Assert.Equal((string.Empty, "b=off\n"), (Read("asked"), Read("guests")));
    }

    private static string Boot() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    private void Vm(string name, string state) => Write($"vm-{name}", state + "\n");

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    private string Read(string name) =>
        File.Exists(Path.Combine(_folder, name)) ? File.ReadAllText(Path.Combine(_folder, name)) : string.Empty;

    private (string Output, int Code) Run(string shell, string command)
    {
        Needs.Tools(shell);
        using Process process = Process.Start(
            new ProcessStartInfo(shell, shell == "busybox" ? ["sh", "-s"] : ["-s"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        process.StandardInput.Write($"nv_dir={_folder}\n{GuestPower.Script}\n{Libvirt}\n{command}\n");
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (output, process.ExitCode);
    }
}
