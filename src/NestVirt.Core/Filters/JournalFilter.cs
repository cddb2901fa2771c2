using NestVirt.Changes;

namespace NestVirt.Filters;

/// <summary>Keeps changes of the journal.</summary>
/// <param name="ids">Their numbers.</param>
public sealed class JournalFilter(IReadOnlyCollection<int>? ids) : ResultFilter<JournalEntry>
{
    private readonly WantedNumbers _ids = new("the change", ids ?? []);

    /// <inheritdoc/>
    public override IReadOnlyList<MissingValue> Missing => [.. _ids.Missing];

    /// <inheritdoc/>
    public override IReadOnlyList<JournalEntry> Keep(IReadOnlyList<JournalEntry> results) =>
        [.. results.Where(entry => _ids.Has(entry.Id))];
}
