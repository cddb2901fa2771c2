using NestVirt.Hosts;

namespace NestVirt.Probing;

/// <summary>Gets the raw answers of a host to probes, live or recorded.</summary>
internal interface IProbeReader
{
    /// <summary>Asks a host every probe, in one round trip.</summary>
    /// <param name="target">The host.</param>
    /// <param name="probes">The probes.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>An answer for each probe, which may say why there is none.</returns>
    /// <exception cref="NestVirtException">The host gave no answers at all.</exception>
    Task<ProbeAnswers> ReadAsync(
        HostTarget target,
        IReadOnlyList<HostProbe> probes,
        CancellationToken cancellationToken
    );
}
