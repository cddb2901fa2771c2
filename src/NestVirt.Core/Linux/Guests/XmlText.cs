using System.Globalization;
using System.Xml;

namespace NestVirt.Linux.Guests;

/// <summary>Reads XML of a host: no entity is resolved, nothing is fetched, and it is neither long nor deep.</summary>
internal static class XmlText
{
    private const int MostCharacters = 2 << 20;
    private const int MostElements = 50_000;
    private const int Deepest = 40;

    private static readonly XmlReaderSettings s_settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        MaxCharactersInDocument = MostCharacters,
        MaxCharactersFromEntities = 1024,
    };

    /// <summary>Reads a document; prefixes and namespaces are left out of its names.</summary>
    /// <param name="text">The document; what follows its root is not looked at.</param>
    /// <returns>The root.</returns>
    /// <exception cref="FormatException">It is not well-formed, has a document type, or is too long or too deep.</exception>
    internal static XmlPart Read(string text)
    {
        try
        {
            using XmlReader reader = XmlReader.Create(new StringReader(text), s_settings);
            return Read(reader);
        }
        catch (XmlException error)
        {
            throw new FormatException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"it is not well-formed XML, or has a document type (line {error.LineNumber})"
                ),
                error
            );
        }
    }

    private static XmlPart Read(XmlReader reader)
    {
        Stack<XmlPart> open = new();
        int count = 0;
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    if (++count > MostElements || open.Count >= Deepest)
                    {
                        throw new FormatException("it has too many elements, or they stand too deep in each other");
                    }

                    XmlPart part = new(reader.LocalName);
                    bool isEmpty = reader.IsEmptyElement;
                    while (reader.MoveToNextAttribute())
                    {
                        part.Attributes[reader.LocalName] = reader.Value;
                    }

                    if (open.TryPeek(out XmlPart? parent))
                    {
                        parent.Parts.Add(part);
                    }

                    if (!isEmpty)
                    {
                        open.Push(part);
                    }
                    else if (open.Count == 0)
                    {
                        return part;
                    }

                    break;
                case XmlNodeType.EndElement when open.Pop() is var closed && open.Count == 0:
                    return closed;
                case XmlNodeType.Text or XmlNodeType.CDATA when open.TryPeek(out XmlPart? holder):
                    holder.Text += reader.Value;
                    break;
                default:
                    break;
            }
        }

        throw new FormatException("it holds no element");
    }
}

/// <summary>An element.</summary>
/// <param name="Name">Its name, without a prefix.</param>
internal sealed record XmlPart(string Name)
{
    /// <summary>Gets the attributes, by their names without a prefix.</summary>
    internal Dictionary<string, string> Attributes { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets the elements in it.</summary>
    internal List<XmlPart> Parts { get; } = [];

    /// <summary>Gets or sets the text in it.</summary>
    internal string Text { get; set; } = string.Empty;

    /// <summary>Gets the value of an attribute.</summary>
    /// <param name="name">The attribute.</param>
    /// <returns>The value, or null.</returns>
    internal string? this[string name] => Attributes.GetValueOrDefault(name);

    /// <summary>Finds the first element of a name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The element, or null.</returns>
    internal XmlPart? Find(string name) => Parts.Find(part => part.Name == name);

    /// <summary>Finds all elements of a name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The elements.</returns>
    internal IEnumerable<XmlPart> All(string name) => Parts.Where(part => part.Name == name);
}
