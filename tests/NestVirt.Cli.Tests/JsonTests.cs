using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using NestVirt.Cli.Output;
using NestVirt.Hosts;
using NestVirt.Model;

namespace NestVirt.Cli.Tests;

public sealed class JsonTests
{
    [Fact]
    public void A_support_result_has_the_names_that_are_fixed()
    {
        JsonElement result = Parse(Printed.Json(Sample.Support));

        Assert.Equal("kvm1", result.GetProperty("hostName").GetString());
        Assert.Equal("Kvm", result.GetProperty("platform").GetString());
        Assert.Equal("x86_64", result.GetProperty("architecture").GetString());
        Assert.Equal("GenuineIntel", At("cpu", "vendor").GetString());
        Assert.Equal(Sample.Support.Cpu.Model, At("cpu", "model").GetString());
        Assert.Equal("VT-x", At("virtualization", "extension").GetString());
        Assert.Equal("Available", At("virtualization", "state").GetString());
        Assert.Equal("ept", At("virtualization", "features")[0].GetString());
        Assert.Equal(Sample.Shown, At("hypervisor", "vendor").GetString());
        Assert.Equal("L1", result.GetProperty("layer").GetString());
        Assert.Equal("kvm_intel", At("nested", "module").GetString());
        Assert.Equal("Off", At("nested", "effective").GetString());
        Assert.Equal("On", At("nested", "configured").GetString());
        Assert.Equal("On", At("nested", "nextBoot").GetString());
        Assert.Equal("On", At("iommu", "state").GetString());
        Assert.Equal(14, At("iommu", "groupCount").GetInt32());
        Assert.Equal("Configurable", result.GetProperty("verdict").GetString());
        Assert.Equal(
            ["code", "severity", "message", "evidence", "remedy", "command"],
            result.GetProperty("reasons")[0].EnumerateObject().Select(static p => p.Name)
        );
        Assert.Equal("Error", result.GetProperty("reasons")[0].GetProperty("severity").GetString());

        JsonElement At(string first, string second) => result.GetProperty(first).GetProperty(second);
    }

    [Fact]
    public void What_is_unknown_is_null_and_not_left_out()
    {
        NestedSupport unknown = Sample.Support with
        {
            Cpu = new CpuFacts(null, null),
            Virtualization = new VirtualizationFacts(null, VirtualizationState.Unknown, []),
            Hypervisor = new HypervisorFacts(null, null),
            Nested = new NestedFacts(null, NestedState.Unknown, null, NestedState.Unknown),
            Iommu = new IommuSummary(IommuState.Unknown, null),
            System = new SystemFacts(),
        };

        JsonElement result = Parse(Printed.Json(unknown));

        Assert.Equal(JsonValueKind.Null, result.GetProperty("architecture").ValueKind);
        Assert.Equal(JsonValueKind.Null, result.GetProperty("cpu").GetProperty("vendor").ValueKind);
        Assert.Equal(JsonValueKind.Null, result.GetProperty("virtualization").GetProperty("extension").ValueKind);
        Assert.Equal(JsonValueKind.Null, result.GetProperty("hypervisor").GetProperty("vendor").ValueKind);
        Assert.Equal(JsonValueKind.Null, result.GetProperty("nested").GetProperty("configured").ValueKind);
        Assert.Equal(JsonValueKind.Null, result.GetProperty("iommu").GetProperty("groupCount").ValueKind);
        Assert.Equal("Unknown", result.GetProperty("iommu").GetProperty("state").GetString());
    }

