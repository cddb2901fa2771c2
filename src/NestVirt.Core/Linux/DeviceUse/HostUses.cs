using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Linux.DeviceUse;

/// <summary>Tells which PCI functions the host itself needs: for its file systems, its swap, its routes, the connection it is asked through.</summary>
internal static class HostUses
{
    /// <summary>The use of a display on which the firmware's console is.</summary>
    internal const string BootVga = "BootVga";

    /// <summary>Gets the probes whose answers are read.</summary>
    public static IReadOnlyList<HostProbe> Probes { get; } = [HostUseProbe.Probe];

    /// <summary>Adds to each function what the host needs it for.</summary>
    /// <param name="devices">The functions of a host.</param>
    /// <param name="answers">The host's answers.</param>
    /// <returns>The functions in the same order.</returns>
    /// <exception cref="ProbeFormatException">An answer cannot be read.</exception>
    public static IReadOnlyList<PciDevice> Annotate(IReadOnlyList<PciDevice> devices, ProbeAnswers answers)
    {
        ProbeAnswer answer = answers[HostUseProbe.Probe];
        return answer.IsAvailable ? Annotate(devices, answers.Read(HostUseProbe.Reading)) : devices;
    }

    /// <summary>Adds to each function what the host needs it for.</summary>
    internal static IReadOnlyList<PciDevice> Annotate(IReadOnlyList<PciDevice> devices, HostUseFacts facts)
    {
        Dictionary<string, List<HostUse>> uses = new(StringComparer.Ordinal);
        HashSet<(string, HostUse)> told = [];
        StorageUses storage = new(devices, facts);
        foreach (
            (string address, HostUse use) in storage
                .Find()
                .Concat(NetworkUses.Find(devices, facts))
                .Concat(Displays(devices))
        )
        {
            if (!uses.TryGetValue(address, out List<HostUse>? list))
            {
                uses.Add(address, list = []);
            }

            if (told.Add((address, use)))
            {
                list.Add(use);
            }
        }

        AddPhysicalFunctions(devices, uses);
        return uses.Count == 0
            ? devices
            :
            [
                .. devices.Select(device =>
                    uses.TryGetValue(device.Address, out List<HostUse>? list) ? device with { HostUses = list } : device
                ),
            ];
    }

    private static IEnumerable<(string Address, HostUse Use)> Displays(IReadOnlyList<PciDevice> devices) =>
        devices
            .Where(static device => device.IsBootVga && !DmaDrivers.IsHarmless(device))
            .Select(static device =>
                (
                    device.Address,
                    new HostUse(BootVga, $"the firmware's console is on it, and {device.Driver} drives it")
                )
            );

    // A virtual function is gone when its physical one is given away.
    private static void AddPhysicalFunctions(IReadOnlyList<PciDevice> devices, Dictionary<string, List<HostUse>> uses)
    {
        foreach (PciDevice device in devices)
        {
            if (device.PhysicalFunction is { } physical && uses.TryGetValue(device.Address, out List<HostUse>? own))
            {
                IEnumerable<HostUse> passed = own.Select(use =>
                    use with
                    {
                        Evidence = $"{use.Evidence} on its virtual function {device.Address}",
                    }
                );
                uses[physical] = [.. uses.GetValueOrDefault(physical) ?? [], .. passed];
            }
        }
    }
}
