using NestVirt.Guidance;
using NestVirt.Linux.DeviceUse;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Sriov;

/// <summary>Finds what uses the virtual functions of a device, so that they are not taken away under it.</summary>
internal static class VirtualFunctionUses
{
    private const int EthernetClass = 0x0200;

    /// <summary>Refuses when something uses them.</summary>
    /// <param name="host">What the host shows.</param>
    /// <param name="functions">The virtual functions.</param>
    /// <param name="force">Whether what is in use may be interrupted.</param>
    /// <exception cref="NestVirt.Changes.ChangeRefusedException">They are in use; or the host could not go on without them, and then even force does not help.</exception>
    internal static void RequireUnused(VirtualFunctionHost host, IReadOnlyList<PciDevice> functions, bool force)
    {
        Finding[] needed = [.. functions.SelectMany(Needed)];
        Finding[] held = [.. functions.SelectMany(function => Held(host, function))];
        Finding[] busy = [.. functions.SelectMany(function => Busy(host, function))];
        Finding[] reasons = force
            ? [.. needed, .. held.Where(static reason => reason.Code == FindingCodes.VirtualFunctionHeld)]
            : [.. needed, .. held, .. busy];
        if (reasons.Length > 0)
        {
            throw new Changes.ChangeRefusedException(reasons);
        }
    }

    private static IEnumerable<Finding> Needed(PciDevice function) =>
        function
            .HostUses.Where(IsNeeded)
            .Select(use => new Finding(
                FindingCodes.DeviceNeededByHost,
                Severity.Error,
                $"The host needs the virtual function {function.Address}, which would go."
            )
            {
                Evidence = use.Evidence,
                Remedy = "Move the file system or the connection to another device first; nothing overrides this.",
            });

    // The kernel waits until whoever has the function open lets it go: QEMU does when its guest agrees, others never do.
    private static IEnumerable<Finding> Held(VirtualFunctionHost host, PciDevice function) =>
        host
            .Holders.Where(holder =>
                holder.Node == $"/dev/vfio/{function.IommuGroup}"
                || host.DeviceNodes.Contains((function.Address, holder.Node))
            )
            .Select(holder =>
                holder.Process.Guest is not null
                    ? new Finding(
                        FindingCodes.VirtualFunctionInUse,
                        Severity.Error,
                        $"The virtual function {function.Address} would go, and is in use by {holder.Process}."
                    )
                    {
                        Evidence = $"{holder.Node} is open",
                        Remedy = Advice.Of(
                            $"Shut the guest down or detach the device; or use {ChangeSwitch.Force}, and the guest is asked to give it up."
                        ),
                    }
                    : new Finding(
                        FindingCodes.VirtualFunctionHeld,
                        Severity.Error,
                        $"The virtual function {function.Address} would go, and is in use by {holder.Process}."
                    )
                    {
                        Evidence = $"{holder.Node} is open",
                        Remedy = "End that process first: the kernel would wait for it without end.",
                    }
            );

    private static IEnumerable<Finding> Busy(VirtualFunctionHost host, PciDevice function)
    {
        foreach (HostUse use in function.HostUses.Where(static use => !IsNeeded(use)))
        {
            yield return Used(function, use.Evidence);
        }

        foreach (
            InterfaceFacts network in function
                .InterfaceNames.Select(name => host.Interfaces.GetValueOrDefault(name))
                .OfType<InterfaceFacts>()
        )
        {
            if (network.Upper.Count > 0)
            {
                yield return Used(function, $"{network.Name} is part of {string.Join(", ", network.Upper)}");
            }

            if (network.Addresses.Count > 0)
            {
                yield return Used(function, $"{network.Name} has the address {string.Join(", ", network.Addresses)}");
            }
        }

        if (
            function.ClassCode >> 8 == EthernetClass
            && function.InterfaceNames.Count == 0
            && !DmaDrivers.IsHarmless(function)
        )
        {
            yield return Used(
                function,
                $"{function.Driver} drives it and it has no interface here, so that may be in the network namespace of a container"
            );
        }
    }

    private static Finding Used(PciDevice function, string evidence) =>
        new(
            FindingCodes.VirtualFunctionInUse,
            Severity.Error,
            $"The virtual function {function.Address} would go, and is in use by the host."
        )
        {
            Evidence = HostText.ForDisplay(evidence, 300),
            Remedy = Advice.Of($"Take it out of use first; or use {ChangeSwitch.Force}."),
        };

    private static bool IsNeeded(HostUse use) => use.Kind is "RootFileSystem" or "Connection";
}
