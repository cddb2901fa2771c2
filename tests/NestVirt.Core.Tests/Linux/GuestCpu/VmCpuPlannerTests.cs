using System.Text;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Linux.DomainXml;
using NestVirt.Linux.Guests;
using NestVirt.Model;
using NestVirt.Testing;
using NestVirt.Text;

namespace NestVirt.Core.Tests.Linux.GuestCpu;

public sealed class VmCpuPlannerTests : IDisposable
{
    private const string Lab = "11111111-2222-4333-8444-555555555551";
    private const string Db = "11111111-2222-4333-8444-555555555552";
    private const string Custom =
        "  <cpu mode='custom' match='exact' check='partial'>\n    <model fallback='forbid'>EPYC</model>\n  </cpu>";
    private const string Nested =
        "  <cpu mode='custom' match='exact' check='partial'>\n    <model fallback='forbid'>EPYC</model>\n    <feature policy='require' name='svm'/>\n  </cpu>";
    private const string Host = "  <cpu mode='host-passthrough' check='none' migratable='on'/>";

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_guest_gets_a_new_definition_in_which_the_processor_alone_is_another()
    {
        string before = GuestSnapshot.Define("lab", Lab, Custom);

        ChangePlan plan = await PlanAsync(Expose("lab"), [(Lab, before, null)]);

        HostChange change = Assert.Single(plan.Changes);
        Assert.Equal(("lab: processor", null, "feature svm require"), (change.Setting, change.From, change.To));
        Assert.Equal(DomainAction.Name, change.Step.Action);
        Assert.Equal([Lab, "stay", "cpu features clock"], change.Step.Arguments);
        Assert.Equal(Sha256.Hex(Encoding.UTF8.GetBytes(before)), change.Step.Expected);
        Assert.Equal(
            before.Replace(Custom, Nested, StringComparison.Ordinal),
            Encoding.UTF8.GetString(change.Step.Content!.Value.Span)
        );
        Assert.Equal((ChangeTiming.Now, null), (change.TakesEffect, change.Disrupts));
        Assert.Empty(plan.Pending);
        Assert.Equal(plan.Fingerprint, PlanDocument.Read(PlanDocument.Write(plan), "plan").Fingerprint);
    }

    [Fact]
    public async Task All_that_is_asked_for_is_said_in_one_change()
    {
        ChangePlan plan = await PlanAsync(
            new VmCpuRequest(["lab"])
            {
                Mode = VmCpuMode.HostPassthrough,
                Features = new Dictionary<string, string> { ["aes"] = "disable" },
                Topology = new VmCpuTopology(1, 1, 2, 1),
                Migratable = false,
            },
            [(Lab, GuestSnapshot.Define("lab", Lab, Custom), null)]
        );

        HostChange change = Assert.Single(plan.Changes);
        Assert.Equal(
            (
                "mode custom, model EPYC",
                "mode host-passthrough, feature aes disable, migratable off, topology 1 sockets, 2 cores, 1 threads"
            ),
            (change.From, change.To)
        );
        Assert.Equal(FindingCodes.VmNotMigratable, Assert.Single(plan.Findings).Code);
    }

    [Fact]
    public async Task What_is_so_already_is_not_changed()
    {
        string nested = GuestSnapshot.Define("lab", Lab, Nested);

        Assert.Empty((await PlanAsync(Expose("lab"), [(Lab, nested, null)])).Changes);
        Assert.Empty(
            (
                await PlanAsync(
                    new VmCpuRequest(["lab"]) { Mode = VmCpuMode.HostPassthrough, Expose = true },
                    [(Lab, GuestSnapshot.Define("lab", Lab, Host), null)]
                )
            ).Changes
        );
    }

