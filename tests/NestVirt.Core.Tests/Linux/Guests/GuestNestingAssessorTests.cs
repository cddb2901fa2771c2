using NestVirt.Hosts;
using NestVirt.Linux.Guests;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Guests;

public sealed class GuestNestingAssessorTests
{
    private const string Require = "<feature policy='require' name='svm'/>";
    private const string Custom = "<cpu mode='custom' match='exact' check='partial'><model>EPYC</model>";

    private static readonly HostTarget s_target = new("kvm1", new SnapshotAddress("kvm1.json"));

    // What is saved, the host's nesting, and what comes of it for a guest that is off.
    public static TheoryData<string, NestedState, VmNesting, Verdict, string> Off { get; } =
        new()
        {
            {
                "<cpu mode='host-passthrough'/>",
                NestedState.On,
                VmNesting.NextStart,
                Verdict.Ready,
                FindingCodes.VmNestingReady
            },
            {
                "<cpu mode='maximum'/>",
                NestedState.On,
                VmNesting.NextStart,
                Verdict.Ready,
                FindingCodes.VmNestingReady
            },
            {
                "<cpu mode='host-passthrough'/>",
                NestedState.Off,
                VmNesting.Off,
                Verdict.Configurable,
                FindingCodes.VmHostNestingOff
            },
            {
                $"<cpu mode='host-passthrough'>{Require}</cpu>",
                NestedState.Off,
                VmNesting.Off,
                Verdict.Configurable,
                FindingCodes.VmHostNestingOff
            },
            {
                "<cpu mode='host-passthrough'/>",
                NestedState.Unknown,
                VmNesting.Unknown,
                Verdict.Unknown,
                FindingCodes.VmUnknown
            },
            {
                "<cpu mode='host-passthrough'/>",
                NestedState.NotApplicable,
                VmNesting.Off,
                Verdict.Blocked,
                FindingCodes.VmHostNestingOff
            },
            {
                "<cpu mode='host-passthrough'><feature policy='disable' name='svm'/></cpu>",
                NestedState.On,
                VmNesting.Off,
                Verdict.Configurable,
                FindingCodes.VmNestingOff
            },
            { "", NestedState.On, VmNesting.Off, Verdict.Configurable, FindingCodes.VmNestingOff },
            { $"{Custom}</cpu>", NestedState.On, VmNesting.Off, Verdict.Configurable, FindingCodes.VmNestingOff },
            {
                $"{Custom}{Require}</cpu>",
                NestedState.On,
                VmNesting.NextStart,
                Verdict.Ready,
                FindingCodes.VmNestingReady
            },
            {
                $"{Custom}{Require}</cpu>",
                NestedState.Off,
                VmNesting.WillNotStart,
                Verdict.Configurable,
                FindingCodes.VmWillNotStart
            },
            {
                $"<cpu mode='custom' check='none'><model>EPYC</model>{Require}</cpu>",
                NestedState.Off,
                VmNesting.Off,
                Verdict.Configurable,
                FindingCodes.VmHostNestingOff
            },
            {
                $"{Custom}<feature policy='require' name='vmx'/></cpu>",
                NestedState.On,
                VmNesting.WillNotStart,
                Verdict.Configurable,
                FindingCodes.VmWillNotStart
            },
            {
                $"{Custom}<feature policy='forbid' name='svm'/></cpu>",
                NestedState.On,
                VmNesting.WillNotStart,
                Verdict.Configurable,
                FindingCodes.VmWillNotStart
            },
            {
                $"{Custom}<feature policy='optional' name='svm'/></cpu>",
                NestedState.On,
                VmNesting.NextStart,
                Verdict.Ready,
                FindingCodes.VmNestingReady
            },
            {
                "<cpu mode='host-model'/>",
                NestedState.On,
                VmNesting.Unknown,
                Verdict.Configurable,
                FindingCodes.VmUnknown
            },
            {
                $"<cpu mode='host-model'>{Require}</cpu>",
                NestedState.On,
                VmNesting.NextStart,
                Verdict.Ready,
                FindingCodes.VmNestingReady
            },
        };

