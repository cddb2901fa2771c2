namespace NestVirt.Changes;

/// <summary>Which changes of a journal are taken back together, the newest first, so that the journal stays true.</summary>
/// <remarks>Each change goes back to what it found: out of order, the way back of a later one would bring an earlier one again.</remarks>
/// <param name="Entry">The change that was asked for.</param>
/// <param name="Along">The later ones that are taken back before it.</param>
/// <param name="Unreadable">Later ones that may be of the same, and are left as they are.</param>
internal sealed record UndoChoice(
    JournalEntry Entry,
    IReadOnlyList<JournalEntry> Along,
    IReadOnlyList<JournalEntry> Unreadable
)
{
    /// <summary>Gets all that are taken back, in their order.</summary>
    internal IEnumerable<JournalEntry> All => Along.Append(Entry);

    /// <summary>Finds the change that a number names.</summary>
    /// <param name="journal">The journal, the newest first.</param>
    /// <param name="id">The number; null for the newest that is not taken back yet.</param>
    /// <returns>The change; null where no number was given and no change is left.</returns>
    /// <exception cref="NestVirtException">The journal has no such change.</exception>
    internal static JournalEntry? Find(IReadOnlyList<JournalEntry> journal, int? id) =>
        id is null
            ? journal.FirstOrDefault(static entry => entry.State is JournalState.Interrupted)
                ?? journal.FirstOrDefault(static entry => entry.State is JournalState.Applied or JournalState.Failed)
            : journal.FirstOrDefault(entry => entry.Id == id) ?? throw ChangeFailure.NotFound(id.Value, journal);

    /// <summary>Chooses what is taken back with a change.</summary>
    /// <param name="journal">The journal, the newest first.</param>
    /// <param name="entry">The change.</param>
    /// <param name="force">Whether later changes of the same are taken back, too.</param>
    /// <param name="isTaken">Tells of which later changes the way back is agreed already, and comes before.</param>
    /// <returns>The choice.</returns>
    /// <exception cref="NestVirtException">Later changes stand in the way, however the host stands now.</exception>
    internal static UndoChoice Make(
        IReadOnlyList<JournalEntry> journal,
        JournalEntry entry,
        bool force,
        Func<JournalEntry, bool> isTaken
    )
    {
        if (!entry.IsReadable)
        {
            throw ChangeFailure.PlanUnreadable(entry.Id);
        }

        JournalEntry[] standing = [.. journal.Where(other => other.Id != entry.Id && Stands(other) && !isTaken(other))];
        if (!force && Array.Find(standing, static other => other.State == JournalState.Interrupted) is { } interrupted)
        {
            throw ChangeFailure.Interrupted(entry.Target, interrupted.Id);
        }

        JournalEntry[] later = [.. standing.Where(other => other.Id > entry.Id).OrderBy(static other => other.Id)];
        JournalEntry[] unreadable = [.. later.Where(static other => !other.IsReadable)];
        List<JournalEntry> together = [];
        TouchedThings things = new();
        things.Add(entry.Touches);
        foreach (JournalEntry other in later.Where(other => other.IsReadable && other.Shared(things).Any()))
        {
            together.Add(other);
            things.Add(other.Touches);
        }

        return force || together.Count + unreadable.Length == 0
                ? new UndoChoice(entry, [.. together.OrderByDescending(static other => other.Id)], unreadable)
            : together.Count > 0 ? throw ChangeFailure.Overlaid(entry, together)
            : throw ChangeFailure.LaterUnreadable(unreadable);
    }

    // One that is being made, or taken back, may stand when it has ended.
    private static bool Stands(JournalEntry entry) =>
        entry.State is not (JournalState.Undone or JournalState.RolledBack);
}
