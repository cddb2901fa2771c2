using System.Text.RegularExpressions;

namespace NestVirt.Core.Tests;

/// <summary>Data flows one way (docs/design.md): the using lines of the source are held against who may use whom.</summary>
public sealed partial class ArchitectureTests
{
    // A folder of src, and the namespaces under NestVirt that its files may use; "X" includes what lies below X.
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["NestVirt.Core/Text"] = [],
        ["NestVirt.Core/Hosts"] = ["Text"],
        ["NestVirt.Core/Model"] = ["Hosts", "Text"],
        ["NestVirt.Core/Execution"] = ["Hosts"],
        ["NestVirt.Core/Transport"] = ["Hosts", "Text", "Transport", "Probing"],
        ["NestVirt.Core/Probing"] = ["Hosts", "Text", "Transport"],
        ["NestVirt.Core/Changes"] = ["Hosts", "Model", "Text", "Transport", "Probing", "Linux"],
        ["NestVirt.Core/Linux"] = ["Hosts", "Model", "Text", "Transport", "Probing", "Changes", "Linux"],
        ["NestVirt.Core/Questions"] = ["Hosts", "Model", "Text", "Transport", "Probing", "Changes", "Linux"],
        ["NestVirt.PowerShell"] =
        [
            "Hosts",
            "Model",
            "Text",
            "Changes",
            "Questions",
            "Execution",
            "Probing",
            "PowerShell",
        ],
        ["NestVirt.Cli"] = ["Hosts", "Model", "Text", "Changes", "Questions", "Execution", "Probing", "Cli"],
    };

    [Fact]
    public void Using_lines_follow_the_flow_of_data()
    {
        string source = Path.Combine(RepositoryFolder(), "src");
        List<string> wrong = [];
        foreach (string file in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories))
        {
            string relative = Path.GetRelativePath(source, file).Replace('\\', '/');
            string? folder = s_allowed.Keys.FirstOrDefault(key =>
                relative.StartsWith(key + "/", StringComparison.Ordinal)
            );
            if (folder is not null)
            {
                wrong.AddRange(
                    UsedNamespaces(file)
                        .Where(name => !IsAllowed(folder, name))
                        .Select(name => $"{relative} uses {name}")
                );
            }
        }

        Assert.Empty(wrong);
    }

    private static IEnumerable<string> UsedNamespaces(string file) =>
        UsingLine().Matches(File.ReadAllText(file)).Select(static match => match.Groups[1].Value);

    // What a front end needs of a transport is its reader, never its inside.
    private static bool IsAllowed(string folder, string name) =>
        Array.Exists(
            s_allowed[folder],
            allowed => name == allowed || name.StartsWith(allowed + ".", StringComparison.Ordinal)
        ) || (name == "Transport" && folder is "NestVirt.PowerShell" or "NestVirt.Cli");

    private static string RepositoryFolder()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NestVirt.PowerShell.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }

    [GeneratedRegex(@"^(?:global )?using (?:static )?NestVirt\.([A-Za-z.]+);", RegexOptions.Multiline)]
    private static partial Regex UsingLine();
}
