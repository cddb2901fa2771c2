using System.Diagnostics;
using NestVirt.Hosts;
using NestVirt.Linux.Guests;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Core.Tests.Linux.Guests;

/// <summary>Defines guests in a real libvirtd of this machine, reads them, and takes them away.</summary>
public sealed class RealLibvirtTests : IDisposable
{
    private const string Daemon = "/run/libvirt/libvirt-sock";

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;
    private readonly List<string> _defined = [];

    public static TheoryData<string> Names { get; } =
        new()
        {
            "nv;b",
            "nv $(id) `id`",
            "--all nv",
            "nv \"quoted\" 'twice'",
            "nv \U0001F600 ünï",
            "nv <b>&amp;",
            "@saved nv",
            new string('n', 200),
        };

    public void Dispose()
    {
        if (_defined.Count > 0)
        {
            Virsh(string.Concat(_defined.Distinct().Select(static id => $"destroy {id};undefine {id};")));
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_guest_of_a_hostile_name_is_told_as_any_other(string name)
    {
        NeedLibvirt();
        string id = Define(name, "<cpu mode='custom'><model>EPYC</model><feature policy='require' name='svm'/></cpu>");

        LibvirtGuest told = Assert.Single(Read().Guests, guest => guest.Id == id);

        Assert.Equal((name, VmState.Off, true, false), (told.Name, told.State, told.IsPersistent, told.IsActive));
        Assert.Null(told.Unread);
        Assert.Equal(DomainDefinition.Parse(Virsh("dumpxml", "--inactive", id)).Features, told.Saved!.Features);
    }

    [Fact]
    public void A_text_in_a_definition_cannot_pretend_to_be_another_guest()
    {
        NeedLibvirt();
        string id = Define(
            "nv-text",
            "<description>\n@saved/22222222-2222-4222-8222-222222222222\n|x\n@list/all\n|22222222-2222-4222-8222-222222222222\n</description>"
        );

        LibvirtFacts told = Read();

        Assert.Contains(told.Guests, guest => guest.Id == id && guest.Unread is null);
        Assert.DoesNotContain(told.Guests, static guest => guest.Id.StartsWith("2222", StringComparison.Ordinal));
    }

    [Fact]
    public void A_guest_that_runs_with_another_processor_than_it_is_defined_with_waits_for_a_restart()
    {
        NeedLibvirt();
        Needs.Tools("qemu-system-x86_64");
        string id = Define(
            "nv-run",
            "<cpu mode='custom'><model>EPYC</model><feature policy='require' name='svm'/></cpu>"
        );
        string said = Virsh("start", id);
        Assert.SkipUnless(
            Virsh("list", "--uuid").Contains(id, StringComparison.Ordinal),
            $"no guest starts here: {said}"
        );
        Define("nv-run", "<cpu mode='custom'><model>EPYC</model><feature policy='disable' name='svm'/></cpu>", id);

        LibvirtFacts facts = Read();
        LibvirtGuest guest = Assert.Single(facts.Guests, guest => guest.Id == id);
        VmNestedCpu told = GuestNestingAssessor.Assess(
            new HostTarget("kvm1", new SnapshotAddress("kvm1.json")),
            new GuestHost(NestedState.NotApplicable, null, null),
            guest
        );

        Assert.Equal(VmState.Running, guest.State);
        Assert.Equal(
            (VmNesting.Now, true, true, false),
            (told.Nesting, told.IsExposedNow, told.IsRestartPending, told.IsExposed)
        );
    }

    [Fact]
    public void Three_hundred_guests_take_as_many_programs_as_one()
    {
        NeedLibvirt();
        Needs.Tools("strace");
        Define("nv-0", string.Empty);
        int few = CountPrograms();
        DefineMany(300);

        Assert.Equal(few, CountPrograms());
        LibvirtFacts told = Read();
        Assert.True(told.Guests.Count(static guest => guest.Saved is not null) > 300);
        Assert.NotNull(told.Capabilities);
    }

    private static void NeedLibvirt()
    {
        Needs.Root();
        Needs.Tools("virsh", "libvirtd", "virtlogd");
        if (!Answers())
        {
            Run("virtlogd", ["-d"], null);
            Run("libvirtd", ["-d"], null);
            for (int i = 0; i < 50 && !Answers(); i++)
            {
                Thread.Sleep(100);
            }
        }

        Assert.SkipUnless(Answers(), "libvirtd does not run here");
    }

    private static bool Answers() =>
        File.Exists(Daemon) && Virsh("uri").Contains("qemu:///system", StringComparison.Ordinal);

    private static LibvirtFacts Read()
    {
        string output = Run("/bin/sh", ["-s"], Script());
        return ProbeScript
            .Split(System.Text.Encoding.UTF8.GetBytes(output), [LibvirtProbe.Probe], "0123456789abcdef")
            .Read(LibvirtFacts.Reading);
    }

    private static string Script() => ProbeScript.Compose([LibvirtProbe.Probe], "0123456789abcdef", allowSudo: false);

    private int CountPrograms()
    {
        string log = Path.Combine(_folder, Path.GetRandomFileName());
        Run(
            "strace",
            ["-f", "--seccomp-bpf", "-qq", "-e", "trace=execve", "-e", "signal=none", "-o", log, "/bin/sh", "-s"],
            Script()
        );
        return File.ReadLines(log)
            .Count(static line =>
                line.EndsWith("= 0", StringComparison.Ordinal) || line.Contains("<unfinished", StringComparison.Ordinal)
            );
    }

    private string Define(string name, string parts, string? id = null)
    {
        id ??= Guid.NewGuid().ToString("D");
        _defined.Add(id);
        string file = Path.Combine(_folder, $"{id}.xml");
        File.WriteAllText(file, Domain(name, parts, id));
        string said = Virsh("define", file);
        Assert.True(Virsh("list", "--all", "--uuid").Contains(id, StringComparison.Ordinal), said);
        return id;
    }

    private void DefineMany(int count)
    {
        System.Text.StringBuilder commands = new();
        for (int i = 1; i <= count; i++)
        {
            string id = Guid.NewGuid().ToString("D");
            _defined.Add(id);
            string file = Path.Combine(_folder, $"{id}.xml");
            File.WriteAllText(file, Domain(FormattableString.Invariant($"nv-{i}"), string.Empty, id));
            commands.Append("define ").Append(file).Append(';');
        }

        Virsh(commands.ToString());
    }

    private static string Domain(string name, string parts, string id) =>
        $"<domain type='qemu'><name>{System.Security.SecurityElement.Escape(name)}</name><uuid>{id}</uuid><memory>32768</memory><os><type arch='x86_64'>hvm</type></os>{parts}<devices><memballoon model='none'/></devices></domain>";

    private static string Virsh(params string[] words) => Run("virsh", ["-q", "-c", "qemu:///system", .. words], null);

    private static string Run(string program, string[] words, string? input)
    {
        ProcessStartInfo start = new(program, words)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["NESTVIRT_ROOT"] = string.Empty;
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task writing = process
            .StandardInput.WriteAsync(input ?? string.Empty)
            .ContinueWith(_ => process.StandardInput.Close(), TaskScheduler.Default);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.Length > 0 ? output : error.Result;
    }
}
