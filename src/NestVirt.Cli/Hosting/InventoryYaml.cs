using System.Globalization;
using NestVirt.Hosts;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace NestVirt.Cli.Hosting;

/// <summary>Reads the YAML of an inventory event by event, so that no reflection is needed.</summary>
internal static class InventoryYaml
{
    /// <summary>Reads YAML.</summary>
    /// <param name="content">The YAML text.</param>
    /// <param name="path">The file, for messages.</param>
    /// <returns>Its content.</returns>
    /// <exception cref="UsageException">It is not YAML, or uses what an inventory has no need of.</exception>
    internal static InventoryNode Parse(byte[] content, string path)
    {
        try
        {
            using StreamReader text = new(new MemoryStream(content));
            Parser parser = new(text);
            parser.Consume<StreamStart>();
            return parser.TryConsume<DocumentStart>(out _)
                ? Node(parser)
                : throw new UsageException(
                    $"The inventory '{path}' is empty.",
                    "'nestvirt --help' shows what an inventory looks like."
                );
        }
        catch (YamlException error)
        {
            throw new UsageException(
                $"The inventory '{path}' is not YAML: line {error.Start.Line}: {error.Message.TrimEnd('.')}.",
                "Correct the line."
            );
        }
    }

    private static InventoryNode Node(Parser parser)
    {
        int line = LineOf(parser);
        if (parser.TryConsume<Scalar>(out Scalar? scalar))
        {
            return new InventoryValue(line, ValueOf(scalar));
        }

        if (parser.TryConsume<SequenceStart>(out _))
        {
            List<InventoryNode> items = [];
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(Node(parser));
            }

            return new InventoryList(line, items);
        }

        if (parser.TryConsume<MappingStart>(out _))
        {
            List<InventoryMember> members = [];
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                int nameLine = LineOf(parser);
                members.Add(new InventoryMember(parser.Consume<Scalar>().Value, nameLine, Node(parser)));
            }

            return new InventoryMap(line, members);
        }

        ParsingEvent? other = parser.Current;
        throw new YamlException(
            other?.Start ?? Mark.Empty,
            other?.End ?? Mark.Empty,
            "anchors and aliases are not understood here."
        );
    }

    private static int LineOf(Parser parser) => parser.Current is { } next ? (int)next.Start.Line : 1;

    // The core schema of YAML 1.2: a plain scalar may be a number, a truth value or null; a quoted one is text.
    private static object? ValueOf(Scalar scalar) =>
        scalar switch
        {
            { Style: not ScalarStyle.Plain } => scalar.Value,
            { Value: "" or "~" or "null" or "Null" or "NULL" } => null,
            { Value: "true" or "True" or "TRUE" } => true,
            { Value: "false" or "False" or "FALSE" } => false,
            // Round trip: a name such as 007 stays text.
            _ => int.TryParse(scalar.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number.ToString(CultureInfo.InvariantCulture) == scalar.Value
                ? number
                : scalar.Value,
        };
}
