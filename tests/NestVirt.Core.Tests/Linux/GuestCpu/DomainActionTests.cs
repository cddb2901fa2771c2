using System.Diagnostics;
using System.Runtime.Versioning;
using NestVirt.Linux.GuestCpu;

namespace NestVirt.Core.Tests.Linux.GuestCpu;

/// <summary>Puts new lines into full definitions, by the host's own awk and others that are there.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DomainActionTests : IDisposable
{
    private const string Shown = "<domain>\n  <name>1e3</name>\n  <cpu mode='custom'/>\n  <graphics/>\n</domain>\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("mawk")]
    [InlineData("gawk")]
    [InlineData("original-awk")]
    [InlineData("busybox")]
    public void New_lines_take_the_place_of_old_ones_and_passwords_stay(string awk)
    {
        string full = Shown.Replace("<graphics/>", "<graphics passwd='a\\b&amp;1e3'/>", StringComparison.Ordinal);
        string wanted = Shown.Replace(
            "  <cpu mode='custom'/>\n",
            "  <cpu mode='custom'>\n    <model>\\n%s</model>\n  </cpu>\n",
            StringComparison.Ordinal
        );

        Assert.Equal(
            wanted.Replace("<graphics/>", "<graphics passwd='a\\b&amp;1e3'/>", StringComparison.Ordinal),
            Splice(awk, Shown, full, wanted).Output
        );
        Assert.Equal(full, Splice(awk, Shown, full, Shown).Output);
        Assert.Equal(
            full.Replace("  <cpu mode='custom'/>\n", string.Empty, StringComparison.Ordinal),
            Splice(
                awk,
                Shown,
                full,
                Shown.Replace("  <cpu mode='custom'/>\n", string.Empty, StringComparison.Ordinal)
            ).Output
        );
    }

    // 1e3 and 1000 are one number, and two texts.
    [Fact]
    public void Lines_are_texts_and_no_numbers()
    {
        string shown = "<domain>\n1000\n<cpu/>\n</domain>\n";
        string wanted = "<domain>\n1e3\n<cpu/>\n</domain>\n";

        Assert.Equal(wanted, Splice("mawk", shown, shown, wanted).Output);
    }

    [Fact]
    [Trait("Category", "Security")]
    public void Lines_among_which_is_a_password_are_not_replaced()
    {
        string full = Shown.Replace("mode='custom'", "mode='custom' passwd='x'", StringComparison.Ordinal);
        string wanted = Shown.Replace("mode='custom'", "mode='maximum'", StringComparison.Ordinal);

        (string output, string error) = Splice("mawk", Shown, full, wanted);

        Assert.Equal((string.Empty, "among the lines that change is a password\n"), (output, error));
    }

    [Fact]
    public void A_definition_with_other_lines_for_some_is_not_touched()
    {
        (string output, string error) = Splice("mawk", Shown, $"{Shown}<secret/>\n", Shown);

        Assert.Equal(
            (string.Empty, "the definition has other lines for those who may see passwords\n"),
            (output, error)
        );
    }

    private (string Output, string Error) Splice(string awk, string shown, string full, string wanted)
    {
        Needs.Shell();
        Needs.Tools(awk);
        File.WriteAllText(Path.Combine(_folder, "shown.xml"), shown);
        File.WriteAllText(Path.Combine(_folder, "old.xml"), full);
        File.WriteAllText(Path.Combine(_folder, "wanted.xml"), wanted);
        string call = awk == "busybox" ? "busybox awk" : awk;
        using Process process = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-s"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        process.StandardInput.Write(
            $"LC_ALL=C; export LC_ALL\nawk() {{ nv_dir=$nv_dir {call} \"$@\"; }}\nnv_dir={_folder}\n{DomainAction.Action.Script}\nnv_domain_splice\n"
        );
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (output, error);
    }
}
