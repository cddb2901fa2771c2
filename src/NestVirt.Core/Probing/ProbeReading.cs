namespace NestVirt.Probing;

/// <summary>A pure reading of answers, which <see cref="ProbeAnswers.Read{T}"/> makes once a host.</summary>
/// <typeparam name="T">What it gives.</typeparam>
/// <param name="probes">The probes whose answers it reads.</param>
/// <param name="read">Reads them.</param>
internal sealed class ProbeReading<T>(IReadOnlyList<HostProbe> probes, Func<ProbeAnswers, T> read)
{
    /// <summary>Initializes a new instance of the <see cref="ProbeReading{T}"/> class that reads the text of one answer, empty where there is none.</summary>
    /// <param name="probe">The probe.</param>
    /// <param name="parse">Reads its answer.</param>
    public ProbeReading(HostProbe probe, Func<string, T> parse)
        : this([probe], answers => parse(answers[probe].Text)) { }

    /// <summary>Gets the probes whose answers are read.</summary>
    public IReadOnlyList<HostProbe> Probes { get; } = probes;

    /// <summary>Reads the answers, each time anew.</summary>
    /// <param name="answers">The answers.</param>
    /// <returns>What they say.</returns>
    internal T Make(ProbeAnswers answers) => read(answers);
}
