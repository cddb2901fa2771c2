using NestVirt.Hosts;

namespace NestVirt.Questions;

/// <summary>Finds the platform of a host.</summary>
/// <param name="platforms">The platforms; a live host is of the first that has it.</param>
internal sealed class PlatformCatalog(params IReadOnlyList<IPlatform> platforms)
{
    /// <summary>Finds the platforms that a host may be of: one where it is live; which of them a recording is of, its answers show.</summary>
    /// <param name="target">The host.</param>
    /// <returns>The platforms, one at least.</returns>
    /// <exception cref="NestVirtException">No platform has it.</exception>
    internal IReadOnlyList<IPlatform> Of(HostTarget target)
    {
        IPlatform[] found = [.. platforms.Where(platform => platform.Has(target))];
        return found.Length == 0
                ? throw new NestVirtException(
                    NestVirtErrorKind.FeatureNotSupported,
                    $"This release knows no platform for hosts that are reached as {target.Transport}."
                )
            : target.Address is SnapshotAddress ? found
            : found[..1];
    }
}
