using NestVirt.Changes;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Cases;

/// <summary>Files are shown in their own encoding, and written byte for byte.</summary>
public sealed class TextAsItIsTests
{
    private const string Folder = "etc/default/grub";

    [Fact]
    public async Task Comments_in_UTF_8_stand_in_the_plan_as_they_stand_in_the_file()
    {
        using ReportedMachine machine = ReportedMachine.Build("37-locale-comment");

        string diff = await DiffAsync(machine);

        Assert.Contains(" # Gr\u00FC\u00DFe: Zeit bis zum Start\n", diff, StringComparison.Ordinal);
        Assert.Contains(" # \u542F\u52A8\u53C2\u6570\n", diff, StringComparison.Ordinal);
    }

    [Fact]
    public async Task So_do_comments_in_Latin_1_and_both_in_one_file()
    {
        using ReportedMachine machine = ReportedMachine.Build("37-locale-comment");
        string path = Path.Combine(machine.Tree.Path, Folder);
        byte[] bytes = [.. "# Gr"u8, 0xFC, 0xDF, .. "e\n"u8, .. File.ReadAllBytes(path)];
        File.WriteAllBytes(path, bytes);

        string diff = await DiffAsync(machine);

        Assert.Contains(" # Gr\u00FC\u00DFe\n", diff, StringComparison.Ordinal);
        Assert.Contains(" # \u542F\u52A8\u53C2\u6570\n", diff, StringComparison.Ordinal);
    }

    private static async Task<string> DiffAsync(ReportedMachine machine)
    {
        ChangePlan plan = await machine.PlanAsync(new IommuRequest(Enable: true));
        HostChange change = Assert.Single(plan.Changes, static change => change.Setting == "/" + Folder);
        return string.Join('\n', change.Diff) + "\n";
    }
}