    [Fact]
    public async Task A_guest_that_runs_waits_unless_it_may_be_stopped()
    {
        string custom = GuestSnapshot.Define("lab", Lab, Custom);
        (string, string?, string?)[] guests = [(Lab, custom, custom)];

        ChangePlan plan = await PlanAsync(Expose("lab"), guests);
        ChangePlan stops = await PlanAsync(Expose("lab") with { StopGuests = true }, guests);

        Assert.Equal(
            (ChangeTiming.GuestRestart, null),
            (Assert.Single(plan.Changes).TakesEffect, plan.Changes[0].Disrupts)
        );
        Assert.Equal(FindingCodes.VmRestartPending, Assert.Single(plan.Pending).Code);
        Assert.Equal(
            (ChangeTiming.Now, "shuts lab down, and starts it again"),
            (Assert.Single(stops.Changes).TakesEffect, stops.Changes[0].Disrupts)
        );
        Assert.Empty(stops.Pending);
        Assert.Equal(["stay", "restart"], [plan.Changes[0].Step.Arguments[1], stops.Changes[0].Step.Arguments[1]]);
    }

    // What libvirt starts anew when its system powers it off is off for no moment.
    [Theory]
    [InlineData("restart")]
    [InlineData("preserve")]
    public async Task A_guest_that_does_not_go_off_when_it_powers_off_is_not_stopped(string word)
    {
        string custom = GuestSnapshot.Define("lab", Lab, Custom + $"  <on_poweroff>{word}</on_poweroff>");

        ChangePlan plan = await PlanAsync(Expose("lab") with { StopGuests = true }, [(Lab, custom, custom)]);

        Assert.Equal((ChangeTiming.GuestRestart, null), (plan.Changes[0].TakesEffect, plan.Changes[0].Disrupts));
        Assert.Equal("stay", plan.Changes[0].Step.Arguments[1]);
        Finding waits = Assert.Single(plan.Pending);
        Assert.Equal((FindingCodes.VmRestartPending, null), (waits.Code, waits.RepeatWith));
        Assert.Equal($"<on_poweroff>{word}</on_poweroff>", waits.Evidence);
    }

    [Fact]
    public async Task A_host_is_not_restarted_for_a_guest_that_waits()
    {
        string custom = GuestSnapshot.Define("lab", Lab, Custom);

        ChangePlan plan = await PlanAsync(Expose("lab"), [(Lab, custom, custom)], mayRestart: true);

        Assert.Single(plan.Pending);
        Assert.Empty(plan.Findings);
    }

    [Theory]
    [InlineData(Nested, false)]
    [InlineData(Custom, true)]
    [InlineData(
        "  <cpu mode='custom'>\n    <model>EPYC</model>\n    <feature policy='disable' name='svm'/>\n  </cpu>",
        true
    )]
    [InlineData(Host, false)]
    public async Task What_a_guest_runs_with_says_whether_it_still_waits(string running, bool waits)
    {
        (string, string?, string?)[] guests =
        [
            (Lab, GuestSnapshot.Define("lab", Lab, Nested), GuestSnapshot.Define("lab", Lab, running)),
        ];

        ChangePlan plan = await PlanAsync(Expose("lab"), guests);
        ChangePlan stops = await PlanAsync(Expose("lab") with { StopGuests = true }, guests);

        Assert.Empty(plan.Changes);
        Assert.Equal(waits ? [FindingCodes.VmRestartPending] : [], plan.Pending.Select(static one => one.Code));
        Assert.Equal(waits ? 1 : 0, stops.Changes.Count);
    }

    [Fact]
    public async Task A_host_that_does_not_nest_refuses_what_would_not_start_and_says_so_of_what_would()
    {
        Finding refused = Assert.Single(
            await RefusalAsync(
                Expose("lab"),
                [
                    (
                        Lab,
                        GuestSnapshot.Define("lab", Lab, Custom.Replace("partial", "full", StringComparison.Ordinal)),
                        null
                    ),
                ],
                "amd-epyc-nested-off"
            )
        );
        ChangePlan plan = await PlanAsync(
            Expose("lab"),
            [(Lab, GuestSnapshot.Define("lab", Lab, Host), null)],
            "amd-epyc-nested-off"
        );

        Assert.Equal((FindingCodes.VmHostNestingOff, Severity.Error), (refused.Code, refused.Severity));
        Assert.Empty(plan.Changes);
        Assert.Equal(
            (FindingCodes.VmHostNestingOff, Severity.Warning),
            (Assert.Single(plan.Findings).Code, plan.Findings[0].Severity)
        );
    }