    [Fact]
    public void An_iommu_result_has_the_names_that_are_fixed()
    {
        JsonElement result = Parse(Printed.Json(Sample.Group));
        JsonElement device = result.GetProperty("devices")[0];
        JsonElement bridge = result.GetProperty("devices")[1];

        Assert.Equal(12, result.GetProperty("number").GetInt32());
        Assert.False(result.GetProperty("isViable").GetBoolean());
        Assert.Equal(Sample.Shown, result.GetProperty("type").GetString());
        Assert.Equal("NestedOff", result.GetProperty("reasons")[0].GetProperty("code").GetString());
        Assert.Equal("10000:03:00.0", device.GetProperty("address").GetString());
        Assert.Equal(0x10DE, device.GetProperty("vendorId").GetInt32());
        Assert.Equal(0x1EB8, device.GetProperty("deviceId").GetInt32());
        Assert.Equal(Sample.Shown, device.GetProperty("vendor").GetString());
        Assert.Equal(Sample.Shown, device.GetProperty("device").GetString());
        Assert.Equal(0x030000, device.GetProperty("classCode").GetInt32());
        Assert.Equal(Sample.Shown, device.GetProperty("driver").GetString());
        Assert.False(device.GetProperty("isBridge").GetBoolean());
        Assert.Equal("SrcValid", device.GetProperty("acs").GetProperty("capable")[0].GetString());
        Assert.Empty(device.GetProperty("acs").GetProperty("enabled").EnumerateArray());
        Assert.Equal(JsonValueKind.Null, device.GetProperty("acsUnknownReason").ValueKind);
        Assert.Equal(JsonValueKind.Null, bridge.GetProperty("acs").ValueKind);
        Assert.Equal("no root", bridge.GetProperty("acsUnknownReason").GetString());
    }

    [Fact]
    public void Names_are_those_of_the_objects_and_the_target_stays_out()
    {
        Compare(Sample.Support);
        Compare(Sample.Group);
        Compare(Sample.Difference);
        Compare(Sample.Device);
        Compare(Sample.Sriov);
        Compare(Sample.Module);
        Compare(Sample.Guest);
        Compare(Sample.GuestDevice);
        Compare(new HostFailure("kvm1", "HostTimeout", "Too late.", null));
        Compare(new SnapshotFile("kvm1", "kvm1.json", 12, true));

        static void Compare<T>(T sample) => AssertAlike(sample!, Parse(Printed.Json(sample)));
    }

    [Fact]
    public void Text_of_a_host_cannot_reach_the_terminal()
    {
        string json = Printed.Json(Sample.Group);

        Assert.DoesNotContain(
            json,
            static character => character is '\u001b' or '\u202E' or '\u2066' or '\u2028' or '\r'
        );
        Assert.Equal(Sample.Shown, Parse(json).GetProperty("type").GetString());
    }

    [Fact]
    public void Other_languages_stay_readable() =>
        Assert.Contains(
            "Größe 大 'x' <y>",
            Printed.Json(Sample.Difference with { Description = "Größe 大 'x' <y>" }),
            StringComparison.Ordinal
        );

    private static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Equal(
            ["schema", "results", "errors"],
            document.RootElement.EnumerateObject().Select(static property => property.Name)
        );
        return Assert.Single(document.RootElement.GetProperty("results").EnumerateArray()).Clone();
    }

    // Walks an object and its JSON side by side: the same names, enumerations as words, nothing left out that is not meant to be.
    private static void AssertAlike(object value, JsonElement json)
    {
        PropertyInfo[] properties =
        [
            .. value
                .GetType()
                .GetProperties()
                .Where(static property =>
                    property.PropertyType != typeof(HostTarget) && !property.IsDefined(typeof(JsonIgnoreAttribute))
                ),
        ];
        Assert.Equal(
            properties.Select(static property => char.ToLowerInvariant(property.Name[0]) + property.Name[1..]).Order(),
            json.EnumerateObject().Select(static property => property.Name).Order()
        );
        foreach (PropertyInfo property in properties)
        {
            JsonElement element = json.GetProperty(char.ToLowerInvariant(property.Name[0]) + property.Name[1..]);
            AssertValue(property.GetValue(value), element);
        }
    }

    private static void AssertValue(object? value, JsonElement json)
    {
        switch (value)
        {
            case null:
                Assert.Equal(JsonValueKind.Null, json.ValueKind);
                break;
            case string text:
                Assert.Equal(text, json.GetString());
                break;
            case Enum word:
                Assert.Equal(word.ToString(), json.GetString());
                break;
            case bool flag:
                Assert.Equal(flag, json.GetBoolean());
                break;
            case TimeSpan:
                Assert.Equal(JsonValueKind.String, json.ValueKind);
                break;
            case IConvertible number:
                Assert.Equal(number.ToString(CultureInfo.InvariantCulture), json.GetRawText());
                break;
            case IEnumerable list:
                object?[] items = [.. list.Cast<object?>()];
                Assert.Equal(items.Length, json.GetArrayLength());
                Assert.All(items.Zip(json.EnumerateArray()), static pair => AssertValue(pair.First, pair.Second));
                break;
            default:
                AssertAlike(value, json);
                break;
        }
    }
}
