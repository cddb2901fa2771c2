using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace NestVirt.PackageBuilder;

/// <summary>A staged module as a NuGet package that a repository of PowerShell takes, the same for the same files.</summary>
internal static partial class ModulePackage
{
    private const string Name = "NestVirt";

    // What the format has times for begins here.
    private static readonly DateTimeOffset s_earliest = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly XNamespace s_manifest = "http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd";
    private static readonly XNamespace s_types = "http://schemas.openxmlformats.org/package/2006/content-types";
    private static readonly XNamespace s_relations = "http://schemas.openxmlformats.org/package/2006/relationships";

    /// <summary>Writes the package.</summary>
    /// <param name="module">The folder of the staged module.</param>
    /// <param name="folder">Where the package goes.</param>
    /// <param name="time">The time of the files.</param>
    /// <returns>The path of the package.</returns>
    internal static string Write(string module, string folder, DateTimeOffset time)
    {
        string data = File.ReadAllText(Path.Combine(module, $"{Name}.psd1"));
        string version = ValueOf(data, "ModuleVersion");
        string fullVersion = ValueOf(data, "Prerelease") is { Length: > 0 } label ? $"{version}-{label}" : version;
        SortedDictionary<string, byte[]> entries = new(StringComparer.Ordinal)
        {
            [$"{Name}.nuspec"] = Bytes(Manifest(data, fullVersion)),
            ["_rels/.rels"] = Bytes(Relations()),
        };
        foreach (string file in Directory.EnumerateFiles(module, "*", SearchOption.AllDirectories))
        {
            entries.Add(Path.GetRelativePath(module, file).Replace('\\', '/'), File.ReadAllBytes(file));
        }

        entries.Add("[Content_Types].xml", Bytes(ContentTypes(entries.Keys)));
        string path = Path.Combine(folder, $"{Name}.{fullVersion}.nupkg");
        using ZipArchive archive = new(File.Create(path), ZipArchiveMode.Create);
        foreach ((string name, byte[] content) in entries)
        {
            ZipArchiveEntry entry = archive.CreateEntry(name, CompressionLevel.Optimal);
            entry.LastWriteTime = time < s_earliest ? s_earliest : time;
            // -rw-r--r-- on every system, whatever the files have here.
            entry.ExternalAttributes = 0x81A4 << 16;
            using Stream stream = entry.Open();
            stream.Write(content);
        }

        return path;
    }

    private static XDocument Manifest(string data, string version)
    {
        string[] cmdlets = [.. Words(ListOf(data, "CmdletsToExport"))];
        IEnumerable<string> tags = Words(ListOf(data, "Tags"))
            .Append("PSModule")
            .Append("PSIncludes_Cmdlet")
            .Concat(cmdlets.SelectMany(static cmdlet => new[] { $"PSCmdlet_{cmdlet}", $"PSCommand_{cmdlet}" }));
        return new XDocument(
            new XElement(
                s_manifest + "package",
                new XElement(
                    s_manifest + "metadata",
                    new XElement(s_manifest + "id", Name),
                    new XElement(s_manifest + "version", version),
                    new XElement(s_manifest + "authors", ValueOf(data, "Author")),
                    new XElement(s_manifest + "owners", ValueOf(data, "CompanyName")),
                    new XElement(s_manifest + "requireLicenseAcceptance", "false"),
                    new XElement(s_manifest + "licenseUrl", ValueOf(data, "LicenseUri")),
                    new XElement(s_manifest + "projectUrl", ValueOf(data, "ProjectUri")),
                    new XElement(s_manifest + "description", ValueOf(data, "Description")),
                    new XElement(s_manifest + "releaseNotes", ValueOf(data, "ReleaseNotes")),
                    new XElement(s_manifest + "copyright", ValueOf(data, "Copyright")),
                    new XElement(s_manifest + "tags", string.Join(' ', tags))
                )
            )
        );
    }

    private static XDocument Relations() =>
        new(
            new XElement(
                s_relations + "Relationships",
                new XElement(
                    s_relations + "Relationship",
                    new XAttribute("Type", "http://schemas.microsoft.com/packaging/2010/07/manifest"),
                    new XAttribute("Target", $"/{Name}.nuspec"),
                    new XAttribute("Id", "R0")
                )
            )
        );

    private static XDocument ContentTypes(IEnumerable<string> names)
    {
        string[] extensions =
        [
            .. names
                .Select(static name => Path.GetExtension(name).TrimStart('.'))
                .Where(static extension => extension is not ("" or "rels"))
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .Order(StringComparer.Ordinal),
        ];
        return new XDocument(
            new XElement(
                s_types + "Types",
                Type("Default", "Extension", "rels", "application/vnd.openxmlformats-package.relationships+xml"),
                extensions.Select(static extension => Type("Default", "Extension", extension, "application/octet")),
                names
                    .Where(static name => Path.GetExtension(name).Length == 0)
                    .Select(static name => Type("Override", "PartName", $"/{name}", "application/octet"))
            )
        );
    }

    private static XElement Type(string kind, string attribute, string value, string type) =>
        new(s_types + kind, new XAttribute(attribute, value), new XAttribute("ContentType", type));

    private static byte[] Bytes(XDocument document) =>
        Encoding.UTF8.GetBytes(
            $"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{document.ToString(SaveOptions.None).ReplaceLineEndings("\n")}\n"
        );

    private static string ValueOf(string data, string key) =>
        Regex.Match(data, $@"^\s*{key}\s*=\s*'([^']*)'", RegexOptions.Multiline).Groups[1].Value;

    private static string ListOf(string data, string key) =>
        Regex.Match(data, $@"^\s*{key}\s*=\s*@\(([^)]*)\)", RegexOptions.Multiline).Groups[1].Value;

    private static IEnumerable<string> Words(string list) =>
        QuotedWord().Matches(list).Select(static match => match.Groups[1].Value);

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex QuotedWord();
}
