using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Questions;

/// <summary>A kind of host: which questions it answers from which probes, which requests it plans, and what changes it.</summary>
internal interface IPlatform : IChangePlatform
{
    /// <summary>Gets every probe of its questions: what a snapshot records.</summary>
    IReadOnlyList<HostProbe> Probes { get; }

    /// <summary>Gets every further probe of its planners: what a snapshot records, too, unless it is redacted, since the bytes of files are in their answers.</summary>
    IReadOnlyList<HostProbe> PlanProbes => [];

    /// <summary>Tells whether a host is of this kind, by the way that it is reached; a recorded one may be, which its answers show.</summary>
    /// <param name="target">The host.</param>
    /// <returns>True if it is, or may be.</returns>
    bool Has(HostTarget target);

    /// <summary>Finds what answers a question.</summary>
    /// <typeparam name="T">The type of a result.</typeparam>
    /// <param name="question">The question.</param>
    /// <returns>What answers it; null where the platform has no answer.</returns>
    PlatformAnswer<T>? Find<T>(Question<T> question);
}

/// <summary>How a platform answers a question: the probes, and the pure reading of what they said.</summary>
/// <typeparam name="T">The type of a result.</typeparam>
/// <param name="Probes">The probes, asked in one round trip.</param>
/// <param name="Read">Makes the results of a host's answers to these probes.</param>
internal sealed record PlatformAnswer<T>(
    IReadOnlyList<HostProbe> Probes,
    Func<ProbeAnswers, HostTarget, IEnumerable<T>> Read
)
{
    /// <summary>Gets what finds in the same answers what is said of the host beside the results.</summary>
    internal Func<ProbeAnswers, HostTarget, IReadOnlyList<Finding>> FindingsOf { get; init; } = static (_, _) => [];
}
