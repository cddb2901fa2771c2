using NestVirt.Linux.DomainXml;

namespace NestVirt.Core.Tests.Linux.DomainXml;

public sealed class CpuEditorTests
{
    private static readonly CpuChange s_vmx = new() { Nesting = true, Extension = "vmx" };
    private static readonly CpuChange s_noSvm = new() { Nesting = false, Extension = "svm" };

    [Theory]
    [InlineData("", "<cpu mode='host-passthrough'/>", "CPU mode: (none) -> host-passthrough")]
    [InlineData("<cpu mode='host-passthrough'/>", "<cpu mode='host-passthrough'/>", "")]
    [InlineData("<cpu mode='host-model'/>", "<cpu mode='host-model'/>", "")]
    [InlineData(
        "<cpu><topology sockets='1' cores='2' threads='1'/></cpu>",
        "<cpu mode='host-passthrough'><topology sockets='1' cores='2' threads='1'/></cpu>",
        "CPU mode: (none) -> host-passthrough"
    )]
    [InlineData(
        "<cpu mode='custom' match='exact'><model>Haswell</model></cpu>",
        "<cpu mode='custom' match='exact'><model>Haswell</model><feature policy='require' name='vmx'/></cpu>",
        "CPU feature vmx: (none) -> require"
    )]
    [InlineData(
        "<cpu mode='host-model'><feature name='vmx' policy='disable'/></cpu>",
        "<cpu mode='host-model'><feature name='vmx' policy='require'/></cpu>",
        "CPU feature vmx: disable -> require"
    )]
    [InlineData(
        "<cpu mode='host-model'><feature name='vmx' policy='force'/></cpu>",
        "<cpu mode='host-model'><feature name='vmx' policy='force'/></cpu>",
        ""
    )]
    [InlineData(
        "<cpu><model>q</model><feature name='vmx' policy='forbid'/><feature name='vmx'/><numa/></cpu>",
        "<cpu><model>q</model><feature name='vmx' policy='require'/><numa/></cpu>",
        "CPU feature vmx: named more than once -> named once; CPU feature vmx: forbid -> require"
    )]
    public void Edit_turns_nesting_on_in_the_words_of_the_mode(string before, string after, string changes) =>
        Check(before, s_vmx, after, changes);

    [Theory]
    [InlineData("", "", "")]
    [InlineData(
        "<cpu mode='host-passthrough'/>",
        "<cpu mode='host-passthrough'><feature policy='disable' name='svm'/></cpu>",
        "CPU feature svm: (none) -> disable"
    )]
    [InlineData(
        "<cpu mode='custom'><model>EPYC</model><feature policy='require' name='svm'/><feature policy='require' name='npt'/><feature policy='disable' name='vgif'/></cpu>",
        "<cpu mode='custom'><model>EPYC</model><feature policy='disable' name='svm'/><feature policy='disable' name='vgif'/></cpu>",
        "CPU feature svm: require -> disable; CPU features of svm: (none) -> (none)"
    )]
    public void Edit_turns_nesting_off_with_what_hangs_on_it(string before, string after, string changes) =>
        Check(
            before,
            s_noSvm,
            after,
            changes.Replace(
                "features of svm: (none) -> (none)",
                "feature npt: require -> (none)",
                StringComparison.Ordinal
            )
        );

