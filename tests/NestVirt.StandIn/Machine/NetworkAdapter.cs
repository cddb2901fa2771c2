using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Machine;

/// <summary>A network adapter of a VM: the port, its connection, and the features of the connection.</summary>
/// <param name="port">The port.</param>
/// <param name="connection">The connection to a switch.</param>
public sealed class NetworkAdapter(CimObject port, CimObject connection)
{
    /// <summary>Gets the Msvm_SyntheticEthernetPortSettingData.</summary>
    public CimObject Port { get; } = port;

    /// <summary>Gets the Msvm_EthernetPortAllocationSettingData.</summary>
    public CimObject Connection { get; } = connection;

    /// <summary>Gets the Msvm_EthernetSwitchPortOffloadSettingData; every connection has one (os-win), unless a test wants otherwise.</summary>
    public CimObject? Offload { get; internal set; }

    /// <summary>Gets the Msvm_EthernetSwitchPortSecuritySettingData; null while nothing was ever set.</summary>
    public CimObject? Security { get; internal set; }

    /// <summary>Gets whether the VM may send from other addresses than its own.</summary>
    public bool AllowsMacSpoofing => Security?.IsTrue("AllowMacSpoofing") ?? false;

    /// <summary>Gets all instances.</summary>
    public IEnumerable<CimObject> Objects => [Port, Connection, .. Features];

    /// <summary>Gets the instances of what the connection may do.</summary>
    public IEnumerable<CimObject> Features => new[] { Offload, Security }.OfType<CimObject>();
}
