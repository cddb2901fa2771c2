using System.Globalization;

namespace NestVirt.StandIn.Protocol;

/// <summary>The enumerations that are under way, by their context.</summary>
/// <param name="timeout">How long one may rest between two requests.</param>
/// <param name="time">The clock.</param>
internal sealed class EnumerationTable(TimeSpan timeout, TimeProvider time)
{
    private readonly Dictionary<string, Enumeration> _open = [];
    private long _lastNumber = 1_164_378_111;

    internal int Count => _open.Count;

    /// <summary>Keeps an enumeration.</summary>
    /// <returns>Its context.</returns>
    internal string Keep(Enumeration enumeration, Variants variants, string? lastContext)
    {
        string context =
            variants.KeepsContext && lastContext is not null ? lastContext
            : variants.UsesNumberContexts ? (++_lastNumber).ToString(CultureInfo.InvariantCulture)
            : $"uuid:{Guid.NewGuid().ToString().ToUpperInvariant()}";
        enumeration.LastUsed = time.GetUtcNow();
        _open[context] = enumeration;
        return context;
    }

    /// <summary>Takes an enumeration out: its context is used up with each request.</summary>
    internal Enumeration Take(string? context)
    {
        foreach (
            string old in _open
                .Where(one => time.GetUtcNow() - one.Value.LastUsed > timeout)
                .Select(static one => one.Key)
                .ToArray()
        )
        {
            _open.Remove(old);
        }

        return context is not null && _open.Remove(context, out Enumeration? found)
            ? found
            : throw new WsManFaultException(Faults.InvalidContext());
    }
}
