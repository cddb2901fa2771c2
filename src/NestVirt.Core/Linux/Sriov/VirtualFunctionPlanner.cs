using System.Globalization;
using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Sriov;

/// <summary>Plans virtual functions of an SR-IOV device: their number, their drivers, their settings, now and for each boot.</summary>
internal static class VirtualFunctionPlanner
{
    /// <summary>Gets the probes whose answers are read.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } =
    [.. SriovInventory.Probes, NetworkManagerProfile.Probe, NetworkdFile.Probe, HostIdentityProbe.Probe];

    /// <summary>Plans what a request asks for.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">The device and what it shall have.</param>
    /// <param name="answers">The answers of the host.</param>
    /// <returns>The changes that are missing.</returns>
    /// <exception cref="ChangeRefusedException">The device cannot have it, or virtual functions in use would go.</exception>
    internal static ChangePlan Plan(HostTarget target, VirtualFunctionRequest request, ProbeAnswers answers)
    {
        request.RequireFaultless();
        IReadOnlyList<PciDevice> devices = PciInventory.Read(answers, target);
        VirtualFunctionHost host = answers.Read(VirtualFunctionProbe.Reading);
        PciDevice device = Find(devices, request);
        SriovState sriov = device.Sriov!;
        int count = request.Count ?? sriov.Count;
        IReadOnlyList<SriovObstacle> obstacles = SriovInventory
            .Obstacles(
                device,
                devices.ToDictionary(static other => other.Address, StringComparer.Ordinal),
                KernelLogProbe.Parse(answers),
                host
            )
            .Find(count);
        if (sriov.TotalCount == 0 && obstacles is [{ } none, ..])
        {
            throw new ChangeRefusedException(none.Finding with { Severity = Severity.Error });
        }

        RequireCount(request, device, sriov, count);
        bool isMadeAnew = count != sriov.Count;
        if (isMadeAnew && sriov.Count > 0)
        {
            VirtualFunctionUses.RequireUnused(
                host,
                [.. devices.Where(other => other.PhysicalFunction == device.Address)],
                request.Force
            );
        }

        VirtualFunctionRequest complete = VirtualFunctionSettings.Complete(host, request, device);
        HostChange?[] now =
        [
            VirtualFunctionAction.Plan(
                device.Address,
                sriov.Count,
                count,
                sriov.IsDriverAutoprobed,
                request.BindDrivers
            ),
            VirtualFunctionSettings.Plan(host, complete, device, count, isMadeAnew),
        ];
        SriovBoot boot = request.IsTemporary
            ? new SriovBoot([], [])
            : SriovBoot.Make(host, answers, complete, device, count);
        return new ChangePlan(
            target,
            request,
            HostIdentityProbe.Read(answers),
            [.. now.OfType<HostChange>(), .. boot.Changes]
        )
        {
            Findings =
            [
                .. obstacles.Select(static obstacle => obstacle.Finding),
                .. Surprises(request, device, sriov, isMadeAnew),
                .. boot.Findings,
            ],
        };
    }

    private static PciDevice Find(IReadOnlyList<PciDevice> devices, VirtualFunctionRequest request)
    {
        string word = request.Address;
        string? text = PciFaults.Read(word)?.ToString();
        string able = string.Join(
            ", ",
            devices
                .Where(static device => device is { Sriov: not null, PhysicalFunction: null })
                .Select(static device => device.Address)
        );
        string remedy =
            able.Length > 0
                ? $"The devices that can have virtual functions: {able}."
                : "No device of this host can have virtual functions.";
        PciDevice device =
            devices.FirstOrDefault(device => device.Address == text)
            ?? throw Refuse(
                FindingCodes.DeviceUnknown,
                $"The host has no PCI device {HostText.ForDisplay(word, 40)}.",
                "/sys/bus/pci/devices",
                remedy
            );
        if (device.PhysicalFunction is { } physical)
        {
            throw Refuse(
                FindingCodes.DeviceIsVirtual,
                $"{device.Address} is a virtual function itself.",
                null,
                $"Its physical function is {physical}.",
                (request with { Address = physical }).Call
            );
        }

        return device.Sriov is null
            ? throw Refuse(
                FindingCodes.SriovMissing,
                $"{device.Address} cannot have virtual functions.",
                $"/sys/bus/pci/devices/{device.Address}/sriov_totalvfs is not there",
                remedy
            )
            : device;
    }

    // The rules of sriov_numvfs_store in drivers/pci/iov.c.
    private static void RequireCount(VirtualFunctionRequest request, PciDevice device, SriovState sriov, int count)
    {
        if (count < 0 || count > sriov.TotalCount)
        {
            throw Refuse(
                FindingCodes.VirtualFunctionsTooMany,
                $"{device.Address} can have from 0 to {Number(sriov.TotalCount)} virtual functions, not {Number(count)}.",
                $"/sys/bus/pci/devices/{device.Address}/sriov_totalvfs: {Number(sriov.TotalCount)}",
                $"Ask for {Number(sriov.TotalCount)} or fewer.",
                (request with { Count = sriov.TotalCount }).Call
            );
        }

        if (count != sriov.Count && device.Driver is null)
        {
            throw Refuse(
                FindingCodes.DriverMissing,
                $"No driver is bound to {device.Address}, and only a driver can make virtual functions.",
                $"/sys/bus/pci/devices/{device.Address}/driver is not there",
                Advice.Of($"Load the device's driver, or bind it with {OwnCommand.SetDriver}."),
                new CommandCall(OwnCommand.SetDriver, (CommandArgument.Address, device.Address))
                {
                    Switches = [ChangeSwitch.HostDriver],
                }
            );
        }
    }

    private static IEnumerable<Finding> Surprises(
        VirtualFunctionRequest request,
        PciDevice device,
        SriovState sriov,
        bool isMadeAnew
    )
    {
        if (
            isMadeAnew
            && device.HostUses.FirstOrDefault(static use =>
                use.Kind == "Connection"
                && !use.Evidence.Contains(" on its virtual function ", StringComparison.Ordinal)
            )
                is { } use
        )
        {
            yield return new Finding(
                FindingCodes.ConnectionMayPause,
                Severity.Warning,
                $"This connection leads through {device.Address}, and some drivers restart it when the number changes."
            )
            {
                Evidence = use.Evidence,
            };
        }

        if (!isMadeAnew && sriov.Count > 0 && request.BindDrivers is { } bind && bind != sriov.IsDriverAutoprobed)
        {
            yield return new Finding(
                FindingCodes.DriversUnchanged,
                Severity.Information,
                $"The virtual functions that {device.Address} has keep their drivers; the switch is for those made after it."
            )
            {
                Remedy = Advice.Of($"Set their number to 0 and back, or bind each with {OwnCommand.SetDriver}."),
            };
        }
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static ChangeRefusedException Refuse(
        string code,
        string sentence,
        string? evidence,
        string? remedy,
        CommandCall? mend = null
    ) =>
        new(
            new Finding(code, Severity.Error, sentence)
            {
                Evidence = evidence,
                Remedy = remedy,
                Mend = mend,
            }
        );
}
