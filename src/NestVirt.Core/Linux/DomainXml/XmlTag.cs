namespace NestVirt.Linux.DomainXml;

/// <summary>A tag, and where it stands in a text: positions of characters, ends exclusive.</summary>
/// <param name="Start">Where it begins.</param>
/// <param name="NameEnd">Where its name ends.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Attributes">Where its attributes stand.</param>
internal readonly record struct XmlTag(int Start, int NameEnd, int End, IReadOnlyList<XmlAttributeSpan> Attributes);

/// <summary>Where an attribute stands in a text: positions of characters, ends exclusive.</summary>
/// <param name="SpaceStart">Where the white space before it begins.</param>
/// <param name="Start">Where its name begins.</param>
/// <param name="ValueStart">Where its value begins, behind the quote.</param>
/// <param name="ValueEnd">Where its value ends, before the quote.</param>
internal readonly record struct XmlAttributeSpan(int SpaceStart, int Start, int ValueStart, int ValueEnd)
{
    /// <summary>Gets where it ends, behind the quote.</summary>
    public int End => ValueEnd + 1;
}
