using NestVirt.HyperV;
using NestVirt.Linux;
using NestVirt.Questions;
using NestVirt.Transport.Shell;

namespace NestVirt.Client;

/// <summary>Names every platform. The last has what the others do not: every host with a shell, and recordings that show no mark.</summary>
internal static class Platforms
{
    /// <summary>Gets the platforms, for every host that this machine reaches.</summary>
    internal static PlatformCatalog Default { get; } = new(new HyperVPlatform(), new LinuxPlatform());

    /// <summary>Gets the platforms, for hosts that are reached in another way.</summary>
    /// <param name="shells">Opens shells on hosts.</param>
    /// <returns>The platforms.</returns>
    internal static PlatformCatalog Over(IHostShellFactory shells) =>
        new(new HyperVPlatform(), new LinuxPlatform(shells));
}