    [Fact]
    public void Edit_reads_the_definition_as_often_however_often_a_feature_is_named()
    {
        string features = string.Concat(Enumerable.Repeat("<feature name='vmx'/>", 5000));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Check(
            $"<cpu mode='maximum'>{features}</cpu>",
            s_vmx,
            "<cpu mode='maximum'><feature name='vmx'/></cpu>",
            "CPU feature vmx: named more than once -> named once"
        );
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 100 << 20);
    }

    [Fact]
    public void Edit_leaves_nothing_that_the_new_mode_does_not_take()
    {
        Check(
            "<cpu mode='custom' match='exact' check='full'><model fallback='forbid'>EPYC</model><vendor>AMD</vendor><cache mode='emulate' level='3'/></cpu>",
            new CpuChange { Mode = CpuMode.HostPassthrough, Migratable = false },
            "<cpu mode='host-passthrough' migratable='off'><cache mode='emulate' level='3'/></cpu>",
            "CPU mode: custom -> host-passthrough; CPU model: EPYC -> (none); CPU vendor: AMD -> (none); CPU migratable: (none) -> off"
        );
        Check(
            "<cpu mode='host-passthrough' check='none' migratable='on'><cache mode='passthrough'/><maxphysaddr mode='passthrough'/></cpu>",
            new CpuChange { Mode = CpuMode.Custom, Model = "Skylake<Server" },
            "<cpu mode='custom'><model fallback='forbid'>Skylake&lt;Server</model></cpu>",
            "CPU mode: host-passthrough -> custom; CPU migratable: on -> (none); CPU cache: passthrough -> (none); CPU maxphysaddr: passthrough -> (none); CPU model: (none) -> Skylake<Server"
        );
        Check(
            "<cpu match='strict'><model fallback='allow'>a</model></cpu>",
            new CpuChange { Mode = CpuMode.Custom, Model = "b" },
            "<cpu match='strict'><model fallback='allow'>b</model></cpu>",
            "CPU model: a -> b"
        );
        Check(
            "<cpu mode='host-model'><model fallback='forbid'/></cpu>",
            new CpuChange { Mode = CpuMode.HostModel },
            "<cpu mode='host-model'><model fallback='forbid'/></cpu>",
            string.Empty
        );
    }

    [Fact]
    public void Edit_sets_features_and_topology_in_the_order_of_libvirt()
    {
        Check(
            "<cpu mode='maximum'><numa/></cpu>",
            new CpuChange
            {
                Features = new Dictionary<string, string> { ["vmx-ept"] = "require", ["invtsc"] = "disable" },
                Topology = new CpuTopology(1, 1, 2, 2),
            },
            "<cpu mode='maximum'><topology sockets='1' cores='2' threads='2'/><feature policy='disable' name='invtsc'/><feature policy='require' name='vmx-ept'/><numa/></cpu>",
            "CPU feature invtsc: (none) -> disable; CPU feature vmx-ept: (none) -> require; CPU topology: (none) -> 1 sockets, 2 cores, 2 threads"
        );
        Check(
            "<cpu><topology sockets='4' dies='1' clusters='2' cores='1' threads='1'/></cpu>",
            new CpuChange { Topology = new CpuTopology(1, 2, 2, 1) },
            "<cpu><topology sockets='1' dies='2' clusters='1' cores='2' threads='1'/></cpu>",
            "CPU topology: 4 sockets, 1 dies, 2 clusters, 1 cores, 1 threads -> 1 sockets, 2 dies, 1 clusters, 2 cores, 1 threads"
        );
    }

    [Fact]
    public void Edit_gives_Windows_what_Hyper_V_wants()
    {
        DomainDocument document = DomainDocument.Parse(
            "<domain type='kvm'>\n  <os><type arch='x86_64'>hvm</type></os>\n  <features>\n    <acpi/>\n    <smm state='on'/>\n    <hyperv>\n      <spinlocks state='on' retries='8000'/>\n      <stimer state='off'/>\n    </hyperv>\n  </features>\n  <devices/>\n</domain>"
        );
        CpuChange change = new() { WindowsHypervisor = true, Extension = "vmx" };
        DomainEdit edit = CpuEditor.Edit(document, change);
        Assert.Equal(
            """
            <domain type='kvm'>
              <os><type arch='x86_64'>hvm</type></os>
              <features>
                <acpi/>
                <smm state='on'/>
                <hyperv>
                  <relaxed state='on'/>
                  <vapic state='on'/>
                  <spinlocks state='on' retries='8000'/>
                  <vpindex state='on'/>
                  <runtime state='on'/>
                  <synic state='on'/>
                  <stimer state='on'>
                    <direct state='on'/>
                  </stimer>
                  <frequencies state='on'/>
                  <tlbflush state='on'/>
                  <ipi state='on'/>
                  <evmcs state='on'/>
                </hyperv>
              </features>
              <clock offset='utc'>
                <timer name='hypervclock' present='yes'/>
              </clock>
              <devices/>
            </domain>
            """,
            edit.Document.Text
        );
        Assert.Contains(new DomainChange("Hyper-V stimer", "off", "on"), edit.Changes);
        Assert.Equal(12, edit.Changes.Count);
        Assert.Empty(CpuEditor.Edit(edit.Document, change).Changes);
        Assert.DoesNotContain(
            "evmcs",
            CpuEditor.Edit(document, change with { Extension = "svm" }).Document.Text,
            StringComparison.Ordinal
        );
    }

    public static TheoryData<string, object> Refusals() =>
        new()
        {
            {
                "<cpu mode='host-model'/>",
                new CpuChange { Topology = new CpuTopology(1, 1, 3, 1) }
            },
            {
                "",
                new CpuChange { Topology = new CpuTopology(-1, 1, -4, 1) }
            },
            {
                "<cpu mode='host-model'/>",
                new CpuChange { Migratable = true }
            },
            {
                "",
                new CpuChange { Mode = CpuMode.Custom }
            },
            {
                "",
                new CpuChange { Mode = CpuMode.HostModel, Model = "a" }
            },
            {
                "",
                new CpuChange { Mode = CpuMode.Custom, Model = "a\nb" }
            },
            {
                "",
                new CpuChange { Nesting = true }
            },
            {
                "",
                new CpuChange { Nesting = true, Extension = "sie" }
            },
            {
                "",
                new CpuChange { Features = new Dictionary<string, string> { ["a'b"] = "require" } }
            },
            {
                "",
                new CpuChange { Features = new Dictionary<string, string> { ["a"] = "on" } }
            },
            { "", s_vmx with { Features = new Dictionary<string, string> { ["vmx"] = "disable" } } },
            { "", s_noSvm with { Features = new Dictionary<string, string> { ["npt"] = "require" } } },
            { "<os><type arch='aarch64'>hvm</type></os>", s_vmx },
        };

    [Theory]
    [MemberData(nameof(Refusals), DisableDiscoveryEnumeration = true)]
    public void Edit_refuses_in_one_sentence_what_cannot_be(string inner, object change)
    {
        NestVirtException error = Assert.Throws<NestVirtException>(() =>
            CpuEditor.Edit(Domain(inner), (CpuChange)change)
        );
        Assert.Equal(NestVirtErrorKind.ChangeRefused, error.Kind);
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
    }

    private static DomainDocument Domain(string inner) =>
        DomainDocument.Parse($"<domain type='kvm'><name>a</name><vcpu>4</vcpu>{inner}<devices/></domain>");

    private static void Check(string before, CpuChange change, string after, string changes)
    {
        DomainEdit edit = CpuEditor.Edit(Domain(before), change);
        Assert.Equal(Domain(after).Text, edit.Document.Text);
        Assert.Equal(changes, string.Join("; ", edit.Changes));
        DomainEdit again = CpuEditor.Edit(edit.Document, change);
        Assert.Equal(edit.Document.Text, again.Document.Text);
        Assert.Empty(again.Changes);
    }
}
