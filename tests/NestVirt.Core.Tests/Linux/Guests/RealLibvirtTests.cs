using NestVirt.Hosts;
using NestVirt.Linux.Guests;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Core.Tests.Linux.Guests;

/// <summary>Guests of a real libvirtd, as the probe reads them.</summary>
/// <param name="libvirt">The daemon.</param>
public sealed class RealLibvirtTests(PrivateLibvirt libvirt) : IClassFixture<PrivateLibvirt>
{
    private const string Svm = "<cpu mode='custom'><model>EPYC</model><feature policy='require' name='svm'/></cpu>";

    public static TheoryData<string> Names { get; } =
        new()
        {
            "nv;b",
            "nv $(id) `id`",
            "--all",
            "-r",
            "nv \"quoted\" 'twice'",
            "nv \U0001F600 ünï",
            "nv <b>&amp;",
            "@saved nv",
            " nv before and behind ",
            "   ",
            "nv\ttab",
            "nv\\n%s",
            "11111111-2222-4333-8444-555555555555",
            // Its files are called NAME.xml.new for a while, and no file's name is longer than 255 bytes.
            new string('n', 247),
            string.Concat(Enumerable.Repeat("\U0001F600", 61)),
        };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_guest_of_a_hostile_name_is_told_as_any_other(string name)
    {
        string id = libvirt.Define(name, Svm);

        LibvirtGuest told = Assert.Single(Read().Guests, guest => guest.Id == id);

        Assert.Equal((name, VmState.Off, true, false), (told.Name, told.State, told.IsPersistent, told.IsActive));
        Assert.Null(told.Unread);
        Assert.Equal(DomainDefinition.Parse(libvirt.Virsh("dumpxml", "--inactive", id)).Features, told.Saved!.Features);
    }

    [Theory]
    [InlineData("nv\nline")]
    [InlineData("nv/slash")]
    [InlineData("")]
    public void Names_that_are_not_weighed_are_none_that_libvirt_takes(string name)
    {
        string id = Guid.NewGuid().ToString("D");

        ProgramResult result = libvirt.Run(
            "virsh",
            ["-q", "-c", "qemu:///system", "define", "/dev/stdin"],
            PrivateLibvirt.Domain(name, string.Empty, id)
        );

        Assert.NotEqual(0, result.ExitCode);
        Assert.DoesNotContain(Read().Guests, guest => guest.Id == id);
    }

