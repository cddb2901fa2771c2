using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using NestVirt.Changes;
using NestVirt.Model;

namespace NestVirt.Cli.Output;

/// <summary>How results are written as JSON: the properties of the PowerShell objects, in camelCase, null where unknown.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    GenerationMode = JsonSourceGenerationMode.Serialization
)]
[JsonSerializable(typeof(NestedSupport))]
[JsonSerializable(typeof(IommuGroup))]
[JsonSerializable(typeof(IommuDifference))]
[JsonSerializable(typeof(PciDevice))]
[JsonSerializable(typeof(SriovDevice))]
[JsonSerializable(typeof(KvmModule))]
[JsonSerializable(typeof(VmNestedCpu))]
[JsonSerializable(typeof(VmPciDevice))]
[JsonSerializable(typeof(ConnectionCheck))]
[JsonSerializable(typeof(SnapshotFile))]
[JsonSerializable(typeof(ChangePlan))]
[JsonSerializable(typeof(ChangeResult))]
[JsonSerializable(typeof(JournalEntry))]
[JsonSerializable(typeof(HostFailure))]
internal sealed partial class ResultJson : JsonSerializerContext
{
    /// <summary>Gets how a document is written.</summary>
    internal static JsonWriterOptions Indented { get; } =
        new()
        {
            Indented = true,
            NewLine = "\n",
            Encoder = TerminalSafeEncoder.Instance,
        };

    /// <summary>Gets how a line is written.</summary>
    internal static JsonWriterOptions Compact { get; } = new() { Encoder = TerminalSafeEncoder.Instance };

    /// <summary>Gets how a type is written.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <returns>Its properties.</returns>
    internal static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Default.GetTypeInfo(typeof(T))!;
}
