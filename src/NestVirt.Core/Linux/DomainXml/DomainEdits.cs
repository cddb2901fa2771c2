using System.Text;

namespace NestVirt.Linux.DomainXml;

/// <summary>Edits of a definition. Each gives a new one, in which all that it is not about stands as it did.</summary>
internal static class DomainEdits
{
    /// <summary>Sets an attribute; its quotes stay.</summary>
    /// <param name="document">The definition.</param>
    /// <param name="element">The element.</param>
    /// <param name="name">The name.</param>
    /// <param name="value">The value; null for none.</param>
    /// <param name="before">The attributes that libvirt writes before it.</param>
    /// <returns>The new definition; the same where there is nothing to do.</returns>
    public static DomainDocument SetAttribute(
        this DomainDocument document,
        DomainElement element,
        string name,
        string? value,
        params ReadOnlySpan<string> before
    )
    {
        DomainAttribute? old = element.Attributes.FirstOrDefault(attribute => attribute.Name == name);
        if (old?.Value == value)
        {
            return document;
        }

        if (old is not null)
        {
            return value is null
                ? document.Replace(old.Span.SpaceStart, old.Span.End, string.Empty)
                : document.Replace(
                    old.Span.ValueStart,
                    old.Span.ValueEnd,
                    Escaped(value, document.Text[old.Span.ValueEnd])
                );
        }

        DomainAttribute? neighbour = null;
        foreach (DomainAttribute attribute in element.Attributes)
        {
            neighbour = before.Contains(attribute.Name) ? attribute : neighbour;
        }

        DomainAttribute? model = neighbour ?? (element.Attributes is [var first, ..] ? first : null);
        int at = neighbour?.Span.End ?? element.Tag.NameEnd;
        string space = model is null ? " " : document.Text[model.Span.SpaceStart..model.Span.Start];
        char quote = Quote(document, element);
        return document.Replace(at, at, $"{space}{name}={quote}{Escaped(value!, quote)}{quote}");
    }

    /// <summary>Sets the text of an element that has no elements in it.</summary>
    /// <param name="document">The definition.</param>
    /// <param name="element">The element.</param>
    /// <param name="value">The text.</param>
    /// <returns>The new definition; the same where there is nothing to do.</returns>
    public static DomainDocument SetText(this DomainDocument document, DomainElement element, string value)
    {
        if (element.Text == value)
        {
            return document;
        }

        if (!element.IsOneTag)
        {
            return document.Replace(element.Tag.End, element.ContentEnd, Escaped(value, '\0'));
        }

        string name = document.Text[(element.Start + 1)..element.Tag.NameEnd];
        return document.Replace(SlashStart(document, element), element.End, $">{Escaped(value, '\0')}</{name}>");
    }

    /// <summary>Puts an element into another, indented as those beside it.</summary>
    /// <param name="document">The definition.</param>
    /// <param name="parent">The other one.</param>
    /// <param name="name">The name of the new one.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="before">The elements that libvirt writes before it; it comes behind the last of those.</param>
    /// <returns>The new definition.</returns>
    public static DomainDocument Insert(
        this DomainDocument document,
        DomainElement parent,
        string name,
        IReadOnlyList<(string Name, string Value)> attributes,
        params ReadOnlySpan<string> before
    )
    {
        char quote = Quote(document, parent);
        StringBuilder written = new("<");
        written.Append(name);
        foreach ((string attribute, string value) in attributes)
        {
            written.Append(' ').Append(attribute).Append('=').Append(quote).Append(Escaped(value, quote)).Append(quote);
        }

        return Insert(document, parent, written.Append("/>").ToString(), before);
    }

    /// <summary>Takes elements away, and the line of each that stands there alone.</summary>
    /// <param name="document">The definition.</param>
    /// <param name="elements">The elements in the order of the text, none in another; all at once, however many there are.</param>
    /// <returns>The new definition.</returns>
    public static DomainDocument Remove(this DomainDocument document, params IReadOnlyList<DomainElement> elements)
    {
        if (elements.Count == 0)
        {
            return document;
        }

        string text = document.Text;
        StringBuilder rest = new(text.Length);
        int at = 0;
        foreach (DomainElement element in elements)
        {
            (int start, int end) = Extent(text, element);
            rest.Append(text, at, start - at);
            at = end;
        }

        return document.Replace(0, at, rest.ToString());
    }

    private static (int Start, int End) Extent(string text, DomainElement element)
    {
        int end = element.End;
        while (end < text.Length && text[end] is ' ' or '\t')
        {
            end++;
        }

        return DomainLayout.LineStart(text, element) is { } line && end < text.Length && text[end] is '\r' or '\n'
            ? (element.Start - line.Length, end)
            : (element.Start, element.End);
    }

    private static DomainDocument Insert(
        DomainDocument document,
        DomainElement parent,
        string written,
        ReadOnlySpan<string> before
    )
    {
        string text = document.Text;
        DomainElement? neighbour = null;
        foreach (DomainElement child in parent.Children)
        {
            neighbour = child.Namespace.Length == 0 && before.Contains(child.Name) ? child : neighbour;
        }

        DomainElement? model = neighbour ?? parent.Children.FirstOrDefault();
        if (model is not null)
        {
            string? line = DomainLayout.LineStart(text, model);
            int at = neighbour?.End ?? parent.Tag.End;
            at = line is null ? at : DomainLayout.BehindComments(text, at);
            return document.Replace(at, at, line + written);
        }

        string? inner = DomainLayout.ChildLineStart(document, parent);
        string? outer = inner is null ? null : DomainLayout.LineStart(text, parent) ?? LineEnd(inner);
        if (parent.IsOneTag)
        {
            string name = text[(parent.Start + 1)..parent.Tag.NameEnd];
            return document.Replace(SlashStart(document, parent), parent.End, $">{inner}{written}{outer}</{name}>");
        }

        // Where the content ends in a line of its own, the element gets one before that.
        return text.AsSpan(parent.Tag.End, parent.ContentEnd - parent.Tag.End).Contains('\n')
            ? InsertLine(document, parent, inner + written)
            : document.Replace(parent.ContentEnd, parent.ContentEnd, inner + written + outer);
    }

    private static DomainDocument InsertLine(DomainDocument document, DomainElement parent, string written)
    {
        int at = DomainLayout.BehindComments(document.Text, parent.Tag.End);
        return document.Replace(at, at, written);
    }

    private static string LineEnd(string lineStart) => lineStart.TrimEnd(' ', '\t');

    private static int SlashStart(DomainDocument document, DomainElement element) =>
        document.Text.AsSpan(0, element.End - "/>".Length).TrimEnd(" \t\r\n").Length;

    private static char Quote(DomainDocument document, DomainElement element)
    {
        DomainAttribute? model = null;
        for (DomainElement? at = element; at is not null && model is null; at = at.Parent)
        {
            model = at.Attributes is [var first, ..] ? first : null;
        }

        return model is null ? '\'' : document.Text[model.Span.ValueEnd];
    }

    private static string Escaped(string value, char quote)
    {
        StringBuilder result = new(value.Length);
        foreach (char character in value)
        {
            _ = character switch
            {
                '&' => result.Append("&amp;"),
                '<' => result.Append("&lt;"),
                '>' => result.Append("&gt;"),
                '\'' when quote == '\'' => result.Append("&apos;"),
                '"' when quote == '"' => result.Append("&quot;"),
                '\t' when quote != '\0' => result.Append("&#9;"),
                '\n' when quote != '\0' => result.Append("&#10;"),
                '\r' => result.Append("&#13;"),
                _ => result.Append(character),
            };
        }

        return result.ToString();
    }
}