    [Fact]
    public void Of_a_definition_what_is_read_travels_and_the_rest_does_not()
    {
        string id = Guid.NewGuid().ToString("D");
        string definition = PrivateLibvirt
            .Domain("nv-parts", "<metadata><x:y xmlns:x='urn:x'><x:z>kept here</x:z></x:y></metadata>", id)
            .Replace(
                "<devices>",
                "<devices><disk type='file'><source file='/srv/kept-here.img'/><target dev='vda'/></disk><interface type='user'/><interface type='user'/><hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0' bus='0x3b' slot='0' function='1'/></source></hostdev>",
                StringComparison.Ordinal
            );
        Assert.Equal(
            0,
            libvirt.Run("virsh", ["-q", "-c", "qemu:///system", "define", "/dev/stdin"], definition).ExitCode
        );

        ProbeAnswers answers = libvirt.Read();

        DomainDefinition told = answers.Read(LibvirtFacts.Reading).Guests.Single(guest => guest.Id == id).Saved!;
        Assert.Equal((2, "0000:3b:00.1"), (told.AdapterCount, Assert.Single(told.AssignedDevices)));
        Assert.DoesNotContain("kept", answers[LibvirtProbe.Probe].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_in_a_definition_cannot_pretend_to_be_another_guest()
    {
        string id = libvirt.Define(
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
        string id = libvirt.Define("nv-run", Svm);
        Start(id);
        libvirt.Define(
            "nv-run",
            "<cpu mode='custom'><model>EPYC</model><feature policy='disable' name='svm'/></cpu>",
            id
        );

        LibvirtGuest guest = Find(id);
        VmNestedCpu told = Assess(guest);

        Assert.Equal(VmState.Running, guest.State);
        Assert.Equal(
            (VmNesting.Now, true, true, false),
            (told.Nesting, told.IsExposedNow, told.IsRestartPending, told.IsExposed)
        );
    }

    [Fact]
    public void States_and_what_libvirt_does_with_a_guest_are_told()
    {
        string paused = libvirt.Define("nv-paused", Svm);
        Start(paused);
        libvirt.Virsh("suspend", paused);
        string auto = libvirt.Define("nv-auto");
        libvirt.Virsh("autostart", auto);
        string transient = Guid.NewGuid().ToString("D");
        libvirt.Run(
            "virsh",
            ["-q", "-c", "qemu:///system", "create", "/dev/stdin"],
            PrivateLibvirt.Domain("nv-transient", Svm, transient)
        );
        string saved = libvirt.Define("nv-saved", Svm);
        Start(saved);
        string said = libvirt.Virsh("managedsave", saved);

        Assert.Equal((VmState.Paused, true, true, false), Flags(Find(paused)));
        Assert.Equal((VmState.Off, false, true, true), Flags(Find(auto)));
        Assert.Equal((VmState.Running, true, false, false), Flags(Find(transient)));
        Assert.Null(Find(transient).Saved);
        Assert.True(Find(saved).HasManagedSave, said);
        Assert.Equal(VmState.Saved, Find(saved).State);
        Assert.Equal(FindingCodes.VmSaved, Assess(Find(saved)).Reasons[0].Code);

        static (VmState State, bool IsActive, bool IsPersistent, bool AutoStart) Flags(LibvirtGuest guest) =>
            (guest.State, guest.IsActive, guest.IsPersistent, guest.AutoStart);
    }

    [Fact]
    public void Three_hundred_guests_take_as_many_programs_as_one()
    {
        Needs.Tools("strace");
        libvirt.Define("nv-0");
        int few = CountPrograms();
        DefineMany(300);

        Assert.Equal(few, CountPrograms());
        LibvirtFacts told = Read();
        Assert.True(told.Guests.Count(static guest => guest.Saved is not null) > 300);
        Assert.NotNull(told.Capabilities);
    }

    private static VmNestedCpu Assess(LibvirtGuest guest) =>
        GuestNestingAssessor.Assess(
            new HostTarget("kvm1", new SnapshotAddress("kvm1.json")),
            new GuestHost(NestedState.NotApplicable, null, null),
            guest
        );

    private LibvirtFacts Read() => libvirt.Read().Read(LibvirtFacts.Reading);

    private LibvirtGuest Find(string id) => Assert.Single(Read().Guests, guest => guest.Id == id);

    private void Start(string id)
    {
        string said = libvirt.Virsh("start", id);
        Assert.SkipUnless(
            libvirt.Virsh("list", "--uuid").Contains(id, StringComparison.Ordinal),
            $"no guest starts here: {said}"
        );
    }

    private int CountPrograms()
    {
        ProgramResult result = libvirt.Run(
            "strace",
            ["-f", "--seccomp-bpf", "-qq", "-e", "trace=execve", "-e", "signal=none", "/bin/sh", "-s"],
            ProbeScript.Compose([LibvirtProbe.Probe], "0123456789abcdef", allowSudo: false)
        );
        int count = result
            .ErrorOutput.Split('\n')
            .Count(static line =>
                line.Contains("execve(", StringComparison.Ordinal)
                && (
                    line.EndsWith("= 0", StringComparison.Ordinal)
                    || line.Contains("<unfinished", StringComparison.Ordinal)
                )
            );
        Assert.True(count > 0, result.ErrorOutput);
        return count;
    }

    private void DefineMany(int count)
    {
        System.Text.StringBuilder script = new("mkdir -p /run/many; cd /run/many\n");
        for (int i = 1; i <= count; i++)
        {
            string name = FormattableString.Invariant($"nv-{i}");
            script.Append("cat >").Append(name).Append(" <<'EOF'\n");
            script.Append(PrivateLibvirt.Domain(name, string.Empty, Guid.NewGuid().ToString("D"))).Append("\nEOF\n");
            script.Append("c=\"$c define /run/many/").Append(name).Append(";\"\n");
        }

        libvirt.Run("/bin/sh", ["-s"], script.Append("virsh -q -c qemu:///system \"$c\"\n").ToString());
    }
}