    [Fact]
    public async Task Guests_are_named_by_names_ids_and_patterns()
    {
        (string, string?, string?)[] guests =
        [
            (Lab, GuestSnapshot.Define("Lab", Lab, Custom), null),
            (Db, GuestSnapshot.Define("lab", Db, Custom), null),
        ];

        Assert.Equal(["Lab: processor"], await SettingsAsync("Lab", guests));
        Assert.Equal(["lab: processor"], await SettingsAsync(Db.ToUpperInvariant(), guests));
        Assert.Equal(["Lab: processor", "lab: processor"], await SettingsAsync("l*", guests));
        Assert.Equal(FindingCodes.VmNameAmbiguous, Assert.Single(await RefusalAsync(Expose("LAB"), guests)).Code);
        Assert.Equal(FindingCodes.VmNotFound, Assert.Single(await RefusalAsync(Expose("db"), guests)).Code);
        Assert.Equal(FindingCodes.VmNotFound, Assert.Single(await RefusalAsync(Expose("db*"), guests)).Code);
    }

    [Fact]
    public async Task A_guest_that_is_called_by_the_id_of_another_is_not_that_one()
    {
        (string, string?, string?)[] guests =
        [
            (Lab, GuestSnapshot.Define(Db, Lab, Custom), null),
            (Db, GuestSnapshot.Define("lab", Db, Custom), null),
        ];

        Assert.Equal(["lab: processor"], await SettingsAsync(Db, guests));
    }

    [Fact]
    public async Task What_a_pattern_finds_and_cannot_be_set_is_left_as_it_is()
    {
        string custom = GuestSnapshot.Define("lab", Lab, Custom);
        (string, string?, string?)[] guests = [(Lab, custom, null), (Db, GuestSnapshot.Define("db", Db, Custom), null)];

        ChangePlan plan = await PlanAsync(Expose("*"), guests, "amd-epyc", [("saved", Lab)]);

        Assert.Equal("db: processor", Assert.Single(plan.Changes).Setting);
        Finding left = Assert.Single(plan.Findings);
        Assert.Equal((FindingCodes.VmSaved, Severity.Warning), (left.Code, left.Severity));
        Assert.Equal(
            FindingCodes.VmSaved,
            Assert.Single(await RefusalAsync(Expose("lab"), guests, "amd-epyc", ("saved", Lab))).Code
        );
        Assert.Equal(
            FindingCodes.VmTransient,
            Assert.Single(await RefusalAsync(Expose("lab"), [(Lab, null, custom)], "amd-epyc", ("transient", Lab))).Code
        );
    }

    [Theory]
    [InlineData("EPYC-IBPB", "kvm", null, null)]
    [InlineData("EPYC-IPBP", "kvm", FindingCodes.VmCpuModelUnknown, "EPYC-IBPB")]
    [InlineData("Skylake-Server", "kvm", FindingCodes.VmCpuNotUsable, "avx512f, hle")]
    [InlineData("EPYC-IBPB", "qemu", FindingCodes.VmUnknown, null)]
    public async Task A_model_is_one_that_the_host_can_run(string model, string type, string? code, string? word)
    {
        VmCpuRequest request = new(["lab"]) { Mode = VmCpuMode.Custom, Model = model };
        (string, string?, string?)[] guests = [(Lab, GuestSnapshot.Define("lab", Lab, Custom, type), null)];

        if (code is null)
        {
            Assert.Single((await PlanAsync(request, guests)).Changes);
            return;
        }

        Finding reason = Assert.Single(await RefusalAsync(request, guests));
        Assert.Equal(code, reason.Code);
        Assert.Contains(word ?? string.Empty, reason.Message, StringComparison.Ordinal);
        if (code is FindingCodes.VmUnknown or FindingCodes.VmCpuNotUsable)
        {
            Assert.Single((await PlanAsync(request with { Force = true }, guests)).Changes);
        }
        else
        {
            Assert.Single(await RefusalAsync(request with { Force = true }, guests));
        }
    }

