using System.Text.Json;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Changes;

/// <summary>Reads and writes plans as JSON.</summary>
/// <remarks>
/// A document is for review. Whoever applies it plans again on the host, and goes on only when the new plan has the
/// document's fingerprint: so nothing that a document says is run.
/// </remarks>
public static class PlanDocument
{
    /// <summary>The schema of the documents.</summary>
    public const string Schema = "nestvirt/plan/1";

    /// <summary>Writes a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <returns>JSON, ending in a newline.</returns>
    internal static string Write(ChangePlan plan) =>
        JsonSerializer.Serialize(
            new PlanJson(
                Schema,
                plan.Target.Name,
                plan.Target.UserName,
                plan.Target.Port,
                plan.Target.Address is LocalAddress,
                plan.Fingerprint,
                plan.Identity,
                plan.Request
                    ?? throw new ArgumentException("A plan that takes changes back is no document.", nameof(plan)),
                plan.Changes,
                plan.Pending,
                plan.Target.Address is WsManAddress ? plan.Target.CommandWord : null,
                plan.IsRecorded
            ),
            PlanJsonContext.Default.PlanJson
        ) + "\n";

    /// <summary>Writes plans: one as it is, several as a JSON array.</summary>
    /// <param name="plans">The plans.</param>
    /// <returns>JSON, ending in a newline.</returns>
    public static string WriteAll(IReadOnlyList<ChangePlan> plans) =>
        plans.Count == 1
            ? Write(plans[0])
            : $"[\n{string.Join(",\n", plans.Select(static plan => Write(plan).TrimEnd()))}\n]\n";

    /// <summary>Reads a plan.</summary>
    /// <param name="json">The document.</param>
    /// <param name="source">Where it comes from, for messages.</param>
    /// <returns>The plan, and the fingerprint that the document claims.</returns>
    /// <exception cref="NestVirtException">The document is not a plan.</exception>
    internal static ReviewedPlan Read(string json, string source)
    {
        using JsonDocument document = Parse(json, source);
        return Read(document.RootElement, source);
    }

    /// <summary>Reads a plan, or a JSON array of plans.</summary>
    /// <param name="json">The document.</param>
    /// <param name="source">Where it comes from, for messages.</param>
    /// <returns>The plans, each with the fingerprint that the document claims.</returns>
    /// <exception cref="NestVirtException">The document is neither.</exception>
    public static IReadOnlyList<ReviewedPlan> ReadAll(string json, string source)
    {
        using JsonDocument document = Parse(json, source);
        return document.RootElement.ValueKind == JsonValueKind.Array
            ? [.. document.RootElement.EnumerateArray().Select(plan => Read(plan, source))]
            : [Read(document.RootElement, source)];
    }

    /// <summary>Computes what tells one plan from another: the machine, the request, and every change with the bytes it writes.</summary>
    /// <param name="plan">The plan.</param>
    /// <returns>A SHA-256 in lower-case hexadecimal digits.</returns>
    internal static string Fingerprint(ChangePlan plan) =>
        Sha256.Hex(
            JsonSerializer.SerializeToUtf8Bytes(
                new PlanEssence(plan.Identity.MachineId, plan.Request, plan.Changes),
                PlanJsonContext.Default.PlanEssence
            )
        );

    private static JsonDocument Parse(string json, string source)
    {
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (ArgumentException error)
        {
            throw Invalid(source, "a text in it is not valid Unicode", error);
        }
        catch (JsonException error)
        {
            throw Invalid(
                source,
                string.IsNullOrWhiteSpace(json)
                    ? "it is empty"
                    : FormattableString.Invariant(
                        $"it stops being JSON at line {error.LineNumber + 1}, column {error.BytePositionInLine + 1}"
                    ),
                error
            );
        }
    }

