using NestVirt.Changes;
using NestVirt.Probing;
using NestVirt.Transport;

namespace NestVirt.Client;

/// <summary>Makes what changes hosts: of every platform, and over every way to reach one.</summary>
public static class HostChangers
{
    /// <summary>Makes what changes hosts for one command: it logs in to a host once, from the plan to the last look.</summary>
    /// <param name="mayRestart">Whether a host may be restarted when a change waits for that.</param>
    /// <returns>The changer; whoever disposes it ends the log-ins.</returns>
    public static HostChanger Open(bool mayRestart = false)
    {
        HostConnector connector = HostConnector.Default.Reusing();
        return new HostChanger(
            Platforms.Over(connector).Of,
            new ProbeReader(connector),
            mayRestart,
            connector.EndAsync
        );
    }

    /// <summary>Makes what changes hosts, and logs in for each look.</summary>
    /// <param name="mayRestart">Whether a host may be restarted when a change waits for that.</param>
    /// <returns>The changer.</returns>
    internal static HostChanger Create(bool mayRestart = false) =>
        new(Platforms.Default.Of, ProbeReader.Default, mayRestart);

    /// <summary>Makes what changes hosts that are reached in a way of the caller's.</summary>
    /// <param name="connector">Connects to hosts.</param>
    /// <param name="mayRestart">Whether a host may be restarted when a change waits for that.</param>
    /// <returns>The changer.</returns>
    public static HostChanger Create(HostConnector connector, bool mayRestart = false) =>
        new(Platforms.Over(connector).Of, new ProbeReader(connector), mayRestart);
}
