using NestVirt.Text;
using NestVirt.Transport.Cim;
using NestVirt.Transport.Recorded;

namespace NestVirt.Probing;

/// <summary>The raw answers of one host, by probe name.</summary>
public sealed class ProbeAnswers
{
    private readonly SortedList<string, ProbeAnswer> _answers = new(StringComparer.Ordinal);
    private readonly Dictionary<object, object?> _readings = [];
    private readonly Func<HostProbe, string?, Exception>? _demand;

    /// <summary>Initializes a new instance of the <see cref="ProbeAnswers"/> class that holds none.</summary>
    public ProbeAnswers() { }

    /// <summary>Initializes a new instance of the <see cref="ProbeAnswers"/> class.</summary>
    /// <param name="answers">The answers, by the name of their probe.</param>
    public ProbeAnswers(IReadOnlyDictionary<string, ProbeAnswer> answers)
    {
        foreach ((string name, ProbeAnswer answer) in answers)
        {
            _answers[name] = Public(name, answer);
        }
    }

    private ProbeAnswers(ProbeAnswers answers, Func<HostProbe, string?, Exception> demand)
        : this(answers.All) => _demand = demand;

    /// <summary>Gets every answer, ordered by the name of its probe.</summary>
    public IReadOnlyDictionary<string, ProbeAnswer> All => _answers;

    /// <summary>Gets the answer to a probe; one that was never asked is unavailable, with that as its reason.</summary>
    /// <param name="probe">The probe.</param>
    /// <returns>The answer.</returns>
    public ProbeAnswer this[HostProbe probe]
    {
        get
        {
            ProbeAnswer answer = _answers.GetValueOrDefault(probe.Name) ?? NotRecorded(probe);
            return answer.IsAvailable || _demand is null
                ? answer
                : throw _demand(probe, answer == NotRecorded(probe) ? null : answer.UnavailableReason);
        }
    }

    /// <summary>Tells whether a probe was asked, be it in vain.</summary>
    /// <param name="probe">The probe.</param>
    /// <returns>False where a recording does not have it.</returns>
    internal bool Has(HostProbe probe) =>
        _answers.TryGetValue(probe.Name, out ProbeAnswer? answer) && answer != NotRecorded(probe);

    /// <summary>Reads answers, the first time that this reading is asked for.</summary>
    /// <typeparam name="T">What the reading gives.</typeparam>
    /// <param name="reading">The reading.</param>
    /// <returns>What the answers say.</returns>
    /// <exception cref="ProbeFormatException">An answer cannot be read.</exception>
    internal T Read<T>(ProbeReading<T> reading)
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
    internal ProbeAnswers Only(IEnumerable<HostProbe> probes)
    {
        ProbeAnswers asked = new();
        foreach (HostProbe probe in probes)
        {
            asked._answers[probe.Name] = this[probe];
        }

        return asked;
    }

    /// <summary>Makes every answer that is looked at one that must be there.</summary>
    /// <param name="missing">Makes the error for one that is not, of why; null where it was not recorded at all.</param>
    /// <returns>The same answers.</returns>
    internal ProbeAnswers Demanding(Func<HostProbe, string?, Exception> missing) => new(this, missing);

    private static ProbeAnswer NotRecorded(HostProbe probe) =>
        new(string.Empty, $"the answer to the {probe.Name} probe was not recorded");

    /// <summary>Adds or replaces an answer.</summary>
    /// <param name="name">The name of the probe.</param>
    /// <param name="answer">The answer.</param>
    internal void Set(string name, ProbeAnswer answer)
    {
        _answers[name] = Public(name, answer);
        _readings.Clear();
    }

    // No reading needs a password, and so neither findings, plans nor snapshots can tell one; live and recorded alike.
    private static ProbeAnswer Public(string name, ProbeAnswer answer)
    {
        string text =
            CimXml.IsInstances(answer.Text) ? CimAnswers.Hide(answer.Text)
            : DomainRedaction.IsOf(name) ? DomainRedaction.Hide(answer.Text)
            : SecretText.Hide(answer.Text);
        return ReferenceEquals(text, answer.Text) ? answer : answer with { Text = text };
    }
}
