namespace NestVirt.Probing;

/// <summary>What a host answered to one probe.</summary>
/// <param name="Text">The raw output; empty when there is none.</param>
/// <param name="UnavailableReason">Why there is no answer, as a sentence, or null when there is one.</param>
public sealed record ProbeAnswer(string Text, string? UnavailableReason = null)
{
    /// <summary>Gets a value indicating whether the host answered.</summary>
    public bool IsAvailable => UnavailableReason is null;
}

/// <summary>The raw answers of one host, by probe name.</summary>
public sealed class ProbeAnswers
{
    private readonly SortedList<string, ProbeAnswer> _answers = new(StringComparer.Ordinal);
    private readonly Dictionary<object, object?> _readings = [];

    /// <summary>Gets every answer, ordered by the name of its probe.</summary>
    public IReadOnlyDictionary<string, ProbeAnswer> All => _answers;

    /// <summary>Gets the answer to a probe; one that was never asked is unavailable, with that as its reason.</summary>
    /// <param name="probe">The probe.</param>
    /// <returns>The answer.</returns>
    public ProbeAnswer this[HostProbe probe] =>
        _answers.TryGetValue(probe.Name, out ProbeAnswer? answer)
            ? answer
            : new ProbeAnswer(string.Empty, $"the answer to the {probe.Name} probe was not recorded");

    /// <summary>Reads answers, the first time that this reading is asked for.</summary>
    /// <typeparam name="T">What the reading gives.</typeparam>
    /// <param name="reading">The reading.</param>
    /// <returns>What the answers say.</returns>
    /// <exception cref="ProbeFormatException">An answer cannot be read.</exception>
    public T Read<T>(ProbeReading<T> reading)
    {
        if (_readings.TryGetValue(reading, out object? made))
        {
            return (T)made!;
        }

        T result = reading.Make(this);
        _readings[reading] = result;
        return result;
    }

    /// <summary>Leaves out what was not asked for: a recording of more must not answer otherwise than its host.</summary>
    /// <param name="probes">The probes that were asked.</param>
    /// <returns>Their answers.</returns>
    public ProbeAnswers Only(IEnumerable<HostProbe> probes)
    {
        ProbeAnswers asked = new();
        foreach (HostProbe probe in probes)
        {
            asked.Set(probe.Name, this[probe]);
        }

        return asked;
    }

    /// <summary>Adds or replaces an answer.</summary>
    /// <param name="name">The name of the probe.</param>
    /// <param name="answer">The answer.</param>
    public void Set(string name, ProbeAnswer answer)
    {
        _answers[name] = answer;
        _readings.Clear();
    }
}
