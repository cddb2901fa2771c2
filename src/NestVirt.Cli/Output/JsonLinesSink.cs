using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using NestVirt.Model;

namespace NestVirt.Cli.Output;

/// <summary>Writes one line of JSON a result as it arrives, and <c>{"error":{…}}</c> for a host without an answer.</summary>
/// <typeparam name="T">The type of a result.</typeparam>
/// <param name="output">Where to.</param>
/// <param name="type">How a result is written.</param>
internal sealed class JsonLinesSink<T>(Stream output, JsonTypeInfo<T> type) : IResultSink<T>, IDisposable
{
    private readonly Utf8JsonWriter _writer = new(output, ResultJson.Compact);

    /// <inheritdoc/>
    public void Begin(IReadOnlyList<HostTarget> hosts)
    {
    }

    /// <inheritdoc/>
    public void Take(HostTarget host, IReadOnlyList<T> results)
    {
        foreach (T result in results)
        {
            JsonSerializer.Serialize(_writer, result, type);
            EndLine();
        }
    }

    /// <inheritdoc/>
    public void Fail(HostFailure failure)
    {
        _writer.WriteStartObject();
        _writer.WritePropertyName("error");
        JsonSerializer.Serialize(_writer, failure, ResultJson.Of<HostFailure>());
        _writer.WriteEndObject();
        EndLine();
    }

    /// <inheritdoc/>
    public void End() => Dispose();

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private void EndLine()
    {
        _writer.WriteRawValue("\n"u8, skipInputValidation: true);
        _writer.Flush();
        _writer.Reset();
    }
}