    [Fact]
    public async Task A_model_without_what_the_host_lacks_is_one_that_it_can_run()
    {
        VmCpuRequest request = new(["lab"])
        {
            Mode = VmCpuMode.Custom,
            Model = "Skylake-Server",
            Features = new Dictionary<string, string> { ["avx512f"] = "disable", ["hle"] = "disable" },
        };

        Assert.Single((await PlanAsync(request, [(Lab, GuestSnapshot.Define("lab", Lab, Custom), null)])).Changes);
    }

    [Theory]
    [InlineData("aes", null)]
    [InlineData("sse3", null)]
    [InlineData("hypervisor", null)]
    [InlineData("avx-512f", "avx512f")]
    [InlineData("avx512", "avx512f, avx512dq")]
    [InlineData("nonsense", "")]
    public async Task A_feature_is_one_that_libvirt_knows(string name, string? near)
    {
        VmCpuRequest request = new(["lab"]) { Features = new Dictionary<string, string> { [name] = "disable" } };
        (string, string?, string?)[] guests = [(Lab, GuestSnapshot.Define("lab", Lab, Custom), null)];

        if (near is null)
        {
            Assert.Single((await PlanAsync(request, guests)).Changes);
            return;
        }

        Finding reason = Assert.Single(await RefusalAsync(request, guests));
        Assert.Equal(FindingCodes.VmCpuFeatureUnknown, reason.Code);
        Assert.Equal(near.Length > 0, reason.Message.Contains($"near it are {near}.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_Hyper_V_alone_has_is_refused_in_one_sentence()
    {
        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            PlanAsync(
                new VmCpuRequest(["lab"]) { StaticMemory = true, MacSpoofing = true },
                [(Lab, GuestSnapshot.Define("lab", Lab, Custom), null)]
            )
        );

        Assert.Equal(NestVirtErrorKind.FeatureNotSupported, error.Kind);
        Assert.EndsWith("not: static memory, MAC spoofing on.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_topology_that_does_not_make_the_processors_of_the_guest_is_refused()
    {
        Finding reason = Assert.Single(
            await RefusalAsync(
                new VmCpuRequest(["lab"]) { Topology = new VmCpuTopology(1, 1, 4, 2) },
                [(Lab, GuestSnapshot.Define("lab", Lab, Custom), null)]
            )
        );

        Assert.Equal(FindingCodes.SettingInvalid, reason.Code);
    }

    [Fact]
    public async Task Nesting_of_guests_that_are_named_is_a_matter_of_their_definitions()
    {
        (string, string?, string?)[] guests = [(Lab, GuestSnapshot.Define("lab", Lab, Custom), null)];

        ChangePlan on = await PlanAsync(new NestingRequest(Enable: true) { VmNames = ["lab"] }, guests);
        ChangePlan stays = await PlanAsync(new NestingRequest(Enable: false) { VmNames = ["lab"] }, guests);
        ChangePlan off = await PlanAsync(
            new NestingRequest(Enable: false) { VmNames = ["lab"] },
            [(Lab, GuestSnapshot.Define("lab", Lab, Nested), null)]
        );

        Assert.Equal("feature svm require", Assert.Single(on.Changes).To);
        Assert.Equal("feature svm disable", Assert.Single(off.Changes).To);
        Assert.Empty(stays.Changes);
    }

    // libvirt takes svm for a part of AMD's models, so that it passes none of it on to QEMU, which leaves it out.
    [Theory]
    [InlineData("  <cpu mode='host-model'/>", "feature svm require")]
    [InlineData("  <cpu mode='host-model'><feature policy='optional' name='svm'/></cpu>", null)]
    [InlineData("  <cpu mode='host-model'><feature policy='forbid' name='svm'/></cpu>", "feature svm require")]
    public async Task Host_model_has_no_svm_on_AMD_unless_it_is_named(string cpu, string? change)
    {
        ChangePlan plan = await PlanAsync(Expose("lab"), [(Lab, GuestSnapshot.Define("lab", Lab, cpu), null)]);

        Assert.Equal(change, plan.Changes.SingleOrDefault()?.To);
    }

    [Fact]
    public async Task A_forbidden_feature_that_keeps_a_guest_from_starting_becomes_a_disabled_one()
    {
        string forbids = Nested.Replace("require", "forbid", StringComparison.Ordinal);

        ChangePlan custom = await PlanAsync(
            new VmCpuRequest(["lab"]) { Expose = false, Mode = VmCpuMode.HostModel },
            [(Lab, GuestSnapshot.Define("lab", Lab, forbids), null)]
        );

        Assert.DoesNotContain(
            "forbid",
            Encoding.UTF8.GetString(Assert.Single(custom.Changes).Step.Content!.Value.Span),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("<nova:instance xmlns:nova=\"http://openstack.org/xmlns/libvirt/nova/1.1\"/>", "OpenStack")]
    [InlineData("<ovirt-vm:vm xmlns:ovirt-vm='http://ovirt.org/vm/1.0'/>", "oVirt")]
    [InlineData("<kubevirt xmlns='http://kubevirt.io'/>", "KubeVirt")]
    public async Task What_a_manager_writes_anew_is_left_to_it(string metadata, string manager)
    {
        (string, string?, string?)[] guests =
        [
            (
                Lab,
                GuestSnapshot
                    .Define("lab", Lab, Custom)
                    .Replace(
                        "  <memory",
                        $"  <metadata>\n    {metadata}\n  </metadata>\n  <memory",
                        StringComparison.Ordinal
                    ),
                null
            ),
        ];

        Finding refused = Assert.Single(await RefusalAsync(Expose("lab"), guests));

        Assert.Equal(FindingCodes.VmManaged, refused.Code);
        Assert.Contains(manager, refused.Message, StringComparison.Ordinal);
        Assert.Single((await PlanAsync(Expose("lab") with { Force = true }, guests)).Changes);
    }

    [Fact]
    public async Task A_processor_that_is_chosen_past_libvirt_is_not_set_by_it()
    {
        (string, string?, string?)[] guests =
        [
            (
                Lab,
                GuestSnapshot
                    .Define("lab", Lab, Custom)
                    .Replace(
                        "</domain>",
                        "  <qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n    <qemu:arg value='-cpu'/>\n    <qemu:arg value='Penryn'/>\n  </qemu:commandline>\n</domain>",
                        StringComparison.Ordinal
                    ),
                null
            ),
        ];

        Finding refused = Assert.Single(await RefusalAsync(Expose("lab"), guests));

        Assert.Equal((FindingCodes.VmUnknown, "-cpu"), (refused.Code, refused.Evidence));
        Assert.Single((await PlanAsync(Expose("lab") with { Force = true }, guests)).Changes);
    }

    [Fact]
    public async Task What_Windows_wants_is_added()
    {
        ChangePlan plan = await PlanAsync(
            new VmCpuRequest(["lab"]) { WindowsHypervisor = true },
            [(Lab, GuestSnapshot.Define("lab", Lab, Nested), null)]
        );

        string text = Encoding.UTF8.GetString(Assert.Single(plan.Changes).Step.Content!.Value.Span);
        Assert.Contains("<vpindex state='on'/>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("evmcs", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_definition_that_looks_like_a_password_is_planned_over_byte_for_byte()
    {
        string before = GuestSnapshot
            .Define("lab", Lab, Custom)
            .Replace(
                "  <memory",
                "  <description>password=geheim https://me:pass@host $6$abcdefgh$0123456789 ~!|&gt;</description>\n  <memory",
                StringComparison.Ordinal
            );

        ChangePlan plan = await PlanAsync(Expose(Lab), [(Lab, before, null)]);

        Assert.Equal(Sha256.Hex(Encoding.UTF8.GetBytes(before)), Assert.Single(plan.Changes).Step.Expected);
        Assert.True(DefinitionProbe.Probe.MayHoldSecrets("|cnffjbeq$trurvz"));
        Assert.False(DefinitionProbe.Probe.MayHoldSecrets("|qbznva"));
    }

    // What a plan shows is the whole of the change: the editor says it, and the text has no more.
    [Fact]
    public async Task Of_libvirts_own_definitions_each_is_planned_for_or_refused_in_a_sentence()
    {
        (string Name, string Text)[] corpus = [.. DomainXml.DomainCorpus.Read().Where(IsX86)];
        int planned = 0;
        foreach ((string name, string text) in corpus)
        {
            string definition = text.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
            try
            {
                ChangePlan plan = await PlanAsync(
                    new VmCpuRequest([Lab])
                    {
                        Expose = false,
                        Mode = VmCpuMode.HostPassthrough,
                        Force = true,
                    },
                    [(Lab, definition, null)]
                );
                planned += plan.Changes.Count;
                foreach (HostChange change in plan.Changes)
                {
                    string after = Encoding.UTF8.GetString(change.Step.Content!.Value.Span);
                    Assert.True(WithoutCpu(definition) == WithoutCpu(after), name);
                    Assert.Equal(DomainAction.StateOf(definition), change.Step.Expected);
                }
            }
            catch (ChangeRefusedException refusal)
            {
                Assert.All(
                    refusal.Reasons,
                    static reason => Assert.EndsWith(".", reason.Message, StringComparison.Ordinal)
                );
            }
        }

        Assert.True(planned > corpus.Length / 2, $"{planned} of {corpus.Length}");
    }

    private static bool IsX86((string Name, string Text) one) =>
        one.Text.Contains("arch='x86_64'", StringComparison.Ordinal)
        && one.Text.TrimEnd().EndsWith("</domain>", StringComparison.Ordinal)
        && one.Text.Contains("type='kvm'", StringComparison.Ordinal);

    private static string WithoutCpu(string text)
    {
        DomainDocument document = DomainDocument.Parse(text);
        DomainElement? cpu = document.Root.Find("cpu");
        return cpu is null
            ? string.Concat(document.Text.Where(static c => !char.IsWhiteSpace(c)))
            : string.Concat(
                string.Concat(document.Text.AsSpan(0, cpu.Start), document.Text.AsSpan(cpu.End))
                    .Where(static c => !char.IsWhiteSpace(c))
            );
    }

    private static VmCpuRequest Expose(string name) => new([name]) { Expose = true };

    private async Task<string[]> SettingsAsync(string name, (string, string?, string?)[] guests) =>
        [.. (await PlanAsync(Expose(name), guests)).Changes.Select(static change => change.Setting)];

    private async Task<IReadOnlyList<Finding>> RefusalAsync(
        ChangeRequest request,
        (string, string?, string?)[] guests,
        string recording = "amd-epyc",
        params (string, string)[] lists
    ) => (await Assert.ThrowsAsync<ChangeRefusedException>(() => PlanAsync(request, guests, recording, lists))).Reasons;

    private async Task<ChangePlan> PlanAsync(
        ChangeRequest request,
        (string, string?, string?)[] guests,
        string recording = "amd-epyc",
        (string, string)[]? lists = null,
        bool mayRestart = false
    )
    {
        string file = Path.Combine(_folder, "kvm1.json");
        GuestSnapshot.Write(
            Path.Combine(Repository.Folder, "tests", "recordings", $"{recording}.json"),
            file,
            guests,
            lists ?? []
        );
        using HostChanger changer = HostChangers.Create(mayRestart);
        return await changer.PlanAsync(
            new HostTarget("kvm1", new SnapshotAddress(file)),
            request,
            TestContext.Current.CancellationToken
        );
    }
}
