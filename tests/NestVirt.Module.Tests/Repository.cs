using System.Text.RegularExpressions;

namespace NestVirt.Module.Tests;

/// <summary>The files of this repository.</summary>
internal static partial class Repository
{
    internal static string Root { get; } = FindRoot();

    internal static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Lists files of a folder by name, without what follows the given ending.</summary>
    internal static IReadOnlyList<string> NamesIn(string folder, string ending) =>
        [
            .. Directory
                .EnumerateFiles(PathOf(folder), $"*{ending}")
                .Select(file => Path.GetFileName(file)[..^ending.Length])
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Reads a list of the manifest, such as CmdletsToExport.</summary>
    internal static IReadOnlyList<string> ManifestList(string key)
    {
        string manifest = File.ReadAllText(PathOf("NestVirt.psd1"));
        Match list = Regex.Match(manifest, $@"{key}\s*=\s*@\((?<items>[^)]*)\)");
        return [.. Item().Matches(list.Groups["items"].Value).Select(static item => item.Groups[1].Value)];
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NestVirt.PowerShell.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Item();
}
