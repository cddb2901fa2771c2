using System.Runtime.CompilerServices;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Questions;

/// <summary>Answers which physical functions of a host can have virtual ones.</summary>
/// <remarks>
/// These are the functions whose SR-IOV the kernel offers in sysfs, and those that only their config space shows to
/// have
/// it: they are listed with what they could do, though nothing can be set there.
/// </remarks>
/// <param name="reader">Asks the host.</param>
public sealed class SriovQuery(IProbeReader reader) : IHostQuery<SriovDevice>
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<SriovDevice> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        Dictionary<string, PciDevice> devices = new(StringComparer.Ordinal);
        List<PciDevice> physical = [];
        IAsyncEnumerable<PciDevice> functions = new PciQuery(reader).RunAsync(target, cancellationToken);
        await foreach (PciDevice device in functions.ConfigureAwait(false))
        {
            devices[device.Address] = device;
            if (device.Sriov is not null)
            {
                physical.Add(device);
            }
        }

        foreach (PciDevice device in physical)
        {
            yield return new SriovDevice(device.Address, device.Sriov!)
            {
                Target = target,
                Device = device,
                VirtualFunctions = [.. device.Sriov!.VirtualFunctions.Select(address => devices[address])],
            };
        }
    }
}
