using System.Globalization;

namespace NestVirt.Transport.Cim;

/// <summary>A value of CIM that is not NULL: NULL is <see langword="null"/>, and what is absent is not in its instance.</summary>
internal abstract record CimValue
{
    private CimValue(CimType type) => Type = type;

    /// <summary>Gets the type; of an array that of its items.</summary>
    internal CimType Type { get; }

    /// <summary>Makes a text.</summary>
    /// <param name="value">The text.</param>
    /// <returns>The value.</returns>
    internal static CimValue Of(string value) => new Scalar(CimType.String, value);

    /// <summary>Makes a truth value.</summary>
    /// <param name="value">The truth value.</param>
    /// <returns>The value.</returns>
    internal static CimValue Of(bool value) => new Scalar(CimType.Boolean, value ? "true" : "false");

    /// <summary>Makes a number.</summary>
    /// <param name="type">One of the types of numbers.</param>
    /// <param name="value">The number.</param>
    /// <returns>The value.</returns>
    internal static CimValue Of(CimType type, IFormattable value) =>
        new Scalar(type, value.ToString(null, CultureInfo.InvariantCulture));

    /// <summary>Makes the path of another instance.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The value.</returns>
    internal static CimValue Of(CimPath path) => new Reference(path);

    /// <summary>Makes an array of texts.</summary>
    /// <param name="values">The texts.</param>
    /// <returns>The value.</returns>
    internal static CimValue Of(IEnumerable<string> values) => new Array(CimType.String, [.. values.Select(Of)]);

    /// <summary>One text, truth value, number or time.</summary>
    /// <param name="Type">The type.</param>
    /// <param name="Text">
    /// The value as DSP0201 writes it; a time may also be in the form of ISO 8601 (see <see cref="CimTime"/>).
    /// </param>
    internal sealed record Scalar(CimType Type, string Text) : CimValue(Type);

    /// <summary>The path of another instance.</summary>
    /// <param name="Path">The path, with the namespace of the call that brought it where it names none itself.</param>
    internal sealed record Reference(CimPath Path) : CimValue(CimType.Reference);

    /// <summary>An instance inside of another.</summary>
    /// <param name="Instance">The instance.</param>
    internal sealed record Embedded(CimInstance Instance) : CimValue(CimType.Instance);

    /// <summary>Several values of one type, any of which may be NULL.</summary>
    /// <param name="Type">The type of the items.</param>
    /// <param name="Items">The items, in order.</param>
    internal sealed record Array(CimType Type, IReadOnlyList<CimValue?> Items) : CimValue(Type)
    {
        /// <inheritdoc/>
        public bool Equals(Array? other) => other is not null && Type == other.Type && Items.SequenceEqual(other.Items);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Type, Items.Count);
    }
}
