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

    /// <summary>Gets every answer, ordered by the name of its probe.</summary>
    public IReadOnlyDictionary<string, ProbeAnswer> All => _answers;

    /// <summary>Gets the answer to a probe; one that was never asked is unavailable, with that as its reason.</summary>
    /// <param name="probe">The probe.</param>
    /// <returns>The answer.</returns>
    public ProbeAnswer this[HostProbe probe] =>
        _answers.TryGetValue(probe.Name, out ProbeAnswer? answer)
            ? answer
            : new ProbeAnswer(string.Empty, $"the answer to the {probe.Name} probe was not recorded");

    /// <summary>Adds or replaces an answer.</summary>
    /// <param name="name">The name of the probe.</param>
    /// <param name="answer">The answer.</param>
    public void Set(string name, ProbeAnswer answer) => _answers[name] = answer;
}