    [Theory]
    [MemberData(nameof(Off))]
    public void Assess_judges_a_guest_that_is_off(
        string cpu,
        NestedState host,
        VmNesting nesting,
        Verdict verdict,
        string code
    )
    {
        VmNestedCpu told = Assess(Amd(host), saved: Domain(cpu));

        Assert.Equal((nesting, verdict), (told.Nesting, told.Verdict));
        Assert.Equal(code, told.Reasons[0].Code);
        Assert.Null(told.IsExposedNow);
    }

    [Theory]
    [InlineData("<cpu mode='host-passthrough'/>", "<cpu mode='host-passthrough'/>", VmNesting.Now, false)]
    [InlineData("<cpu mode='host-passthrough'/>", "", VmNesting.NextStart, true)]
    [InlineData("", "<cpu mode='host-passthrough'/>", VmNesting.Now, true)]
    [InlineData("", "", VmNesting.Off, false)]
    public void Assess_tells_what_runs_from_what_is_saved(
        string saved,
        string running,
        VmNesting nesting,
        bool isPending
    )
    {
        VmNestedCpu told = Assess(Amd(NestedState.On), Domain(saved), Domain(running));

        Assert.Equal((nesting, isPending), (told.Nesting, told.IsRestartPending));
        Assert.Equal(nesting == VmNesting.Now, told.IsExposedNow);
        Assert.Equal(saved.Length > 0, told.IsExposed);
        Assert.Equal(isPending, told.Reasons.Any(static reason => reason.Code == FindingCodes.VmRestartPending));
    }

    [Fact]
    public void A_host_model_that_runs_is_what_libvirt_made_of_it()
    {
        VmNestedCpu told = Assess(
            Amd(NestedState.On),
            Domain("<cpu mode='host-model'/>"),
            Domain($"{Custom}{Require}</cpu>")
        );

        Assert.Equal((VmNesting.Now, true), (told.Nesting, told.IsExposedNow));
    }

    [Fact]
    public void A_transient_guest_has_no_next_start()
    {
        VmNestedCpu told = Assess(Amd(NestedState.On), saved: null, Domain("<cpu mode='host-passthrough'/>"));

        Assert.Equal((VmNesting.Now, true, null), (told.Nesting, told.IsExposed, told.IsRestartPending));
    }

    [Theory]
    [InlineData("<cpu mode='host-model'/>", "<feature policy='require' name='vmx'/>", VmNesting.NextStart)]
    [InlineData("<cpu mode='host-model'/>", "<feature policy='disable' name='vmx'/>", VmNesting.Off)]
    [InlineData("<cpu mode='host-model'/>", "", VmNesting.Off)]
    public void Host_model_is_what_the_domain_capabilities_say(string cpu, string features, VmNesting nesting)
    {
        GuestHost host = new(NestedState.On, "kvm_intel", null)
        {
            Capabilities = DomainCapabilities.Parse(
                $"<domainCapabilities><domain>kvm</domain><arch>x86_64</arch><cpu><mode name='host-model' supported='yes'>{features}</mode></cpu></domainCapabilities>"
            ),
        };

        Assert.Equal(nesting, Assess(host, Domain(cpu)).Nesting);
    }

    [Theory]
    [InlineData("", VmNesting.WillNotStart)]
    [InlineData("<feature policy='disable' name='avx512f'/>", VmNesting.Off)]
    public void A_model_that_is_not_usable_keeps_a_guest_from_starting(string features, VmNesting nesting)
    {
        GuestHost host = Amd(NestedState.On) with
        {
            Capabilities = DomainCapabilities.Parse(
                "<domainCapabilities><domain>kvm</domain><arch>x86_64</arch><cpu><mode name='custom' supported='yes'><model usable='no'>EPYC</model><blockers model='EPYC'><feature name='avx512f'/></blockers></mode></cpu></domainCapabilities>"
            ),
        };

        Assert.Equal(nesting, Assess(host, Domain($"{Custom}{features}</cpu>")).Nesting);
    }

