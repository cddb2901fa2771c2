using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using NestVirt.Hosts;

namespace NestVirt.Cli.Output;

/// <summary>Writes one JSON document: schema, results, errors. It is whole however the run ends.</summary>
/// <typeparam name="T">The type of a result.</typeparam>
/// <param name="output">Where to.</param>
/// <param name="schema">The schema's name.</param>
/// <param name="type">How a result is written.</param>
internal sealed class JsonSink<T>(Stream output, string schema, JsonTypeInfo<T> type) : IResultSink<T>, IDisposable
{
    private readonly Utf8JsonWriter _writer = new(output, ResultJson.Indented);
    private readonly List<HostFailure> _failures = [];

    /// <inheritdoc/>
    public void Begin(IReadOnlyList<HostTarget> hosts)
    {
        _writer.WriteStartObject();
        _writer.WriteString("schema", schema);
        _writer.WriteStartArray("results");
    }

    /// <inheritdoc/>
    public void Take(HostTarget host, IReadOnlyList<T> results)
    {
        foreach (T result in results)
        {
            JsonSerializer.Serialize(_writer, result, type);
        }

        _writer.Flush();
    }

    /// <inheritdoc/>
    public void Fail(HostFailure failure) => _failures.Add(failure);

    /// <inheritdoc/>
    public void End()
    {
        _writer.WriteEndArray();
        _writer.WriteStartArray("errors");
        foreach (HostFailure failure in _failures)
        {
            JsonSerializer.Serialize(_writer, failure, ResultJson.Of<HostFailure>());
        }

        _writer.WriteEndArray();
        _writer.WriteEndObject();
        _writer.Flush();
        output.Write("\n"u8);
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();
}
