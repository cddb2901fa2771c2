using System.Text.Json;
using System.Xml.Linq;

namespace NestVirt.PackageBuilder;

/// <summary>A package of others that we ship.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="License">Its license, as SPDX has it.</param>
/// <param name="Hash">The SHA-512 of the package in hexadecimal digits, or null.</param>
internal sealed record ShippedPackage(string Id, string Version, string License, string? Hash)
{
    private const string CompilerSuffix = ".Microsoft.DotNet.ILCompiler";

    /// <summary>Reads what a restored project ships: packages with an assembly, and .NET where it is compiled in.</summary>
    /// <param name="assets">Its project.assets.json.</param>
    /// <param name="isNative">Whether .NET is compiled in.</param>
    /// <returns>The packages, in the order of their names.</returns>
    internal static IReadOnlyList<ShippedPackage> ReadAll(string assets, bool isNative)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(assets));
        JsonElement root = document.RootElement;
        List<ShippedPackage> packages = [];
        foreach (JsonProperty library in root.GetProperty("targets").EnumerateObject().First().Value.EnumerateObject())
        {
            if (
                library.Value.GetProperty("type").GetString() == "package"
                && library.Value.TryGetProperty("runtime", out JsonElement files)
                && files.EnumerateObject().Any(static file => file.Name.EndsWith(".dll", StringComparison.Ordinal))
            )
            {
                string[] parts = library.Name.Split('/');
                string? hash = root.GetProperty("libraries")
                    .GetProperty(library.Name)
                    .GetProperty("sha512")
                    .GetString();
                packages.Add(
                    new ShippedPackage(
                        parts[0],
                        parts[1],
                        LicenseOf(FolderOf(root, parts[0], parts[1])),
                        hash is null ? null : Convert.ToHexStringLower(Convert.FromBase64String(hash))
                    )
                );
            }
        }

        if (isNative && CompilerOf(root) is { } compiler)
        {
            packages.Add(
                new ShippedPackage(
                    ".NET Runtime",
                    compiler.Version,
                    LicenseOf(FolderOf(root, compiler.Id, compiler.Version)),
                    null
                )
            );
        }

        return [.. packages.OrderBy(static package => package.Id, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>Finds the notices of the .NET that is compiled into a native program.</summary>
    /// <param name="assets">The program's project.assets.json.</param>
    /// <returns>The path.</returns>
    internal static string NoticesOfDotNet(string assets)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(assets));
        (string id, string version) =
            CompilerOf(document.RootElement)
            ?? throw new InvalidOperationException($"{assets} is of no native program.");
        return Path.Combine(FolderOf(document.RootElement, id, version), "THIRD-PARTY-NOTICES.TXT");
    }

    private static (string Id, string Version)? CompilerOf(JsonElement root)
    {
        JsonElement framework = root.GetProperty("project").GetProperty("frameworks").EnumerateObject().First().Value;
        if (framework.TryGetProperty("downloadDependencies", out JsonElement downloads))
        {
            foreach (JsonElement download in downloads.EnumerateArray())
            {
                string id = download.GetProperty("name").GetString()!;
                if (
                    id.StartsWith("runtime.", StringComparison.Ordinal)
                    && id.EndsWith(CompilerSuffix, StringComparison.Ordinal)
                )
                {
                    return (id, download.GetProperty("version").GetString()!.Trim('[', ']').Split(',')[0]);
                }
            }
        }

        return null;
    }

    private static string FolderOf(JsonElement root, string id, string version) =>
        root.GetProperty("packageFolders")
            .EnumerateObject()
            .Select(folder => Path.Combine(folder.Name, id.ToLowerInvariant(), version.ToLowerInvariant()))
            .First(Directory.Exists);

    private static string LicenseOf(string folder)
    {
        XDocument manifest = XDocument.Load(Directory.EnumerateFiles(folder, "*.nuspec").Single());
        XElement? license = manifest
            .Descendants()
            .FirstOrDefault(static element => element.Name.LocalName == "license");
        return license?.Attribute("type")?.Value == "expression"
            ? license.Value
            : throw new InvalidOperationException($"{folder} states no license that SPDX has a name for.");
    }
}
