using System.Text.Json;
using NestVirt.Text;

namespace NestVirt.Hosts;

/// <summary>Reads the JSON of an inventory, which may have comments and commas at ends of lists.</summary>
/// <param name="utf8">The text.</param>
internal ref struct InventoryJson(ReadOnlySpan<byte> utf8)
{
    private readonly ReadOnlySpan<byte> _utf8 = utf8;
    private Utf8JsonReader _reader = new(
        utf8,
        new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }
    );
    private int _counted;
    private int _line = 1;

    /// <summary>Reads the text.</summary>
    /// <param name="text">The bytes of the file.</param>
    /// <param name="path">The file, for messages.</param>
    /// <returns>Its content.</returns>
    /// <exception cref="NestVirtException">It is not JSON.</exception>
    internal static InventoryNode Parse(ReadOnlyMemory<byte> text, string path)
    {
        ReadOnlySpan<byte> utf8 = EncodedText.ToUtf8(text).Span;
        if (utf8.Trim(" \t\r\n"u8).IsEmpty)
        {
            throw Invalid($"The inventory '{path}' is empty.", null);
        }

        InventoryJson json = new(utf8);
        try
        {
            json._reader.Read();
            InventoryNode top = json.Node();
            json._reader.Read();
            return top;
        }
        catch (JsonException error)
        {
            throw Invalid(
                FormattableString.Invariant(
                    $"The inventory '{path}' is not JSON: it stops being so at line {error.LineNumber + 1}, column {error.BytePositionInLine + 1}."
                ),
                error
            );
        }
        catch (InvalidOperationException error)
        {
            throw Invalid($"The inventory '{path}' is not JSON: it is not Unicode text.", error);
        }
    }

    private static NestVirtException Invalid(string message, Exception? cause) =>
        new(NestVirtErrorKind.InventoryInvalid, message, cause);

    private InventoryNode Node()
    {
        int line = Line();
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject:
                List<InventoryMember> members = [];
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
                {
                    int nameLine = Line();
                    string name = _reader.GetString()!;
                    _reader.Read();
                    members.Add(new InventoryMember(name, nameLine, Node()));
                }

                return new InventoryMap(line, members);
            case JsonTokenType.StartArray:
                List<InventoryNode> items = [];
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Node());
                }

                return new InventoryList(line, items);
            default:
                return new InventoryValue(line, Value());
        }
    }

    private readonly object? Value() =>
        _reader.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            JsonTokenType.Number => _reader.TryGetInt32(out int number) ? (object)number : _reader.GetDouble(),
            _ => _reader.GetString(),
        };

    private int Line()
    {
        int at = (int)_reader.TokenStartIndex;
        _line += _utf8[_counted..at].Count((byte)'\n');
        _counted = at;
        return _line;
    }
}
