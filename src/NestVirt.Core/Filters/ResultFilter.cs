using NestVirt.Model;

namespace NestVirt.Filters;

/// <summary>A name, a number or an address that was asked for, and that no host has.</summary>
/// <param name="What">What it is of, as in "the address".</param>
/// <param name="Value">The word.</param>
public readonly record struct MissingValue(string What, string Value)
{
    /// <summary>Gets what else is worth to know when it is not found, or null.</summary>
    public string? Remedy { get; init; }
}

/// <summary>Keeps the results that are wanted, and remembers what was asked for and never found.</summary>
/// <typeparam name="T">The type of a result.</typeparam>
public abstract class ResultFilter<T>
{
    /// <summary>Gets what no result so far had: that is no answer, but a mistake. A pattern may well fit nothing.</summary>
    public virtual IReadOnlyList<MissingValue> Missing => [];

    /// <summary>Keeps the wanted results of one host.</summary>
    /// <param name="results">All that the host gave.</param>
    /// <returns>What is wanted of them, in their order.</returns>
    public abstract IReadOnlyList<T> Keep(IReadOnlyList<T> results);

    /// <summary>Says what must be known of a host whatever is wanted of its results, such as why there are none.</summary>
    /// <param name="results">All that the host gave.</param>
    /// <returns>The finding; null where the results speak for themselves.</returns>
    public virtual Finding? FindNote(IReadOnlyList<T> results) => null;
}
