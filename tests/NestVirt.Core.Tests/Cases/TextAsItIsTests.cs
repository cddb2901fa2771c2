using System.Diagnostics;
using NestVirt.Changes;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Cases;

/// <summary>Files are shown in their own encoding, and written byte for byte.</summary>
public sealed class TextAsItIsTests
{
    private const string Folder = "etc/default/grub";

    [Fact]
    public async Task A_comment_in_UTF_8_stands_in_the_plan_as_it_stands_in_the_file()
    {
        using ReportedMachine machine = ReportedMachine.Build("37-locale-comment");

        Assert.Contains(" # \u542F\u52A8\u53C2\u6570\n", await DiffAsync(machine), StringComparison.Ordinal);
    }

    [Fact]
    public async Task So_do_both_encodings_in_one_file()
    {
        using ReportedMachine machine = ReportedMachine.Build("37-locale-comment");
        byte[] line = [.. "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n"u8];
        File.WriteAllBytes(
            Path.Combine(machine.Tree.Path, Folder),
            [.. "# Gr"u8, 0xFC, 0xDF, .. "e\n# Gr\u00FC\u00DFe\n"u8, .. line]
        );

        Assert.StartsWith(
            " # Gr\u00FC\u00DFe\n # Gr\u00FC\u00DFe\n-",
            await DiffAsync(machine),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_change_leaves_every_other_byte()
    {
        using ReportedMachine machine = ReportedMachine.Build("37-locale-comment");
        byte[] before = [.. "# Gr"u8, 0xFC, 0xDF, .. "e \u00FC\r\n"u8, 0xFF, 0x00, .. "# \n"u8];
        byte[] after = [0x80, .. "# no newline"u8];
        File.WriteAllBytes(
            Path.Combine(machine.Tree.Path, Folder),
            [.. before, .. "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n"u8, .. after]
        );

        ChangePlan plan = await machine.PlanAsync(new IommuRequest(Enable: true));

        byte[] content = Assert
            .Single(plan.Changes, static change => change.Setting == "/" + Folder)
            .Step.Content!.Value.ToArray();
        Assert.Equal(before, content[..before.Length]);
        Assert.Equal(after, content[^after.Length..]);
        Assert.StartsWith(
            "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet ",
            System.Text.Encoding.ASCII.GetString(content[before.Length..^after.Length]),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("latin", new byte[] { 0xFC })]
    [InlineData("a-utf8", new byte[] { 0xC3, 0xBC })]
    public async Task Findings_of_a_plan_quote_a_file_as_it_stands(string name, byte[] letter)
    {
        using ReportedMachine machine = ReportedMachine.Build("27-not-conf");
        string path = Path.Combine(machine.Tree.Path, "etc/modprobe.d");
        Directory.CreateDirectory(path);
        File.WriteAllBytes(
            Path.Combine(path, $"{name}.conf"),
            [.. "options kvm_intel nested=0 dyndbg=f"u8, .. letter, .. "r\n"u8]
        );

        ChangePlan plan = await machine.PlanAsync(new NestingRequest(true));

        Assert.Contains(
            plan.Findings.Select(static finding => finding.Evidence),
            evidence => evidence == $"/etc/modprobe.d/{name}.conf:1: options kvm_intel nested=0 dyndbg=f\u00FCr"
        );
    }

    [Theory]
    [InlineData("5 MB", 100_000, 50)]
    [InlineData("many lines", 300_000, 1)]
    public async Task A_file_that_is_too_long_is_left_out_and_named(string what, int lines, int length)
    {
        using ReportedMachine machine = ReportedMachine
            .Build("27-not-conf")
            .With(
                "etc/modprobe.d/long.conf",
                string.Concat(Enumerable.Repeat("#".PadRight(length, 'x') + "\n", lines))
            );

        Assert.NotEmpty(what);
        Finding finding = ReportedMachine.One((await machine.SupportAsync()).Reasons, "FileLeftOut");
        Assert.Equal("/etc/modprobe.d/long.conf", finding.Evidence);
        KvmModule kvm = (await machine.AskAsync(HostQuestions.KvmModules)).Single(static module =>
            module.Name == "kvm"
        );
        ReportedMachine.One(kvm.Findings, "FileLeftOut");
        ChangePlan plan = await machine.PlanAsync(new NestingRequest(true));
        Assert.NotEmpty(plan.Changes);
        ReportedMachine.One(plan.Findings, "FileLeftOut");
    }

    [Fact]
    public async Task What_is_no_file_is_left_out_and_stops_nothing()
    {
        Needs.Tools("mkfifo");
        using ReportedMachine machine = ReportedMachine.Build("31-bnxt-link");
        const string Profiles = "etc/NetworkManager/system-connections";
        machine.With("run/NetworkManager/devices/3", "connection-uuid=6f3c\n").With($"{Profiles}/a", "uuid=other\n");
        foreach (string path in new[] { "etc/modprobe.d/pipe.conf", "etc/sysctl.d/pipe.conf", $"{Profiles}/pipe" })
        {
            string full = Path.Combine(machine.Tree.Path, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            using Process made = Process.Start("mkfifo", [full]);
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        NestedSupport support = await machine.SupportAsync();

        Assert.Equal("/etc/modprobe.d/pipe.conf", ReportedMachine.One(support.Reasons, "FileLeftOut").Evidence);
        Assert.DoesNotContain(support.Reasons, static reason => reason.Code == "ModprobeFileUnreadable");
        SriovDevice device = Assert.Single(await machine.AskAsync(HostQuestions.SriovDevices));
        ChangePlan plan = await machine.PlanAsync(new VirtualFunctionRequest(device.Address.ToString(), 2));
        Assert.NotEmpty(plan.Changes);
    }

    [Fact]
    public async Task Files_of_usual_length_are_all_read()
    {
        using ReportedMachine machine = ReportedMachine
            .Build("27-not-conf")
            .With("etc/modprobe.d/usual.conf", string.Concat(Enumerable.Repeat("# comment\n", 2_000)));

        Assert.DoesNotContain((await machine.SupportAsync()).Reasons, static reason => reason.Code == "FileLeftOut");
    }

    private static async Task<string> DiffAsync(ReportedMachine machine)
    {
        ChangePlan plan = await machine.PlanAsync(new IommuRequest(Enable: true));
        HostChange change = Assert.Single(plan.Changes, static change => change.Setting == "/" + Folder);
        return string.Join('\n', change.Diff) + "\n";
    }
}
