using System.Text.Json.Serialization;
using NestVirt.Model;

namespace NestVirt.Changes;

/// <summary>A plan as a file: what a reviewer reads and what a host's journal keeps.</summary>
/// <param name="Schema">The kind and version of the document.</param>
/// <param name="HostName">The host as the user named it.</param>
/// <param name="UserName">The account, or null.</param>
/// <param name="Port">The port, or null.</param>
/// <param name="IsLocal">Whether the host is the machine on which the plan was made.</param>
/// <param name="Fingerprint">The fingerprint of the plan.</param>
/// <param name="Identity">The machine.</param>
/// <param name="Request">What was asked for.</param>
/// <param name="Changes">The changes.</param>
/// <param name="IsRecorded">Whether the plan was made over a recorded host; not written where it was not.</param>
/// <param name="Address">What names the host on a command line, for one over WS-Management; null for others.</param>
/// <param name="Pending">What will wait, and for what; null in documents of before.</param>
internal sealed record PlanJson(
    string Schema,
    string HostName,
    string? UserName,
    int? Port,
    bool IsLocal,
    string Fingerprint,
    HostIdentity Identity,
    ChangeRequest Request,
    IReadOnlyList<HostChange> Changes,
    IReadOnlyList<Finding>? Pending = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Address = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsRecorded = false
);

/// <summary>What a fingerprint is taken of.</summary>
internal sealed record PlanEssence(string MachineId, ChangeRequest? Request, IReadOnlyList<HostChange> Changes);

/// <summary>The plan's JSON, made at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    WriteIndented = true,
    NewLine = "\n",
    AllowOutOfOrderMetadataProperties = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(PlanJson))]
[JsonSerializable(typeof(PlanEssence))]
internal sealed partial class PlanJsonContext : JsonSerializerContext;
