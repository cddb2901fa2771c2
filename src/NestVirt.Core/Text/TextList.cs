using System.Collections.ObjectModel;

namespace NestVirt.Text;

/// <summary>A list that says what is in it where a table or a file takes the text of an object, and equals one of equal items.</summary>
/// <typeparam name="T">The type of an item.</typeparam>
internal sealed class TextList<T> : ReadOnlyCollection<T>
{
    private TextList(IList<T> items)
        : base(items) { }

    /// <summary>Gets the list without items, which may be shared.</summary>
    internal static new TextList<T> Empty { get; } = new([]);

    /// <summary>Makes such a list of another.</summary>
    /// <param name="items">The items; null where a document does not have them, which the serializer sets all the same.</param>
    /// <returns>A list of the same items.</returns>
    internal static IReadOnlyList<T> Of(IReadOnlyList<T>? items) =>
        items as TextList<T>
        ?? (items is null || items.Count == 0 ? Empty : new TextList<T>(items as IList<T> ?? [.. items]));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TextList<T> other && this.SequenceEqual(other);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        this.Aggregate(
                new HashCode(),
                static (hash, item) =>
                {
                    hash.Add(item);
                    return hash;
                }
            )
            .ToHashCode();

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", this);
}
