namespace NestVirt.Filters;

/// <summary>Keeps every result.</summary>
/// <typeparam name="T">The type of a result.</typeparam>
public sealed class NoFilter<T> : ResultFilter<T>
{
    /// <inheritdoc/>
    public override IReadOnlyList<T> Keep(IReadOnlyList<T> results) => results;
}
