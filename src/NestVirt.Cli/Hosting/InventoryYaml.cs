using System.Buffers;
using System.Globalization;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace NestVirt.Cli.Hosting;

/// <summary>Turns the YAML of an inventory into JSON, event by event, so that no reflection is needed.</summary>
internal static class InventoryYaml
{
    /// <summary>Turns YAML into JSON.</summary>
    /// <param name="content">The YAML text, as UTF-8.</param>
    /// <param name="path">The file, for messages.</param>
    /// <returns>The JSON text.</returns>
    /// <exception cref="UsageException">It is not YAML, or uses what an inventory has no need of.</exception>
    internal static ReadOnlyMemory<byte> ToJson(byte[] content, string path)
    {
        ArrayBufferWriter<byte> buffer = new();
        try
        {
            using StreamReader text = new(new MemoryStream(content));
            Parser parser = new(text);
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
            {
                throw new UsageException(
                    $"The inventory '{path}' is empty.",
                    "'nestvirt --help' shows what an inventory looks like."
                );
            }

            using Utf8JsonWriter writer = new(buffer);
            WriteNode(parser, writer);
            writer.Flush();
            return buffer.WrittenMemory;
        }
        catch (YamlException error)
        {
            throw new UsageException(
                $"The inventory '{path}' is not YAML: line {error.Start.Line}: {error.Message}",
                "Correct the line."
            );
        }
    }

    private static void WriteNode(IParser parser, Utf8JsonWriter writer)
    {
        if (parser.Accept<Scalar>(out _))
        {
            WriteScalar(parser.Consume<Scalar>(), writer);
        }
        else if (parser.TryConsume<SequenceStart>(out _))
        {
            writer.WriteStartArray();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                WriteNode(parser, writer);
            }

            writer.WriteEndArray();
        }
        else if (parser.TryConsume<MappingStart>(out _))
        {
            writer.WriteStartObject();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                writer.WritePropertyName(parser.Consume<Scalar>().Value);
                WriteNode(parser, writer);
            }

            writer.WriteEndObject();
        }
        else
        {
            ParsingEvent? other = parser.Current;
            throw new YamlException(
                other?.Start ?? Mark.Empty,
                other?.End ?? Mark.Empty,
                "anchors and aliases are not understood here."
            );
        }
    }

    // The core schema of YAML 1.2: a plain scalar may be a number, a truth value or null; a quoted one is text.
    private static void WriteScalar(Scalar scalar, Utf8JsonWriter writer)
    {
        switch (scalar)
        {
            case { Style: not ScalarStyle.Plain }:
                writer.WriteStringValue(scalar.Value);
                break;
            case { Value: "" or "~" or "null" or "Null" or "NULL" }:
                writer.WriteNullValue();
                break;
            case { Value: "true" or "True" or "TRUE" }:
                writer.WriteBooleanValue(true);
                break;
            case { Value: "false" or "False" or "FALSE" }:
                writer.WriteBooleanValue(false);
                break;
            default:
                WriteNumberOrText(scalar.Value, writer);
                break;
        }
    }

    private static void WriteNumberOrText(string value, Utf8JsonWriter writer)
    {
        // Round trip: a name such as 007 stays text.
        if (
            int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number.ToString(CultureInfo.InvariantCulture) == value
        )
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteStringValue(value);
        }
    }
}
