using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using NestVirt.Hosts;

namespace NestVirt.Core.Tests.Hosts;

/// <summary>The published schema of inventories and their reader agree.</summary>
public sealed class InventorySchemaTests
{
    private static readonly JsonElement s_schema = JsonDocument
        .Parse(File.ReadAllBytes(Path.Combine(RepositoryFolder(), "docs", "inventory.schema.json")))
        .RootElement;

    [Fact]
    public void The_schema_has_the_words_of_the_reader()
    {
        Assert.Equal(InventoryReader.FileWords.Order(), WordsOf("file"));
        Assert.Equal(InventoryReader.GroupWords.Order(), WordsOf("group"));
        Assert.Equal(InventoryReader.ListedHostWords.Order(), WordsOf("listedHost"));
        Assert.Equal(InventoryReader.MappedHostWords.Order(), WordsOf("mappedHost"));
    }

    [Theory]
    [InlineData("[]", true)]
    [InlineData("{}", true)]
    [InlineData("[\"a\", {\"name\": \"b\", \"address\": \"10.0.0.1\"}]", true)]
    [InlineData("{\"$schema\": \"x\", \"hosts\": {\"a\": null, \"b\": {\"port\": 22}}, \"groups\": null}", true)]
    [InlineData("{\"groups\": {\"a\": null, \"b\": [], \"c\": {\"hosts\": [\"x\"], \"sudo\": false}}}", true)]
    [InlineData("{\"user\": null, \"port\": null, \"identity\": null, \"sshOptions\": null, \"sudo\": null}", true)]
    [InlineData("{\"sshOptions\": {\"Ciphers\": \"b\", \"Port\": 1, \"Compression\": true}, \"hosts\": null}", true)]
    [InlineData("5", false)]
    [InlineData("null", false)]
    [InlineData("\"a\"", false)]
    [InlineData("{\"host\": []}", false)]
    [InlineData("{\"hosts\": \"a\"}", false)]
    [InlineData("{\"hosts\": [5]}", false)]
    [InlineData("{\"hosts\": [null]}", false)]
    [InlineData("{\"hosts\": [\"\"]}", false)]
    [InlineData("{\"hosts\": [{\"address\": \"a\"}]}", false)]
    [InlineData("{\"hosts\": [{\"name\": null}]}", false)]
    [InlineData("{\"hosts\": {\"a\": {\"name\": \"b\"}}}", false)]
    [InlineData("{\"hosts\": {\"a\": {\"prot\": 1}}}", false)]
    [InlineData("{\"hosts\": {\"a\": {\"address\": null}}}", false)]
    [InlineData("{\"hosts\": {\"a\": []}}", false)]
    [InlineData("{\"groups\": []}", false)]
    [InlineData("{\"groups\": {\"a\": \"b\"}}", false)]
    [InlineData("{\"groups\": {\"a\": {\"groups\": {}}}}", false)]
    [InlineData("{\"port\": 0}", false)]
    [InlineData("{\"port\": 65536}", false)]
    [InlineData("{\"port\": \"22\"}", false)]
    [InlineData("{\"port\": 22.5}", false)]
    [InlineData("{\"sudo\": 1}", false)]
    [InlineData("{\"useSsl\": true, \"authentication\": \"kerberos\"}", true)]
    [InlineData("{\"useSsl\": null, \"authentication\": null, \"certificateThumbprint\": null}", true)]
    [InlineData("{\"certificateThumbprint\": \"00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33\"}", true)]
    [InlineData("{\"authorityFile\": \"ca.pem\", \"authentication\": \"BASIC\"}", true)]
    [InlineData("{\"certificateThumbprint\": \"0011\"}", false)]
    [InlineData("{\"useSsl\": \"yes\"}", false)]
    [InlineData("{\"authentication\": \"digest\"}", false)]
    [InlineData("{\"authentication\": \"1\"}", false)]
    [InlineData("{\"cimClient\": \"wsman\"}", true)]
    [InlineData("{\"cimClient\": null}", true)]
    [InlineData("{\"cimClient\": \"dcom\"}", false)]
    [InlineData("{\"cimClient\": \"0\"}", false)]
    [InlineData("{\"user\": \"\"}", false)]
    [InlineData("{\"identity\": true}", false)]
    [InlineData("{\"sshOptions\": [\"a=b\"]}", false)]
    [InlineData("{\"sshOptions\": {\"a\": null}}", false)]
    public void The_schema_and_the_reader_agree(string json, bool isValid)
    {
        using JsonDocument document = JsonDocument.Parse(json);

        Assert.Equal(isValid, Fits(document.RootElement, s_schema));
        Assert.Equal(isValid, IsRead(json));
    }

    private static bool IsRead(string json)
    {
        try
        {
            HostInventory.Read(Encoding.UTF8.GetBytes(json), "hosts.json", isTrusted: true);
            return true;
        }
        catch (NestVirtException)
        {
            return false;
        }
    }

    private static IEnumerable<string> WordsOf(string definition) =>
        s_schema
            .GetProperty("$defs")
            .GetProperty(definition)
            .GetProperty("properties")
            .EnumerateObject()
            .Select(static property => property.Name)
            .Order();

    // The part of JSON Schema that the file uses; another word of it fails the test.
    private static bool Fits(JsonElement value, JsonElement schema) =>
        schema
            .EnumerateObject()
            .All(rule =>
                rule.Name switch
                {
                    "$schema" or "$defs" or "title" or "description" or "properties" => true,
                    "$ref" => Fits(
                        value,
                        s_schema.GetProperty("$defs").GetProperty(rule.Value.GetString()!["#/$defs/".Length..])
                    ),
                    "oneOf" => rule.Value.EnumerateArray().Count(one => Fits(value, one)) == 1,
                    "type" => rule.Value.ValueKind == JsonValueKind.Array
                        ? rule.Value.EnumerateArray().Any(type => IsOf(value, type.GetString()!))
                        : IsOf(value, rule.Value.GetString()!),
                    "items" => value.ValueKind != JsonValueKind.Array
                        || value.EnumerateArray().All(item => Fits(item, rule.Value)),
                    "required" => value.ValueKind != JsonValueKind.Object
                        || rule.Value.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
                    "additionalProperties" => value.ValueKind != JsonValueKind.Object
                        || value.EnumerateObject().All(property => Fits(property, schema, rule.Value)),
                    "minLength" => value.ValueKind != JsonValueKind.String
                        || value.GetString()!.Length >= rule.Value.GetInt32(),
                    "pattern" => value.ValueKind != JsonValueKind.String
                        || Regex.IsMatch(value.GetString()!, rule.Value.GetString()!),
                    "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() >= rule.Value.GetInt32(),
                    "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() <= rule.Value.GetInt32(),
                    _ => throw new NotSupportedException(rule.Name),
                }
            );

    private static bool Fits(JsonProperty property, JsonElement schema, JsonElement others) =>
        schema.TryGetProperty("properties", out JsonElement known)
        && known.TryGetProperty(property.Name, out JsonElement own)
            ? Fits(property.Value, own)
            : others.ValueKind == JsonValueKind.Object && Fits(property.Value, others);

    private static bool IsOf(JsonElement value, string type) =>
        value.ValueKind switch
        {
            JsonValueKind.Null => type == "null",
            JsonValueKind.True or JsonValueKind.False => type == "boolean",
            JsonValueKind.String => type == "string",
            JsonValueKind.Array => type == "array",
            JsonValueKind.Object => type == "object",
            _ => type == "integer" && value.TryGetInt32(out _),
        };

    private static string RepositoryFolder()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NestVirt.PowerShell.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }
}
