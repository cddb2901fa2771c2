using System.Diagnostics;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Core.Tests.Linux.Kvm;
using NestVirt.Hosts;
using NestVirt.Linux.Files;
using NestVirt.Probing;

namespace NestVirt.Core.Tests.Linux.Files;

public sealed class RawFilesProbeTests : IDisposable
{
    private const string Site = "/etc/modprobe.d/site.conf";
    private readonly KvmTree _host = new(isAmd: true);

    public RawFilesProbeTests() => Needs.Shell();

    [Theory]
    [InlineData(KvmTree.OwnFile, "# ours\n", new[] { KvmTree.OwnFile })]
    [InlineData(Site, "options kvm_amd nested=1\n", new[] { Site })]
    [InlineData("/etc/other.conf", "text\n", new string[0])]
    [InlineData(null, null, new string[0])]
    public async Task A_plan_names_a_file_that_has_other_names_where_it_replaces_it(
        string? path,
        string? text,
        string[] named
    )
    {
        _host.Write("etc/modprobe.d/plain.conf", "options kvm_amd nested=1\n");
        if (path is not null)
        {
            _host.Write(path[1..], text!);
            await LinkAsync(path, "/etc/kept");
        }

        Assert.Equal(
            named,
            (await PlanAsync())
                .Findings.Where(static one => one.Code == "FileHasOtherNames")
                .Select(static one => one.Evidence!.Split(' ')[0])
        );
    }

    [Fact]
    public async Task A_file_behind_a_symbolic_link_is_told_by_its_own_names()
    {
        _host.Write("etc/real.conf", "# ours\n");
        await LinkAsync("/etc/real.conf", "/etc/kept");
        _host.Boot.Tree.Link(KvmTree.OwnFile[1..], "../real.conf");

        Assert.Contains((await PlanAsync()).Findings, static one => one.Code == "FileHasOtherNames");
    }

    [Theory]
    [InlineData("od")]
    [InlineData("wc")]
    [InlineData("cat")]
    public void A_host_without_the_tools_says_so(string tool)
    {
        NestVirtException error = Assert.Throws<NestVirtException>(() =>
            RawFilesProbe.Parse("rawboot", $"missing {tool}\n")
        );

        Assert.Equal(NestVirtErrorKind.FeatureNotSupported, error.Kind);
        Assert.Contains($"has no {tool},", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_script_looks_for_its_tools_first()
    {
        ShellProbe probe = RawFilesProbe.For("raw", "/etc/modprobe.d/*.conf");
        ShellProbe bare = probe with { Script = $"command() {{ [ \"$2\" != od ]; }}\n{probe.Script}" };
        _host.Write(Site[1..], "text\n");

        Assert.Equal("missing od\n", (await _host.Boot.Tree.ReadAsync(bare))[bare].Text);
    }

    public void Dispose() => _host.Dispose();

    private async Task<ChangePlan> PlanAsync() =>
        await HostChangers
            .Create()
            .PlanAsync(
                new HostTarget("tree", new TreeAddress(_host.Boot.Tree.Path)),
                new NestingRequest(Enable: false) { ReplaceConflict = true },
                TestContext.Current.CancellationToken
            );

    private async Task LinkAsync(string path, string other)
    {
        using Process link = Process.Start("ln", [_host.Boot.Tree.Path + path, _host.Boot.Tree.Path + other]);
        await link.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, link.ExitCode);
    }
}
