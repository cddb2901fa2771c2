using System.Runtime.Versioning;
using NestVirt.Changes;
using NestVirt.Core.Tests.Changes;
using NestVirt.Linux.Sriov;
using NestVirt.Linux.Worker;

namespace NestVirt.Core.Tests.Linux.Sriov;

/// <summary>Drivers such as bnxt_en make no virtual functions while their interface is down, and say no error.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class VirtualFunctionLinkTests : IDisposable
{
    // A file of the kernel that reads 0 and takes nothing stands for a driver that makes none.
    private const string TakesNothing = "/sys/class/net/lo/addr_assign_type";
    private const string Address = "0000:01:00.0";
    private const string Ip = "nv_vf_ip() { [ -z \"$NESTVIRT_ROOT\" ] && ip \"$@\"; }";
    private readonly TreeChange _host = new();
    private readonly string _numbers;

    public VirtualFunctionLinkTests()
    {
        Needs.Shell();
        Assert.SkipUnless(File.Exists(TakesNothing), "this machine has no /sys/class/net/lo");
        string device = $"sys/bus/pci/devices/{Address}";
        _host
            .Tree.Write($"{device}/sriov_totalvfs", "16\n")
            .Write($"{device}/sriov_drivers_autoprobe", "1\n")
            .Write($"{device}/net/wan/flags", "0x1002\n")
            .Link($"{device}/driver", "../../drivers/bnxt_en");
        _numbers = Path.Combine(_host.Tree.Path, device, "sriov_numvfs");
        File.CreateSymbolicLink(_numbers, TakesNothing);
    }

    private string Asked => _host.Text("/asked") ?? string.Empty;

    [Fact]
    public async Task The_interface_is_set_up_first_and_down_again_when_it_is_undone()
    {
        ChangePlan plan = _host.Plan(VirtualFunctionAction.Plan(Address, 0, 4, isProbed: true, bind: null));

        ChangeReport done = await RunAsync(ChangeScript.Apply(plan, "tester@desk", allowSudo: false), Makes);

        Assert.Equal("applied", done.State);
        Assert.Equal("4\n", await File.ReadAllTextAsync(_numbers, TestContext.Current.CancellationToken));
        Assert.Equal("link set dev wan up\n", Asked);

        ChangeReport undone = await RunAsync(Undo(plan), Makes);

        Assert.Equal("undone", undone.State);
        Assert.Equal("link set dev wan up\nlink set dev wan down\n", Asked);
    }

    [Theory]
    [InlineData(
        true,
        "0x1002",
        "link set dev wan up\nlink set dev wan down\n",
        "made none of 4 virtual functions on 0000:01:00.0, and named no error"
    )]
    [InlineData(
        false,
        "0x1002",
        "",
        "named no error; its interface wan is down, and was not set up: RTNETLINK answers: busy"
    )]
    [InlineData(true, "0x1003", "", "made none of 4 virtual functions on 0000:01:00.0, and named no error")]
    public async Task Where_that_is_of_no_use_it_is_set_down_again_and_said(
        bool isSetUp,
        string flags,
        string asked,
        string message
    )
    {
        _host.Tree.Write($"sys/bus/pci/devices/{Address}/net/wan/flags", flags + "\n");
        ChangePlan plan = _host.Plan(VirtualFunctionAction.Plan(Address, 0, 4, isProbed: true, bind: null));

        ChangeReport report = await RunAsync(
            ChangeScript
                .Apply(plan, "tester@desk", allowSudo: false)
                .Replace("tee \"$nv_path/sriov_numvfs\"", "cat", StringComparison.Ordinal),
            isSetUp ? Logs : "echo RTNETLINK answers: busy; return 1"
        );

        Assert.Equal("rolled-back", report.State);
        Assert.Contains(
            message,
            string.Join('\n', report.Steps.Values.Select(static step => step.Output)),
            StringComparison.Ordinal
        );
        Assert.Equal(asked, Asked);
    }

    /// <inheritdoc/>
    public void Dispose() => _host.Dispose();

    private string Logs => $"echo \"$*\" >>'{_host.Tree.Path}/asked'";

    private string Makes => $"{Logs}; rm -f '{_numbers}'; echo 0 >'{_numbers}'";

    private static string Undo(ChangePlan plan) =>
        ChangeScript.Undo(
            plan,
            1,
            int.MaxValue,
            "tester@desk",
            new ChangeScope(StopGuests: false, 1, Force: false),
            allowSudo: false
        );

    private async Task<ChangeReport> RunAsync(string script, string ip)
    {
        Assert.Contains(Ip, script, StringComparison.Ordinal);
        return await _host.RunAsync(script.Replace(Ip, $"nv_vf_ip() {{ {ip}; }}", StringComparison.Ordinal));
    }
}
