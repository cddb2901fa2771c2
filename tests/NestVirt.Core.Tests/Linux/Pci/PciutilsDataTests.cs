using System.Diagnostics;
using NestVirt.Linux.Pci;

namespace NestVirt.Core.Tests.Linux.Pci;

/// <summary>Holds our decoding of config spaces against that of pciutils, on the dumps that pciutils is tested with.</summary>
public sealed class PciutilsDataTests
{
    private const string Set = "pciutils";

    [Fact]
    public void Decode_agrees_with_the_text_beside_each_dump()
    {
        Needs.Data(Set);
        List<string> differences = [];
        int functions = 0;
        foreach (
            string file in Dumps()
                .Where(static file => !Path.GetFileName(file).StartsWith("tree-", StringComparison.Ordinal))
        )
        {
            foreach (LspciReport report in LspciReport.Parse(File.ReadAllText(file)))
            {
                functions++;
                differences.AddRange(
                    Compare(report, report.Bytes).Select(difference => $"{Path.GetFileName(file)} {difference}")
                );
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.True(functions > 30, $"only {functions} functions were found");
    }

    [Fact]
    public void Decode_agrees_with_lspci_on_each_dump()
    {
        Needs.Data(Set, "lspci");
        List<string> differences = [];
        foreach (string file in Dumps())
        {
            Dictionary<string, byte[]> bytes = LspciReport
                .Parse(File.ReadAllText(file))
                .ToDictionary(static report => report.Address, static report => report.Bytes, StringComparer.Ordinal);
            IReadOnlyList<LspciReport> reports = LspciReport.Parse(Run("lspci", "-F", file, "-vvv"));
            Assert.Equal(bytes.Count, reports.Count);
            differences.AddRange(
                reports
                    .SelectMany(report => Compare(report, bytes[report.Address]))
                    .Select(difference => $"{Path.GetFileName(file)} {difference}")
            );
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    internal static string Run(string tool, params string[] arguments)
    {
        ProcessStartInfo start = new(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        _ = process.StandardError.ReadToEndAsync();
        return process.StandardOutput.ReadToEnd();
    }

    private static IEnumerable<string> Dumps() =>
        TestData.Folder(Set) is { } folder
            ? Directory
                .EnumerateFiles(folder)
                .Where(static file => Path.GetFileName(file) != "COPYING")
                .Order(StringComparer.Ordinal)
            : [];

    // Some dumps were taken where only 256 bytes can be reached. lspci then shows no extended capability, as if there were
    // none; we say that they are not known.
    private static IEnumerable<string> Compare(LspciReport report, byte[] bytes)
    {
        PciConfigSpace space = PciConfigSpace.Decode(bytes);
        if (bytes.Length == 256 && space.PortType is not null)
        {
            Assert.Equal("its extended config space is out of reach on this host", space.UnknownReason);
            return report.DifferencesFrom(space.PortType, report.Acs, report.HasAri, report.Sriov);
        }

        return report.DifferencesFrom(space.PortType, space.Acs, space.HasAri, space.Sriov);
    }
}
