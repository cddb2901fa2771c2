using NestVirt.Changes;

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

    private static async Task<string> DiffAsync(ReportedMachine machine)
    {
        ChangePlan plan = await machine.PlanAsync(new IommuRequest(Enable: true));
        HostChange change = Assert.Single(plan.Changes, static change => change.Setting == "/" + Folder);
        return string.Join('\n', change.Diff) + "\n";
    }
}
