using System.Globalization;

namespace NestVirt.Transport.Cim;

/// <summary>An instance of a class of CIM: its properties by name, which CIM does not tell apart by case.</summary>
/// <param name="className">The class.</param>
/// <param name="capacity">How many properties it may have, if that is known.</param>
internal sealed class CimInstance(string className, int capacity = 0)
{
    private readonly Dictionary<string, CimValue?> _properties = new(capacity, StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets the class.</summary>
    internal string ClassName { get; } = className;

    /// <summary>Gets the path, where the host told it: an enumeration gives it only when it is asked for.</summary>
    internal CimPath? Path { get; init; }

    /// <summary>Gets the properties in the order in which they came; the value of one that is NULL is null.</summary>
    internal IReadOnlyDictionary<string, CimValue?> Properties => _properties;

    /// <summary>Gets or adds a property; getting one that is absent gives null, as one that is NULL does.</summary>
    /// <param name="name">The name.</param>
    internal CimValue? this[string name]
    {
        get => _properties.GetValueOrDefault(name);
        init => _properties[name] = value;
    }

    /// <summary>Adds a property.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value; null for NULL.</param>
    internal void Set(string name, CimValue? value) => _properties[name] = value;

    /// <summary>Adds a property that is not there yet.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value; null for NULL.</param>
    /// <returns>False if it is there.</returns>
    internal bool TryAdd(string name, CimValue? value) => _properties.TryAdd(name, value);

    /// <summary>Tells whether the class of the instance has a property, be it NULL: releases of Windows differ in that.</summary>
    /// <param name="name">The name.</param>
    /// <returns>True if so.</returns>
    internal bool Has(string name) => _properties.ContainsKey(name);

    /// <summary>Gets a text.</summary>
    /// <param name="name">The property.</param>
    /// <returns>The text; null where it is NULL or absent.</returns>
    /// <exception cref="CimFormatException">It is an array, a reference or an instance.</exception>
    internal string? Text(string name) =>
        this[name] switch
        {
            null => null,
            CimValue.Scalar scalar => scalar.Text,
            { } other => throw Unexpected(name, "text", other),
        };

    /// <summary>Gets a truth value, which servers write in several ways.</summary>
    /// <param name="name">The property.</param>
    /// <returns>The truth value; null where it is NULL or absent.</returns>
    /// <exception cref="CimFormatException">It is none.</exception>
    internal bool? Boolean(string name) =>
        Text(name)?.Trim() switch
        {
            null => null,
            "1" => true,
            "0" => false,
            { } text => bool.TryParse(text, out bool value) ? value : throw Unexpected(name, "truth value", text),
        };

    /// <summary>Gets a whole number.</summary>
    /// <param name="name">The property.</param>
    /// <returns>The number; null where it is NULL or absent.</returns>
    /// <exception cref="CimFormatException">It is none, or is negative.</exception>
    internal ulong? Number(string name) =>
        Text(name) is not { } text ? null
        : ParseNumber(text) is { } number ? number
        : throw Unexpected(name, "whole number", text);

    /// <summary>Gets the items of an array of texts; a single value is an array of one, since servers write both alike.</summary>
    /// <param name="name">The property.</param>
    /// <returns>The items that are not NULL; none where the array is NULL or absent.</returns>
    /// <exception cref="CimFormatException">An item is no text.</exception>
    internal IReadOnlyList<string> Texts(string name) =>
        [
            .. Items(name)
                .Select(item => item is CimValue.Scalar scalar ? scalar.Text : throw Unexpected(name, "text", item)),
        ];

    /// <summary>Gets the items of an array of whole numbers.</summary>
    /// <param name="name">The property.</param>
    /// <returns>The items that are not NULL; none where the array is NULL or absent.</returns>
    /// <exception cref="CimFormatException">An item is no whole number.</exception>
    internal IReadOnlyList<ulong> Numbers(string name) =>
        [.. Texts(name).Select(text => ParseNumber(text) ?? throw Unexpected(name, "whole number", text))];

    /// <summary>Gets a point in time.</summary>
    /// <param name="name">The property.</param>
    /// <returns>The time; null where it is NULL or absent, and for one that never was.</returns>
    /// <exception cref="CimFormatException">It is none.</exception>
    internal DateTimeOffset? Instant(string name) =>
        Text(name) is not { } text ? null
        : CimTime.ReadInstant(text) is { } time ? time
        : text.StartsWith("1601", StringComparison.Ordinal) ? null
        : throw Unexpected(name, "time", text);

    /// <summary>Gets a length of time.</summary>
    /// <param name="name">The property.</param>
    /// <returns>The length; null where it is NULL or absent.</returns>
    /// <exception cref="CimFormatException">It is none.</exception>
    internal TimeSpan? Interval(string name) =>
        Text(name) is { } text ? CimTime.ReadInterval(text) ?? throw Unexpected(name, "length of time", text) : null;

    /// <summary>Gets the path of another instance, which is a reference or the text of one.</summary>
    /// <param name="name">The property.</param>
    /// <returns>The path; null where it is NULL or absent.</returns>
    /// <exception cref="CimFormatException">It is none.</exception>
    internal CimPath? Reference(string name) =>
        this[name] switch
        {
            null => null,
            CimValue.Reference reference => reference.Path,
            CimValue.Scalar { Text: var text } when CimPath.TryParse(text, out CimPath? path) => path,
            { } other => throw Unexpected(name, "path of an instance", other),
        };

    /// <summary>Gets the instances inside of a property, be it one or an array.</summary>
    /// <param name="name">The property.</param>
    /// <returns>The instances; none where it is NULL or absent.</returns>
    /// <exception cref="CimFormatException">There is something else in it.</exception>
    internal IReadOnlyList<CimInstance> Instances(string name) =>
        [
            .. Items(name)
                .Select(item =>
                    item is CimValue.Embedded inner ? inner.Instance : throw Unexpected(name, "instance", item)
                ),
        ];

    /// <inheritdoc/>
    public override string ToString() => Path?.ToString() ?? ClassName;

    private IEnumerable<CimValue> Items(string name) =>
        this[name] switch
        {
            null => [],
            CimValue.Array array => array.Items.OfType<CimValue>(),
            { } single => [single],
        };

    private static ulong? ParseNumber(string text) =>
        ulong.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
            ? number
            : null;

    private CimFormatException Unexpected(string name, string wanted, CimValue value) =>
        Unexpected(name, wanted, value.ToString());

    private CimFormatException Unexpected(string name, string wanted, string text) =>
        new($"{ClassName}.{name}, which is to be a {wanted},", text);
}
