using System.Globalization;
using System.Text;
using System.Text.Json;

namespace NestVirt.PackageBuilder;

/// <summary>What a package of ours contains, as CycloneDX 1.6 has it.</summary>
internal static class BillOfMaterials
{
    /// <summary>Writes it. It has no serial number, which would differ each time.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">What ships.</param>
    /// <param name="version">Its version.</param>
    /// <param name="packages">What it contains.</param>
    /// <param name="time">The time of the sources.</param>
    internal static void Write(
        string file,
        string name,
        string version,
        IReadOnlyList<ShippedPackage> packages,
        DateTimeOffset time
    )
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("bomFormat", "CycloneDX");
            json.WriteString("specVersion", "1.6");
            json.WriteNumber("version", 1);
            json.WriteStartObject("metadata");
            json.WriteString(
                "timestamp",
                time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            );
            json.WriteStartObject("component");
            WriteComponent(json, "application", name, version, "MIT", hash: null);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteStartArray("components");
            foreach (ShippedPackage package in packages)
            {
                json.WriteStartObject();
                WriteComponent(json, "library", package.Id, package.Version, package.License, package.Hash);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        File.WriteAllText(file, $"{Encoding.UTF8.GetString(stream.ToArray())}\n");
    }

    private static void WriteComponent(
        Utf8JsonWriter json,
        string type,
        string name,
        string version,
        string license,
        string? hash
    )
    {
        json.WriteString("type", type);
        json.WriteString("name", name);
        json.WriteString("version", version);
        if (hash is not null)
        {
            json.WriteString("purl", $"pkg:nuget/{name}@{version}");
            json.WriteStartArray("hashes");
            json.WriteStartObject();
            json.WriteString("alg", "SHA-512");
            json.WriteString("content", hash);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteStartArray("licenses");
        json.WriteStartObject();
        json.WriteStartObject("license");
        json.WriteString("id", license);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
