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
public sealed record HostSnapshot(
    string HostName,
    DateTimeOffset TakenAt,
    IReadOnlyDictionary<string, ProbeAnswer> Answers
)
{
    /// <summary>The schema that the file names; the number grows when old readers would misread it.</summary>
    public const string Schema = "nestvirt/host-snapshot/1";

    /// <summary>Reads the file that a target names.</summary>
    /// <param name="target">A target of <see cref="HostTransport.Snapshot"/>.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>The snapshot.</returns>
    /// <exception cref="NestVirtException">There is no such file, or it is no snapshot.</exception>
    public static async Task<HostSnapshot> LoadAsync(HostTarget target, CancellationToken cancellationToken)
    {
        string path = target.Path ?? target.Name;
        try
        {
            return Parse(await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NestVirtException(
                NestVirtErrorKind.SourceNotFound,
                $"The snapshot '{path}' cannot be read: {error.Message}",
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
            JsonElement root = document.RootElement;
            if (root.GetProperty("schema").GetString() != Schema)
            {
                throw Invalid($"its schema is not '{Schema}'");
            }

            SortedList<string, ProbeAnswer> answers = new(StringComparer.Ordinal);
            foreach (JsonProperty probe in root.GetProperty("probes").EnumerateObject())
            {
                answers[probe.Name] = ParseAnswer(probe.Value);
            }

            return new HostSnapshot(
                root.GetProperty("hostName").GetString() ?? string.Empty,
                root.GetProperty("takenAt").GetDateTimeOffset(),
                answers
            );
        }
        catch (Exception error)
            when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Invalid(error.Message, error);
        }
    }

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

    private static ProbeAnswer ParseAnswer(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array
            ? new ProbeAnswer(string.Join('\n', value.EnumerateArray().Select(static line => line.GetString())))
            : new ProbeAnswer(string.Empty, value.GetString() ?? "no reason was recorded");

    private static NestVirtException Invalid(string reason, Exception? inner = null) =>
        new(NestVirtErrorKind.SnapshotInvalid, $"This is not a host snapshot: {reason.TrimEnd('.')}.", inner);
}
