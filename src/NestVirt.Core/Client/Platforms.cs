using NestVirt.HyperV;
using NestVirt.Linux;
using NestVirt.Questions;
using NestVirt.Transport;

namespace NestVirt.Client;

/// <summary>Names every platform. The last has what the others do not: every host with a shell, and recordings that show no mark.</summary>
internal static class Platforms
{
    /// <summary>Gets the platforms, for every host that this machine reaches.</summary>
    internal static PlatformCatalog Default { get; } = new(new HyperVPlatform(), new LinuxPlatform());

    /// <summary>Gets the platforms, for hosts that are reached in another way.</summary>
    /// <param name="connector">Connects to hosts.</param>
    /// <returns>The platforms.</returns>
    internal static PlatformCatalog Over(HostConnector connector) =>
        new(new HyperVPlatform(connector), new LinuxPlatform(connector));
}
