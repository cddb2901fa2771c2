using System.Text;
using System.Xml;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>An element of an answer. Prefixes are gone, and names of servers that mean the same differ in namespaces, so local names count.</summary>
/// <param name="name">The local name.</param>
/// <param name="namespace">The namespace.</param>
internal sealed class WsManElement(string name, string @namespace)
{
    // Most elements of an answer hold text alone.
    private List<WsManElement>? _children;
    private List<(string Name, string Value)>? _attributes;
    private string _text = string.Empty;
    private StringBuilder? _longText;

    /// <summary>Gets the local name.</summary>
    internal string Name { get; } = name;

    /// <summary>Gets the namespace.</summary>
    internal string Namespace { get; } = @namespace;

    /// <summary>Gets the elements inside.</summary>
    internal IReadOnlyList<WsManElement> Children => _children ?? [];

    /// <summary>Gets the text between them.</summary>
    internal string Text => _longText?.ToString() ?? _text;

    /// <summary>Gets a value indicating whether it stands for NULL.</summary>
    internal bool IsNil { get; private set; }

    /// <summary>Gets the name of its type without a prefix, if it names one.</summary>
    internal string? Type { get; private set; }

    /// <summary>Makes an element of where a reader stands.</summary>
    /// <param name="reader">The reader, on the start of an element.</param>
    /// <returns>The element, still without content.</returns>
    internal static WsManElement Of(XmlReader reader)
    {
        WsManElement element = new(reader.LocalName, reader.NamespaceURI);
        while (reader.MoveToNextAttribute())
        {
            if (reader.Prefix == "xmlns" || reader.Name == "xmlns")
            {
                continue;
            }

            switch (reader.LocalName)
            {
                case "nil":
                    element.IsNil |= reader.Value.Trim() is "true" or "1";
                    break;
                case "type":
                    element.Type ??= reader.Value[(reader.Value.IndexOf(':', StringComparison.Ordinal) + 1)..];
                    break;
                default:
                    (element._attributes ??= []).Add((reader.LocalName, reader.Value));
                    break;
            }
        }

        reader.MoveToElement();
        return element;
    }

    /// <summary>Adds an element inside.</summary>
    /// <param name="child">The element.</param>
    internal void Add(WsManElement child) => (_children ??= []).Add(child);

    /// <summary>Adds text inside.</summary>
    /// <param name="text">The text.</param>
    internal void Add(string text)
    {
        if (_text.Length == 0)
        {
            _text = text;
        }
        else
        {
            (_longText ??= new StringBuilder(_text)).Append(text);
        }
    }

    /// <summary>Gets the value of an attribute other than those of XML Schema.</summary>
    /// <param name="name">The local name.</param>
    /// <returns>The value; null where there is none.</returns>
    internal string? Attribute(string name) => _attributes?.Find(attribute => attribute.Name == name).Value;

    /// <summary>Finds the first element inside of a name.</summary>
    /// <param name="name">The local name.</param>
    /// <returns>The element; null where there is none.</returns>
    internal WsManElement? Child(string name) => _children?.Find(child => child.Name == name);

    /// <summary>Lists the elements inside, those in them, and so on, in the order of the text.</summary>
    /// <returns>The elements.</returns>
    internal IEnumerable<WsManElement> Descendants()
    {
        Stack<WsManElement> rest = new(Enumerable.Reverse(Children));
        while (rest.TryPop(out WsManElement? next))
        {
            yield return next;
            foreach (WsManElement child in Enumerable.Reverse(next.Children))
            {
                rest.Push(child);
            }
        }
    }
}
