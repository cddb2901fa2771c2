using System.Text;

namespace NestVirt.Linux.DomainXml;

/// <summary>An element of a definition, and where it stands in the text: positions of characters, ends exclusive.</summary>
internal sealed class DomainElement
{
    private StringBuilder? _text;

    /// <summary>Initializes a new instance of the <see cref="DomainElement"/> class.</summary>
    /// <param name="name">Its name without prefix.</param>
    /// <param name="space">Its namespace; libvirt's own elements have none.</param>
    /// <param name="parent">The element that it is in.</param>
    /// <param name="tag">Its first tag.</param>
    /// <param name="attributes">Its attributes in the order of the text.</param>
    internal DomainElement(
        string name,
        string space,
        DomainElement? parent,
        XmlTag tag,
        IReadOnlyList<DomainAttribute> attributes
    )
    {
        Name = name;
        Namespace = space;
        Parent = parent;
        Tag = tag;
        Attributes = attributes;
        ContentEnd = End = tag.End;
        parent?.Children.Add(this);
    }

    /// <summary>Gets its name without prefix.</summary>
    public string Name { get; }

    /// <summary>Gets its namespace; libvirt's own elements have none.</summary>
    public string Namespace { get; }

    /// <summary>Gets the element that it is in, or null for the first.</summary>
    public DomainElement? Parent { get; }

    /// <summary>Gets its first tag.</summary>
    public XmlTag Tag { get; }

    /// <summary>Gets its attributes in the order of the text.</summary>
    public IReadOnlyList<DomainAttribute> Attributes { get; }

    /// <summary>Gets the elements in it, those of other namespaces too.</summary>
    public List<DomainElement> Children { get; } = [];

    /// <summary>Gets its own text, without that of the elements in it.</summary>
    public string Text => _text?.ToString() ?? string.Empty;

    /// <summary>Gets where it begins.</summary>
    public int Start => Tag.Start;

    /// <summary>Gets where its content ends and its end tag begins.</summary>
    public int ContentEnd { get; private set; }

    /// <summary>Gets where it ends.</summary>
    public int End { get; private set; }

    /// <summary>Gets a value indicating whether it is one tag only.</summary>
    public bool IsOneTag => ContentEnd == End;

    /// <summary>Finds the elements of libvirt in it.</summary>
    /// <param name="name">Their name.</param>
    /// <returns>Those directly in it.</returns>
    public IEnumerable<DomainElement> All(string name) => Children.Where(child => child.Is(name));

    /// <summary>Finds an element of libvirt in it, or in those in it.</summary>
    /// <param name="path">The names on the way to it.</param>
    /// <returns>The first, or null.</returns>
    public DomainElement? Find(params ReadOnlySpan<string> path)
    {
        DomainElement? found = this;
        foreach (string name in path)
        {
            found = found?.All(name).FirstOrDefault();
        }

        return found;
    }

    /// <summary>Says whether it is an element of libvirt.</summary>
    /// <param name="name">The name.</param>
    /// <returns>Whether it has that name, and no namespace.</returns>
    public bool Is(string name) => Namespace.Length == 0 && Name == name;

    /// <summary>Reads an attribute.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Its value with its references resolved; null where there is none.</returns>
    public string? Value(string name) => Attributes.FirstOrDefault(attribute => attribute.Name == name)?.Value;

    /// <summary>Adds to its text.</summary>
    internal void Add(string text) => (_text ??= new StringBuilder()).Append(text);

    /// <summary>Sets where it ends.</summary>
    internal void Close(XmlTag tag) => (ContentEnd, End) = (tag.Start, tag.End);
}

/// <summary>An attribute.</summary>
/// <param name="Name">Its name, with its prefix.</param>
/// <param name="Value">Its value with its references resolved.</param>
/// <param name="Span">Where it stands.</param>
internal sealed record DomainAttribute(string Name, string Value, XmlAttributeSpan Span);
