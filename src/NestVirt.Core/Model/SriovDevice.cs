using System.Text.Json.Serialization;
using NestVirt.Hosts;

namespace NestVirt.Model;

/// <summary>A physical function that can have virtual functions.</summary>
/// <param name="Address">Its PCI address.</param>
/// <param name="State">Its virtual functions.</param>
public sealed record SriovDevice(string Address, SriovState State)
{
    /// <summary>Gets the host.</summary>
    [JsonIgnore]
    public HostTarget Target { get; init; } = HostTarget.Local;

    /// <summary>Gets the name of <see cref="Target"/>.</summary>
    public string HostName => Target.Name;

    /// <summary>Gets the function itself.</summary>
    public required PciDevice Device { get; init; }

    /// <summary>Gets the virtual functions, in their order.</summary>
    public IReadOnlyList<PciDevice> VirtualFunctions { get; init; } = [];

    /// <summary>Gets the number of virtual functions it can have.</summary>
    public int TotalCount => State.TotalCount;

    /// <summary>Gets the number of virtual functions it has now.</summary>
    public int Count => State.Count;

    /// <summary>Gets the name of the driver, or null.</summary>
    public string? Driver => Device.Driver;
}
