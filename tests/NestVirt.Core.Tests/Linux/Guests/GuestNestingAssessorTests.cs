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
                VmNesting.Off,
                Verdict.Configurable,
                FindingCodes.VmHostNestingOff
            },
            {
                $"<cpu mode='custom' check='full'><model>EPYC</model>{Require}</cpu>",
                NestedState.Off,
                VmNesting.WillNotStart,
                Verdict.Configurable,
                FindingCodes.VmWillNotStart
            },
            {
                $"<cpu mode='host-passthrough' check='full'>{Require}</cpu>",
                NestedState.Off,
                VmNesting.WillNotStart,
                Verdict.Configurable,
                FindingCodes.VmWillNotStart
            },
            {
                "<cpu mode='host-passthrough'><feature policy='require' name='vmx'/></cpu>",
                NestedState.On,
                VmNesting.NextStart,
                Verdict.Ready,
                FindingCodes.VmWrongVendor
            },
            {
                "<cpu mode='host-model'><feature policy='require' name='vmx'/></cpu>",
                NestedState.On,
                VmNesting.WillNotStart,
                Verdict.Configurable,
                FindingCodes.VmWillNotStart
            },
            {
                $"{Custom}<feature policy='forbid' name='svm'/></cpu>",
                NestedState.Off,
                VmNesting.WillNotStart,
                Verdict.Configurable,
                FindingCodes.VmWillNotStart
            },
            {
                "<cpu mode='host-model'><feature policy='forbid' name='svm'/></cpu>",
                NestedState.On,
                VmNesting.WillNotStart,
                Verdict.Configurable,
                FindingCodes.VmWillNotStart
            },
            {
                "<cpu mode='host-passthrough'><feature policy='forbid' name='svm'/></cpu>",
                NestedState.On,
                VmNesting.Off,
                Verdict.Configurable,
                FindingCodes.VmNestingOff
            },
            {
                $"<cpu mode='custom' match='minimum'><model>kvm64</model>{Require}</cpu>",
                NestedState.On,
                VmNesting.NextStart,
                Verdict.Ready,
                FindingCodes.VmNestingReady
            },
            {
                $"<cpu mode='custom'><model>EPYC</model><vendor>Intel</vendor>{Require}</cpu>",
                NestedState.On,
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
        GuestHost host = new(NestedState.On, "kvm_intel", null) { Capabilities = Capabilities(features) };

        Assert.Equal(nesting, Assess(host, Domain(cpu)).Nesting);
    }

    // Of what a guest runs with, its definition in effect says all but what it shares with the model.
    [Theory]
    [InlineData("EPYC", "", VmNesting.Now)]
    [InlineData("EPYC", "<feature policy='disable' name='svm'/>", VmNesting.Off)]
    [InlineData("qemu64", "", VmNesting.Now)]
    [InlineData("kvm64", "", VmNesting.Off)]
    [InlineData("Opteron_G1", "", VmNesting.Off)]
    [InlineData("kvm64", Require, VmNesting.Now)]
    public void What_runs_is_what_libvirt_wrote_of_it(string model, string features, VmNesting nesting)
    {
        DomainDefinition running = Domain(
            $"<cpu mode='custom' match='exact' check='full'><model>{model}</model>{features}</cpu>"
        );

        Assert.Equal(nesting, Assess(Amd(NestedState.On), saved: null, running).Nesting);
        Assert.Equal(VmNesting.Off, Assess(Amd(NestedState.Off), saved: null, running).Nesting);
    }

    [Theory]
    [InlineData("", true, VmNesting.NextStart)]
    [InlineData("<cpu mode='host-model'/>", true, VmNesting.NextStart)]
    [InlineData(Custom + "</cpu>", true, VmNesting.NextStart)]
    [InlineData("<cpu mode='custom'><model>kvm64</model></cpu>", true, VmNesting.Off)]
    [InlineData("", false, VmNesting.Off)]
    [InlineData("<cpu mode='host-model'/>", false, VmNesting.Off)]
    [InlineData("<cpu mode='custom' match='minimum'><model>kvm64</model></cpu>", false, VmNesting.Off)]
    [InlineData("", null, VmNesting.Unknown)]
    [InlineData("<cpu mode='host-model'/>", null, VmNesting.Unknown)]
    [InlineData("<cpu mode='custom'><model>kvm64</model></cpu>", null, VmNesting.Off)]
    public void Ubuntus_QEMU_gives_svm_unasked(string cpu, bool? isUbuntu, VmNesting nesting)
    {
        GuestHost host = Amd(NestedState.On) with { IsUbuntu = isUbuntu, Capabilities = Capabilities(string.Empty) };

        Assert.Equal(nesting, Assess(host, Domain(cpu)).Nesting);
    }

    [Theory]
    [InlineData("pc-i440fx-2.1", VmNesting.Unknown)]
    [InlineData("pc-1.3", VmNesting.Unknown)]
    [InlineData("rhel6.6.0", VmNesting.Unknown)]
    [InlineData("pc-i440fx-2.2", VmNesting.Off)]
    [InlineData("pc-q35-10.0", VmNesting.Off)]
    [InlineData("pc", VmNesting.Off)]
    public void Machines_of_old_may_have_svm_unasked(string machine, VmNesting nesting)
    {
        DomainDefinition domain = Domain(string.Empty) with { Machine = machine };

        Assert.Equal(nesting, Assess(Amd(NestedState.On), domain).Nesting);
    }

    [Theory]
    [InlineData("sev", Verdict.Blocked)]
    [InlineData("sev-snp", Verdict.Blocked)]
    [InlineData("tdx", Verdict.Blocked)]
    [InlineData(null, Verdict.Ready)]
    public void Nothing_nests_where_the_memory_is_encrypted(string? kind, Verdict verdict)
    {
        DomainDefinition domain = Domain("<cpu mode='host-passthrough'/>") with { LaunchSecurity = kind };

        VmNestedCpu told = Assess(Amd(NestedState.On), domain, domain);

        Assert.Equal(verdict, told.Verdict);
        Assert.Equal(kind is not null, told.Reasons[0].Code == FindingCodes.VmMemoryEncrypted);
    }

    [Fact]
    public void A_guest_in_a_state_of_its_own_is_judged_by_what_runs()
    {
        DomainDefinition domain = Domain("<cpu mode='host-passthrough'/>");

        VmNestedCpu told = GuestNestingAssessor.Assess(
            s_target,
            Amd(NestedState.On),
            new LibvirtGuest("1")
            {
                State = VmState.Unknown,
                IsActive = true,
                IsPersistent = true,
                Saved = domain,
                Running = domain,
            }
        );

        Assert.Equal((VmState.Unknown, VmNesting.Now, true), (told.State, told.Nesting, told.IsExposedNow));
    }

    [Fact]
    public void A_model_that_runs_is_usable()
    {
        GuestHost host = Amd(NestedState.On) with { Capabilities = Unusable(string.Empty) };
        DomainDefinition domain = Domain($"{Custom}{Require}</cpu>");

        Assert.DoesNotContain(
            Assess(host, domain, domain).Reasons,
            static reason => reason.Code == FindingCodes.VmCpuNotUsable
        );
        Assert.Contains(Assess(host, domain).Reasons, static reason => reason.Code == FindingCodes.VmCpuNotUsable);
    }

    [Theory]
    [InlineData("", VmNesting.Unknown, FindingCodes.VmCpuNotUsable)]
    [InlineData("<feature policy='disable' name='avx512f'/>", VmNesting.NextStart, FindingCodes.VmNestingReady)]
    [InlineData("<feature policy='optional' name='avx512f'/>", VmNesting.NextStart, FindingCodes.VmNestingReady)]
    public void A_model_that_is_not_usable_may_keep_a_guest_from_starting(
        string features,
        VmNesting nesting,
        string code
    )
    {
        GuestHost host = Amd(NestedState.On) with
        {
            Capabilities = Unusable("<blockers model='EPYC'><feature name='avx512f'/></blockers>"),
        };

        VmNestedCpu told = Assess(host, Domain($"{Custom}{Require}{features}</cpu>"));

        Assert.Equal((nesting, code), (told.Nesting, told.Reasons[0].Code));
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

    [Theory]
    [InlineData("<qemu:arg value='-cpu'/><qemu:arg value='host,-svm'/>", VmNesting.Unknown)]
    [InlineData("<qemu:arg value='-global'/><qemu:arg value='host-x86_64-cpu.svm=off'/>", VmNesting.Unknown)]
    [InlineData("<qemu:arg value='--accel'/><qemu:arg value='tcg'/>", VmNesting.Unknown)]
    [InlineData("<qemu:arg value='-global'/><qemu:arg value='ICH9-LPC.disable_s3=1'/>", VmNesting.NextStart)]
    [InlineData("<qemu:arg value='-device'/><qemu:arg value='pvpanic'/>", VmNesting.NextStart)]
    public void Words_for_QEMU_past_libvirt_make_it_unknown(string words, VmNesting nesting)
    {
        DomainDefinition domain = DomainDefinition.Parse(
            $"<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><os><type arch='x86_64'>hvm</type></os><cpu mode='host-passthrough'/><qemu:commandline>{words}</qemu:commandline></domain>"
        );

        Assert.Equal(nesting, Assess(Amd(NestedState.On), domain).Nesting);
    }

    // What is told of the processor that runs, what KVM counted, and what comes of it.
    [Theory]
    [InlineData("<cpu mode='host-passthrough'/>", 0L, false, VmNesting.Now, false, false)]
    [InlineData("<cpu mode='host-passthrough'/>", 5L, false, VmNesting.Now, false, true)]
    [InlineData("<cpu mode='host-passthrough'/>", 5L, true, VmNesting.Now, true, true)]
    [InlineData("<cpu mode='host-passthrough'/>", null, true, VmNesting.Now, true, true)]
    [InlineData("<cpu mode='host-passthrough'/>", null, false, VmNesting.Now, false, null)]
    [InlineData("<cpu mode='host-passthrough'/>", 5L, null, VmNesting.Now, null, true)]
    [InlineData("<cpu mode='host-model'/>", 0L, false, VmNesting.Unknown, false, false)]
    [InlineData("<cpu mode='host-model'/>", 1L, false, VmNesting.Now, false, true)]
    [InlineData("", 0L, false, VmNesting.Off, false, false)]
    [InlineData("", null, false, VmNesting.Off, false, false)]
    [InlineData("", 1L, false, VmNesting.Now, false, true)]
    public void What_KVM_counted_tells_whether_nesting_is_used(
        string cpu,
        long? runs,
        bool? isInside,
        VmNesting nesting,
        bool? isInUse,
        bool? wasUsed
    )
    {
        VmNestedCpu told = GuestNestingAssessor.Assess(
            s_target,
            Amd(NestedState.On) with
            {
                Capabilities = null,
                IsUbuntu = cpu.Length == 0 ? false : null,
            },
            Running(Domain(cpu)),
            new GuestUse(runs, isInside)
        );

        Assert.Equal(
            (nesting, isInUse, wasUsed, runs),
            (told.Nesting, told.IsInUse, told.WasUsed, told.NestedRunCount)
        );
        Assert.Equal(nesting == VmNesting.Now, told.IsExposedNow == true);
    }

    [Theory]
    [InlineData("<cpu mode='host-passthrough'/>", null)]
    [InlineData("<cpu mode='host-model'/>", null)]
    [InlineData("<cpu mode='host-passthrough'><feature policy='disable' name='svm'/></cpu>", false)]
    public void Without_statistics_only_a_guest_that_sees_no_extension_is_said_not_to_use_it(string cpu, bool? isUsed)
    {
        VmNestedCpu told = GuestNestingAssessor.Assess(s_target, Amd(NestedState.On), Running(Domain(cpu)));

        Assert.Equal((isUsed, isUsed, null), (told.IsInUse, told.WasUsed, told.NestedRunCount));
    }

    [Fact]
    public void A_guest_that_does_not_run_uses_nothing_that_could_be_told()
    {
        VmNestedCpu told = GuestNestingAssessor.Assess(
            s_target,
            Amd(NestedState.On),
            new LibvirtGuest("1")
            {
                State = VmState.Off,
                IsPersistent = true,
                Saved = Domain(""),
            },
            new GuestUse(3, true)
        );

        Assert.Equal((null, null, null), (told.IsInUse, told.WasUsed, told.NestedRunCount));
    }

    private static LibvirtGuest Running(DomainDefinition running) =>
        new("1")
        {
            State = VmState.Running,
            IsActive = true,
            Running = running,
        };

    private static GuestHost Amd(NestedState nesting) =>
        new(nesting, "kvm_amd", "/sys/module/kvm_amd/parameters/nested: 1")
        {
            Architecture = "x86_64",
            HasKvm = true,
            Vendor = "AMD",
            IsUbuntu = false,
        };

    private static DomainCapabilities Capabilities(string features) =>
        OfMode($"<mode name='host-model' supported='yes'>{features}</mode>");

    private static DomainCapabilities Unusable(string blockers) =>
        OfMode($"<mode name='custom' supported='yes'><model usable='no'>EPYC</model>{blockers}</mode>");

    private static DomainCapabilities OfMode(string mode) =>
        DomainCapabilities.Parse(
            $"<domainCapabilities><domain>kvm</domain><arch>x86_64</arch><cpu>{mode}</cpu></domainCapabilities>"
        );

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
