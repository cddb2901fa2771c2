using System.Buffers;
using System.Globalization;
using System.Text.Json;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Transport.Recorded;

/// <summary>The raw answers of one host, as a JSON file that people can read, compare and send.</summary>
/// <param name="HostName">The name the host was asked by.</param>
/// <param name="TakenAt">When it was asked.</param>
/// <param name="Answers">What it answered, by the name of each probe.</param>
internal sealed record HostSnapshot(
    string HostName,
    DateTimeOffset TakenAt,
    IReadOnlyDictionary<string, ProbeAnswer> Answers
)
{
    /// <summary>The schema that the file names; the number grows when old readers would misread it.</summary>
    public const string Schema = "nestvirt/host-snapshot/1";

    /// <summary>Reads a snapshot's file.</summary>
    /// <param name="address">The file.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>The snapshot.</returns>
    /// <exception cref="NestVirtException">There is no such file, or it is no snapshot.</exception>
    internal static async Task<HostSnapshot> LoadAsync(SnapshotAddress address, CancellationToken cancellationToken)
    {
        string path = address.Path;
        try
        {
            using AnswerPlace place = AnswerPlace.Begin();
            if (new FileInfo(path) is { Exists: true, Length: > AnswerLimits.ShortBytes })
            {
                await place.TakeAsync(cancellationToken).ConfigureAwait(false);
            }

            return Parse(
                await InputFile.ReadAsync(path, AnswerLimits.FileBytes, null, cancellationToken).ConfigureAwait(false)
            );
        }
        catch (InputTooLongException error)
        {
            throw new NestVirtException(
                NestVirtErrorKind.SnapshotInvalid,
                $"The file '{path}' is too long for a host snapshot: {error.Message}.",
                error
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NestVirtException(
                NestVirtErrorKind.SourceNotFound,
                $"The snapshot '{path}' cannot be read: {FileFault.Of(path, error)}.",
                error
            );
        }
    }

    /// <summary>Reads the bytes of a snapshot file.</summary>
    /// <param name="utf8">The bytes, as UTF-8 or as UTF-16 with its mark.</param>
    /// <returns>The snapshot.</returns>
    /// <exception cref="NestVirtException">They are no snapshot.</exception>
    public static HostSnapshot Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(EncodedText.ToUtf8(utf8));
            return Read(document.RootElement);
        }
        catch (JsonException error)
        {
            throw Invalid(
                utf8.IsEmpty
                    ? "it is empty"
                    : FormattableString.Invariant(
                        $"it stops being JSON at line {error.LineNumber + 1}, column {error.BytePositionInLine + 1}"
                    ),
                error
            );
        }
        catch (InvalidOperationException error)
        {
            throw Invalid("a text in it is not valid Unicode", error);
        }
    }

    private static HostSnapshot Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw Invalid("it is JSON, but no object");
        }

        string schema = Require(root, "schema", JsonValueKind.String).GetString()!;
        if (schema != Schema)
        {
            throw Invalid($"its schema is '{HostText.ForDisplay(schema, 60)}', not '{Schema}'");
        }

        SortedList<string, ProbeAnswer> answers = new(StringComparer.Ordinal);
        long characters = 0;
        long lines = 0;
        foreach (JsonProperty probe in Require(root, "probes", JsonValueKind.Object).EnumerateObject())
        {
            lines += probe.Value.ValueKind == JsonValueKind.Array ? probe.Value.GetArrayLength() : 0;
            if (lines > AnswerLimits.Lines)
            {
                throw Invalid(FormattableString.Invariant($"its answers have more than {AnswerLimits.Lines:N0} lines"));
            }

            ProbeAnswer answer = ParseAnswer(probe);
            characters += answer.Text.Length;
            if (characters > AnswerLimits.Bytes)
            {
                throw Invalid($"its answers are longer than {AnswerLimits.Bytes >> 20} MiB");
            }

            answers[probe.Name] = answer;
        }

        return new HostSnapshot(
            Require(root, "hostName", JsonValueKind.String).GetString()!,
            Require(root, "takenAt", JsonValueKind.String).TryGetDateTimeOffset(out DateTimeOffset takenAt)
                ? takenAt
                : throw Invalid("its takenAt is no time of the form 2026-09-01T12:30:00Z"),
            answers
        );
    }

    private static JsonElement Require(JsonElement root, string name, JsonValueKind kind) =>
        !root.TryGetProperty(name, out JsonElement value) ? throw Invalid($"it has no {name}")
        : value.ValueKind != kind
            ? throw Invalid($"its {name} is no {(kind == JsonValueKind.String ? "string" : "object")}")
        : value;

    /// <summary>Writes the snapshot as a file's bytes; <see cref="Parse"/> gives it back unchanged.</summary>
    /// <returns>UTF-8 JSON that ends in a newline.</returns>
    public ReadOnlyMemory<byte> ToUtf8()
    {
        ArrayBufferWriter<byte> buffer = new();
        JsonWriterOptions options = new()
        {
            Indented = true,
            NewLine = "\n",
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        using (Utf8JsonWriter writer = new(buffer, options))
        {
            writer.WriteStartObject();
            writer.WriteString("schema", Schema);
            writer.WriteString("hostName", HostName);
            writer.WriteString("takenAt", TakenAt.ToString("O", CultureInfo.InvariantCulture));
            writer.WriteStartObject("probes");
            foreach ((string name, ProbeAnswer answer) in Answers)
            {
                WriteAnswer(writer, name, answer);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    // An answer is the array of its lines, so that the file can be read and compared; a reason is a string.
    private static void WriteAnswer(Utf8JsonWriter writer, string name, ProbeAnswer answer)
    {
        if (!answer.IsAvailable)
        {
            writer.WriteString(name, answer.UnavailableReason);
            return;
        }

        writer.WriteStartArray(name);
        foreach (string line in answer.Text.Split('\n'))
        {
            writer.WriteStringValue(line);
        }

        writer.WriteEndArray();
    }

    private static ProbeAnswer ParseAnswer(JsonProperty probe) =>
        probe.Value.ValueKind switch
        {
            JsonValueKind.String => new ProbeAnswer(string.Empty, probe.Value.GetString()),
            JsonValueKind.Array
                when probe.Value.EnumerateArray().All(static line => line.ValueKind == JsonValueKind.String) =>
                new ProbeAnswer(
                    string.Join('\n', probe.Value.EnumerateArray().Select(static line => line.GetString()))
                ),
            _ => throw Invalid(
                $"its answer to the probe {HostText.ForDisplay(probe.Name, 40)} is neither lines of text nor a reason"
            ),
        };

    private static NestVirtException Invalid(string reason, Exception? inner = null) =>
        new(NestVirtErrorKind.SnapshotInvalid, $"This is not a host snapshot: {reason.TrimEnd('.')}.", inner);
}
