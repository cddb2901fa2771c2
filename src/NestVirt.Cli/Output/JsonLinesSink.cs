using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using NestVirt.Hosts;

namespace NestVirt.Cli.Output;

/// <summary>Writes one line of JSON a result as it arrives, and <c>{"error":{…}}</c> for a host without an answer.</summary>
/// <typeparam name="T">The type of a result.</typeparam>
/// <param name="output">Where to.</param>
/// <param name="type">How a result is written.</param>
internal sealed class JsonLinesSink<T>(Stream output, JsonTypeInfo<T> type) : IResultSink<T>
{
    private readonly ArrayBufferWriter<byte> _line = new();

    /// <inheritdoc/>
    public void Begin(IReadOnlyList<HostTarget> hosts) { }

    /// <inheritdoc/>
    public void Take(HostTarget host, IReadOnlyList<T> results)
    {
        foreach (T result in results)
        {
            WriteLine(writer => JsonSerializer.Serialize(writer, result, type));
        }
    }

    /// <inheritdoc/>
    public void Fail(HostFailure failure) =>
        WriteLine(writer =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName("error");
            JsonSerializer.Serialize(writer, failure, ResultJson.Of<HostFailure>());
            writer.WriteEndObject();
        });

    /// <inheritdoc/>
    public void End() { }

    // A line leaves in one piece: whoever reads along never sees half of one.
    private void WriteLine(Action<Utf8JsonWriter> write)
    {
        _line.ResetWrittenCount();
        using (Utf8JsonWriter writer = new(_line, ResultJson.Compact))
        {
            write(writer);
        }

        _line.Write("\n"u8);
        output.Write(_line.WrittenSpan);
    }
}
