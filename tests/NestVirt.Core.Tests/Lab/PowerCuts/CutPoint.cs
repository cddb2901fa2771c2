namespace NestVirt.Core.Tests.Lab.PowerCuts;

/// <summary>How much of what was not flushed is on the disk when the power goes.</summary>
internal enum Kept
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Some writes, in whatever order.</summary>
    Half,

    /// <summary>Everything.</summary>
    All,
}

/// <summary>A time at which the power goes: just before a flush has ended, or where somebody was told that all is done.</summary>
/// <param name="At">How many entries of the log were made until then.</param>
/// <param name="Flushed">What is surely on the disk, and was not at the point before.</param>
/// <param name="Pending">What may be.</param>
internal sealed record CutPoint(int At, IReadOnlyList<LoggedWrite> Flushed, IReadOnlyList<LoggedWrite> Pending)
{
    /// <summary>Finds the times in a part of a log.</summary>
    /// <param name="log">The whole log, from the time on of which the disk is known.</param>
    /// <param name="from">The first entry of the part.</param>
    /// <param name="to">The one behind it.</param>
    /// <param name="stops">Times at which something else is to be looked at.</param>
    /// <returns>One at each flush, each stop and the end, in order.</returns>
    internal static IEnumerable<CutPoint> Between(
        IReadOnlyList<LoggedWrite> log,
        int from,
        int to,
        params IReadOnlyCollection<int> stops
    )
    {
        List<LoggedWrite> flushed = [];
        List<LoggedWrite> pending = [];
        for (int at = 0; at <= to; at++)
        {
            bool isFlush = at < to && log[at].IsFlush;
            if (at >= from && (isFlush || at == to || stops.Contains(at)))
            {
                yield return new CutPoint(at, [.. flushed], [.. pending]);
                flushed.Clear();
            }

            if (isFlush)
            {
                flushed.AddRange(pending);
                pending.Clear();
            }
            else if (at < to)
            {
                pending.Add(log[at]);
            }
        }
    }

    /// <summary>Chooses what of the pending writes is on the disk.</summary>
    /// <param name="kept">How much.</param>
    /// <param name="chance">Chooses the half.</param>
    /// <returns>Those writes, in order.</returns>
    internal IEnumerable<LoggedWrite> Left(Kept kept, Random chance) =>
        Pending.Where(write => write.IsForced || kept == Kept.All || (kept == Kept.Half && chance.Next(2) == 0));
}
