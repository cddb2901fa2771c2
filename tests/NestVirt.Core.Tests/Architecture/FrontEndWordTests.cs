using System.Text.RegularExpressions;
using NestVirt.Hosts;

namespace NestVirt.Core.Tests.Architecture;

/// <summary>Core says nothing in the words of one front end: advice names commands and switches by type.</summary>
public sealed partial class FrontEndWordTests
{
    // The type, the word, and why it is none of ours there.
    private static readonly (string Type, string Word, string Reason)[] s_exceptions =
    [
        (
            "SettingText",
            "nestvirt undo",
            "the first line of our files on hosts: those of earlier releases stay as they are"
        ),
        ("SriovUnit", "nestvirt undo", "the same line"),
        ("ModprobeEditor", "nestvirt undo", "the same line"),
        ("GrubDefaultEditor", "nestvirt undo", "the same line"),
        ("PciDriverPersistence", "nestvirt undo", "the same line"),
        ("HostRestart", "--timeout", "an option of udevadm settle"),
        ("ModuleAction", "--timeout", "an option of udevadm settle"),
        ("VirtualFunctionAction", "--timeout", "an option of udevadm settle"),
        ("GrubConfig", "--id", "an option of GRUB's menuentry"),
        ("HypervisorRemedy", "-VMName", "a parameter of Hyper-V's own cmdlet"),
        ("HypervisorRemedy", "-ExposeVirtualizationExtensions", "a parameter of Hyper-V's own cmdlet"),
        ("InitramfsPlan", "--force", "an option of dracut"),
        ("SystemProbe", "--version", "an option of QEMU and libvirt"),
    ];

    [Fact]
    public void Core_has_no_word_of_a_front_end()
    {
        HashSet<string> options = [.. Words(Option(), "src", "NestVirt.Cli")];
        HashSet<string> parameters =
        [
            .. Words(Parameter(), "src", "NestVirt.PowerShell").Select(static name => $"-{name}"),
        ];
        HashSet<string> cmdlets =
        [
            .. Cmdlet()
                .Matches(File.ReadAllText(Path.Combine(Repository.Folder, "NestVirt.psd1")))
                .Select(static match => match.Groups[1].Value),
        ];
        Assert.Contains("--what-if", options);
        Assert.Contains("-ReplaceConflict", parameters);
        Assert.Contains("Get-NestedSupport", cmdlets);

        string[] found =
        [
            .. CompiledTexts
                .Of(typeof(HostTarget).Assembly.Location)
                .SelectMany(use =>
                    Command()
                        .Matches(use.Text)
                        .Select(static match => match.Value)
                        .Concat(
                            Dashed()
                                .Matches(use.Text)
                                .Select(static match => match.Value)
                                .Where(word => options.Contains(word) || parameters.Contains(word))
                        )
                        .Concat(cmdlets.Where(name => use.Text.Contains(name, StringComparison.OrdinalIgnoreCase)))
                        .Select(word => $"{use.Type}: {word}")
                )
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];

        string[] known = [.. s_exceptions.Select(static exception => $"{exception.Type}: {exception.Word}")];
        Assert.False(found.Except(known).Any(), string.Join('\n', found.Except(known)));
        Assert.Empty(known.Except(found));
    }

    private static IEnumerable<string> Words(Regex pattern, params string[] folder) =>
        Directory
            .EnumerateFiles(Path.Combine([Repository.Folder, .. folder]), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => pattern.Matches(File.ReadAllText(file)))
            .Select(static match => match.Groups[1].Value);

    [GeneratedRegex("\"(--[a-z][a-z-]+)\"")]
    private static partial Regex Option();

    [GeneratedRegex(@"\[Parameter\b(?:[^{;]|\{[^}]*\}(?! = ))*?public [\w<>\[\]?]+ (\w+) \{ get;")]
    private static partial Regex Parameter();

    [GeneratedRegex("'([A-Z][a-z]+-[A-Z][A-Za-z]+)'")]
    private static partial Regex Cmdlet();

    [GeneratedRegex("nestvirt [a-z]+( [a-z]+)?")]
    private static partial Regex Command();

    [GeneratedRegex(@"(?<![\w-])--?[A-Za-z][A-Za-z-]*")]
    private static partial Regex Dashed();
}
