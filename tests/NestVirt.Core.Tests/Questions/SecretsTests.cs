using System.Globalization;
using System.Text;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Core.Tests.Linux.Boot;
using NestVirt.Hosts;
using NestVirt.Linux.Boot.Loaders;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Questions;

/// <summary>No secret of a host's files is in a snapshot, an answer or a plan; what is written to the host has it still.</summary>
public sealed class SecretsTests
{
    private const string Secret = "S3cr3t";
    private const string Words =
        "root=/dev/sda rd.iscsi.password=S3cr3t netroot=iscsi:joe:S3cr3t@10.0.0.1::3260::iqn systemd.set_credential=a:S3cr3t kvm_intel.nested=1 quiet";

    [Theory]
    [Trait("Category", "Security")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_snapshot_holds_no_secret_redacted_or_not(bool redact)
    {
        Needs.Shell();
        using BootTree host = Host();

        string snapshot = await SnapshotAsync(host, redact);

        AssertNone(snapshot);
        Assert.Contains("kvm_intel.nested=1", snapshot, StringComparison.Ordinal);
        Assert.Contains("options kvm_intel nested=1", snapshot, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task A_password_of_GRUB_does_not_leave_the_host()
    {
        Needs.Shell();
        using BootTree host = Host();
        ShellProbe raw = new("raw", "nv_files \"$NESTVIRT_ROOT\"/boot/grub/grub.cfg");

        ProbeAnswers answers = await host.Tree.ReadAsync(raw);

        Assert.Contains("|\n|\n|  linux", answers[raw].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("password_pbkdf2", answers[raw].Text, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task A_snapshot_of_before_shows_no_secret_either()
    {
        Needs.Shell();
        using HostTree folder = new();
        folder.Write(
            "old.json",
            $$"""
            {"schema":"nestvirt/host-snapshot/1","hostName":"h","takenAt":"2026-01-01T00:00:00Z",
             "probes":{"system":["cmdline\t{{Words}}",""]} }
            """
        );
        ProbeAnswers answers = await ProbeReader.Default.ReadAsync(
            HostTarget.Snapshot(Path.Combine(folder.Path, "old.json")),
            [new ShellProbe("system", ":")],
            CancellationToken.None
        );

        AssertNone(answers.All["system"].Text);
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task A_host_with_secrets_answers_live_as_from_its_snapshot()
    {
        Needs.Shell();
        using BootTree host = Host();
        string file = Path.Combine(host.Tree.Path, "snapshot.json");
        await File.WriteAllTextAsync(file, await SnapshotAsync(host, redact: false));

        Assert.Equal(
            await SupportAsync(new HostTarget("h", new TreeAddress(host.Tree.Path))),
            await SupportAsync(new HostTarget("h", new SnapshotAddress(file)))
        );
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task A_plan_holds_no_secret_and_the_file_that_it_writes_keeps_it()
    {
        Needs.Shell();
        using BootTree host = BootTree.Grub(Words);

        ChangePlan plan = await host.PlanAsync(["a=1"], []);
        host.Apply(plan);

        AssertNone(PlanDocument.WriteAll([plan]));
        AssertNone(string.Join('\n', plan.Changes.SelectMany(static change => change.Diff)));
        Assert.Equal($"GRUB_CMDLINE_LINUX_DEFAULT=\"{Words} a=1\"\n", host.Text("/etc/default/grub"));
        Assert.Equal(plan.Fingerprint, PlanDocument.ReadAll(PlanDocument.WriteAll([plan]), "plan")[0].Fingerprint);
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task A_tool_is_never_told_a_mark_for_a_secret()
    {
        Needs.Shell();
        using BootTree stub = new($"initrd=\\EFI\\Pop\\initrd {Words}");
        stub.Write("boot/efi/loader/entries/Pop_OS-current.conf", $"title x\nlinux /x\noptions {Words}\n")
            .WithTools("kernelstub");

        Assert.Equal("KernelOptionsUnknown", (await stub.RefusalAsync(["a=1"], [])).Code);
    }

    [Theory]
    [Trait("Category", "Security")]
    [InlineData("rd.iscsi.password=S3cr3t", null)]
    [InlineData(null, "rd.iscsi.password=S3cr3t")]
    public async Task A_request_keeps_no_secret_in_plans_and_the_journal(string? set, string? remove)
    {
        Needs.Shell();
        using BootTree host = BootTree.Grub(Words);

        Finding refusal = await host.RefusalAsync(set is null ? [] : [set], remove is null ? [] : [remove]);

        Assert.Equal("KernelParameterInvalid", refusal.Code);
        AssertNone($"{refusal} {refusal.Evidence}");
    }

    [Fact]
    public async Task A_secret_is_taken_away_by_its_name()
    {
        Needs.Shell();
        using BootTree host = BootTree.Grub("rd.iscsi.password=S3cr3t quiet");

        ChangePlan plan = await host.PlanAsync([], ["rd.iscsi.password"]);
        host.Apply(plan);

        AssertNone(PlanDocument.WriteAll([plan]));
        Assert.Equal("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n", host.Text("/etc/default/grub"));
        host.WithMenu("quiet").Write("proc/cmdline", "BOOT_IMAGE=/vmlinuz quiet\n");
        Assert.Empty((await host.PlanAsync([], ["rd.iscsi.password"])).Changes);
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task A_snapshot_with_a_secret_in_a_file_that_would_be_edited_says_why_nothing_is_planned_over_it()
    {
        Needs.Shell();
        using BootTree host = Host();
        string file = Path.Combine(host.Tree.Path, "snapshot.json");
        await File.WriteAllTextAsync(file, await SnapshotAsync(host, redact: false));
        ProbeAnswers answers = await ProbeReader.Default.ReadAsync(
            HostTarget.Snapshot(file),
            KernelParameterPlanner.Probes,
            CancellationToken.None
        );

        Assert.Contains(
            "may hold passwords",
            Assert.Single(answers.All.Values, static answer => !answer.IsAvailable).UnavailableReason,
            StringComparison.Ordinal
        );
    }

    private static BootTree Host()
    {
        BootTree host = BootTree.Grub(Words);
        host.Write(
                "boot/grub/grub.cfg",
                $"set superusers=\"root\"\npassword root {Secret}\n\tpassword_pbkdf2 joe grub.pbkdf2.sha512.10000.{Secret}\n"
                    + $"set default=\"0\"\nmenuentry 'Linux' {{\npassword a {Secret}\n  password_pbkdf2 a grub.pbkdf2.{Secret}\n  linux /vmlinuz {Words}\n}}\n"
            )
            .Write("boot/loader/entries/a.conf", $"title x\nlinux /x\noptions {Words}\n")
            .Write("etc/kernel/cmdline", Words + "\n")
            .Write("etc/modprobe.d/a.conf", $"options kvm_intel nested=1\noptions ipmi_si passwd={Secret}\n")
            .Write("etc/dracut.conf.d/a.conf", $"kernel_cmdline=\"{Words}\"\n")
            .Write("etc/sysctl.d/a.conf", $"# api_token={Secret}\nvm.nr_hugepages=1\n")
            .Write(
                "etc/cron.d/a",
                $"* * * * * root curl http://joe:{Secret}@h; echo 1 >sriov_numvfs --password {Secret}\n"
            );
        return host;
    }

    private static async Task<string> SnapshotAsync(BootTree host, bool redact)
    {
        await foreach (
            SnapshotDocument document in HostQueries
                .Record(redact)
                .RunAsync(new HostTarget("h", new TreeAddress(host.Tree.Path)), CancellationToken.None)
        )
        {
            return Encoding.UTF8.GetString(document.Utf8.Span);
        }

        throw new InvalidOperationException();
    }

    private static async Task<string> SupportAsync(HostTarget target)
    {
        List<string> shown = [];
        await foreach (
            NestedSupport support in HostQueries.Ask(HostQuestions.Support).RunAsync(target, CancellationToken.None)
        )
        {
            AssertNone(string.Join('\n', support.Reasons.Select(static reason => $"{reason} {reason.Evidence}")));
            shown.AddRange(support.Reasons.Select(static reason => $"{reason} {reason.Evidence}"));
        }

        return string.Join('\n', shown);
    }

    // Files that are read byte for byte stand in a snapshot as hexadecimal digits.
    private static void AssertNone(string text)
    {
        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        string hex = string.Join(
            ' ',
            Encoding.ASCII.GetBytes(Secret).Select(static value => value.ToString("x2", CultureInfo.InvariantCulture))
        );
        string flat = text.Replace("\",\n", string.Empty, StringComparison.Ordinal);
        Assert.DoesNotContain(hex, flat, StringComparison.Ordinal);
        Assert.DoesNotContain(
            hex.Replace(" ", string.Empty, StringComparison.Ordinal),
            new string([.. text.Where(char.IsAsciiHexDigit)]),
            StringComparison.Ordinal
        );
    }
}
