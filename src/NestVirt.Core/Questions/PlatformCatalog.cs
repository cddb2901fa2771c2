using NestVirt.Hosts;

namespace NestVirt.Questions;

/// <summary>Finds the platform of a host.</summary>
/// <param name="platforms">The platforms; a host is of the first that has it.</param>
internal sealed class PlatformCatalog(params IReadOnlyList<IPlatform> platforms)
{
    /// <summary>Finds the platform of a host.</summary>
    /// <param name="target">The host.</param>
    /// <returns>The platform.</returns>
    /// <exception cref="NestVirtException">No platform has it.</exception>
    internal IPlatform Of(HostTarget target) =>
        platforms.FirstOrDefault(platform => platform.Has(target))
        ?? throw new NestVirtException(
            NestVirtErrorKind.FeatureNotSupported,
            $"This release knows no platform for hosts that are reached as {target.Transport}."
        );
}