    [Fact]
    public void A_guest_without_KVM_is_said_to_be_emulated()
    {
        VmNestedCpu svm = Assess(Amd(NestedState.Off), Domain($"{Custom}{Require}</cpu>", "qemu"));
        VmNestedCpu vmx = Assess(
            Amd(NestedState.On),
            Domain($"{Custom}<feature policy='require' name='vmx'/></cpu>", "qemu")
        );
        VmNestedCpu plain = Assess(Amd(NestedState.On), Domain("", "qemu"));

        Assert.Equal(
            (VmNesting.NextStart, VmNesting.Off, VmNesting.Unknown),
            (svm.Nesting, vmx.Nesting, plain.Nesting)
        );
        Assert.All(
            [svm, vmx, plain],
            static told => Assert.Contains(told.Reasons, static reason => reason.Code == FindingCodes.VmEmulated)
        );
    }

    [Theory]
    [InlineData("s390x")]
    [InlineData("ppc64le")]
    [InlineData("aarch64")]
    [InlineData("riscv64")]
    public void Other_architectures_get_no_advice_for_x86(string architecture)
    {
        DomainDefinition domain = Domain("<cpu mode='host-passthrough'/>") with { Architecture = architecture };

        VmNestedCpu told = Assess(new GuestHost(NestedState.On, "kvm", null) { Architecture = architecture }, domain);

        Assert.Equal((VmNesting.Unknown, Verdict.Unknown), (told.Nesting, told.Verdict));
        Assert.DoesNotContain(
            told.Reasons,
            static reason => reason.Remedy?.Contains("vmx", StringComparison.Ordinal) == true
        );
    }

    [Fact]
    public void A_managed_save_goes_on_with_its_own_processor()
    {
        VmNestedCpu told = GuestNestingAssessor.Assess(
            s_target,
            Amd(NestedState.On),
            new LibvirtGuest("1")
            {
                State = VmState.Saved,
                HasManagedSave = true,
                Saved = Domain("<cpu mode='host-passthrough'/>"),
            }
        );

        Assert.Equal((VmNesting.Unknown, FindingCodes.VmSaved), (told.Nesting, told.Reasons[0].Code));
    }

    [Fact]
    public void What_is_odd_is_named()
    {
        string cpu =
            "<cpu mode='host-passthrough' migratable='off'><feature policy='force' name='svm'/><feature policy='require' name='vmx'/><feature policy='require' name='svme-addr-chk'/><feature policy='require' name='svme-addr-chk'/></cpu>";

        VmNestedCpu told = Assess(Amd(NestedState.On), Domain(cpu));

        Assert.Equal(
            [
                FindingCodes.VmWrongVendor,
                FindingCodes.VmCpuForced,
                FindingCodes.VmCpuNamedTwice,
                FindingCodes.VmNestingReady,
                FindingCodes.VmNotMigratable,
            ],
            told.Reasons.Select(static reason => reason.Code)
        );
        Assert.Equal(["force svm", "require vmx", "require svme-addr-chk", "require svme-addr-chk"], told.CpuFeatures);
        Assert.False(told.IsMigratable);
    }

    [Fact]
    public void Words_for_QEMU_past_libvirt_make_it_unknown()
    {
        DomainDefinition domain = DomainDefinition.Parse(
            "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><os><type arch='x86_64'>hvm</type></os><cpu mode='host-passthrough'/><qemu:commandline><qemu:arg value='-cpu'/><qemu:arg value='host,-svm'/></qemu:commandline></domain>"
        );

        Assert.Equal(VmNesting.Unknown, Assess(Amd(NestedState.On), domain).Nesting);
    }

    private static GuestHost Amd(NestedState nesting) =>
        new(nesting, "kvm_amd", "/sys/module/kvm_amd/parameters/nested: 1") { Architecture = "x86_64", HasKvm = true };

    private static DomainDefinition Domain(string cpu, string type = "kvm") =>
        DomainDefinition.Parse(
            $"<domain type='{type}'><name>g</name><os><type arch='x86_64'>hvm</type></os>{cpu}<devices/></domain>"
        );

    private static VmNestedCpu Assess(GuestHost host, DomainDefinition? saved, DomainDefinition? running = null) =>
        GuestNestingAssessor.Assess(
            s_target,
            host,
            new LibvirtGuest("1")
            {
                State = running is null ? VmState.Off : VmState.Running,
                IsActive = running is not null,
                IsPersistent = saved is not null,
                Saved = saved,
                Running = running,
            }
        );
}