    private static ReviewedPlan Read(JsonElement element, string source)
    {
        try
        {
            if (Fault(element) is { } fault)
            {
                throw Invalid(source, fault, null);
            }

            PlanJson document = element.Deserialize(PlanJsonContext.Default.PlanJson)!;
            return new ReviewedPlan(
                new ChangePlan(TargetOf(document, source), document.Request, document.Identity, document.Changes)
                {
                    Pending = document.Pending ?? [],
                },
                document.Fingerprint
            );
        }
        catch (JsonException error)
        {
            throw Invalid(
                source,
                $"what stands at {HostText.ForDisplay(error.Path, 80)} is not what a plan has there",
                error
            );
        }
        catch (InvalidOperationException error)
        {
            throw Invalid(source, "a text in it is not valid Unicode", error);
        }
    }

    // What the serializer would say in words of its own.
    private static string? Fault(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return "it is JSON, but no object";
        }

        if (Text(element, "schema") is not Schema)
        {
            return Text(element, "schema") is { } schema
                ? $"its schema is '{HostText.ForDisplay(schema, 60)}', not {Schema}"
                : $"it has no schema, which would be {Schema}";
        }

        string[] missing =
        [
            .. PlanJsonContext
                .Default.PlanJson.Properties.Where(property =>
                    property.AssociatedParameter is { HasDefaultValue: false }
                    && !element.TryGetProperty(property.Name, out _)
                )
                .Select(static property => property.Name),
        ];
        if (missing.Length > 0)
        {
            return $"it has no {string.Join(", ", missing)}";
        }

        if (HasGap(element))
        {
            return "a list in it has nothing where something has to be";
        }

        string?[] kinds =
        [
            .. PlanJsonContext.Default.ChangeRequest.PolymorphismOptions!.DerivedTypes.Select(static type =>
                type.TypeDiscriminator as string
            ),
        ];
        JsonElement request = element.GetProperty("request");
        string? kind = Text(request, "kind");
        return kinds.Contains(kind) && kind is not null
            ? IsShown(request)
                ? null
                : "what it asks for has characters that are not shown"
            : kind is null
                ? "its request is of no kind"
                : $"its request is of the kind '{HostText.ForDisplay(kind, 60)}', which this release does not know";
    }

    // A request is made on the host as it is, so that it is whole or refused.
    private static bool IsShown(JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.String => HostText.IsShown(element.GetString()!),
                JsonValueKind.Array => element.EnumerateArray().All(IsShown),
                JsonValueKind.Object => element
                    .EnumerateObject()
                    .All(static member => HostText.IsShown(member.Name) && IsShown(member.Value)),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            // Half a character.
            return false;
        }
    }

    // The serializer takes null for an element of any list.
    private static bool HasGap(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => element.EnumerateObject().Any(static member => HasGap(member.Value)),
            JsonValueKind.Array => element
                .EnumerateArray()
                .Any(static one => one.ValueKind == JsonValueKind.Null || HasGap(one)),
            _ => false,
        };

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(name, out JsonElement value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static HostTarget TargetOf(PlanJson document, string source)
    {
        if (document.IsRecorded)
        {
            return new HostTarget(document.HostName, new SnapshotAddress(document.HostName));
        }

        if (document.IsLocal)
        {
            return HostTarget.Local;
        }

        if (document.Address is { } word)
        {
            return HostWords.IsHyperV(word) && HostTarget.TryParse(word, out HostTarget? host)
                ? host
                : throw Invalid(source, $"'{HostText.ForDisplay(word, 80)}' is no Hyper-V host", null);
        }

        return
            (document.UserName is null || HostTarget.IsUserName(document.UserName))
            && HostTarget.TryParseSsh(
                document.HostName.Contains(':', StringComparison.Ordinal)
                    ? $"[{document.HostName}]"
                    : document.HostName,
                out HostTarget? target
            )
            ? new HostSettings { UserName = document.UserName, Port = document.Port }.ApplyTo(target)
            : throw Invalid(
                source,
                $"'{HostText.ForDisplay(document.HostName, 80)}' is no host name, or its account none",
                null
            );
    }

    private static NestVirtException Invalid(string source, string reason, Exception? inner) =>
        new(NestVirtErrorKind.PlanInvalid, $"{source} is not a plan: {reason}.", inner)
        {
            Remedy = Advice.Of($"Write the plan again, with {ChangeSwitch.WritePlan}."),
        };
}
