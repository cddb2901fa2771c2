using System.Globalization;
using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Sriov;

/// <summary>Tells which lines have virtual functions of a device made at boot, and where fewer were made than a line asks for.</summary>
/// <param name="host">What the host shows.</param>
/// <param name="lines">The lines, our own among them.</param>
/// <param name="devices">The physical functions of the host.</param>
internal sealed class SriovBootFindings(
    VirtualFunctionHost host,
    IReadOnlyList<SriovBootLine> lines,
    IReadOnlyList<PciDevice> devices
)
{
    /// <summary>Tells of one device.</summary>
    /// <param name="device">The physical function.</param>
    /// <param name="obstacles">What finds obstacles of it.</param>
    /// <param name="found">Those that were found.</param>
    /// <param name="log">The kernel's log.</param>
    /// <returns>The findings, a line each.</returns>
    internal IEnumerable<Finding> Of(
        PciDevice device,
        SriovObstacles obstacles,
        IReadOnlyList<SriovObstacle> found,
        KernelLog log
    )
    {
        foreach (SriovBootLine line in lines)
        {
            bool? isAbout = IsAbout(line, device);
            if (isAbout is false)
            {
                continue;
            }

            yield return isAbout is true && line.CountFor(device) is { } count && count > device.Sriov!.Count
                ? Fewer(line, device, count, Reason(line, device, count, obstacles, found, log))
                : SetAtBoot(line, device, isAbout is true);
        }
    }

    // A line that names no device is about the one that it can be about; udev says which .link file it took.
    private bool? IsAbout(SriovBootLine line, PciDevice device)
    {
        if (OfLinkFile(line, device) is { } isTaken)
        {
            return isTaken;
        }

        return line.IsAbout(device)
            ?? (
                !line.IsConditional
                && devices.Count(other => (OfLinkFile(line, other) ?? line.IsAbout(other)) is not false) == 1
                    ? true
                    : null
            );
    }

    private bool? OfLinkFile(SriovBootLine line, PciDevice device)
    {
        string[] parts = line.Path.Split('/');
        string? name =
            parts[^1].EndsWith(".link", StringComparison.Ordinal) ? parts[^1]
            : parts is [.., { } folder, _] && folder.EndsWith(".link.d", StringComparison.Ordinal) ? folder[..^2]
            : null;
        if (name is null || line.IsAbout(device) is false)
        {
            return null;
        }

        string[] taken =
        [
            .. device
                .InterfaceNames.Select(network => host.Interfaces.GetValueOrDefault(network)?.LinkFile)
                .OfType<string>(),
        ];
        return device.InterfaceNames.Count == 0 ? false
            : taken.Length == 0 ? null
            : Array.Exists(taken, file => file.EndsWith($"/{name}", StringComparison.Ordinal));
    }

    private (string Why, string? Remedy, CommandCall? Mend) Reason(
        SriovBootLine line,
        PciDevice device,
        int count,
        SriovObstacles obstacles,
        IReadOnlyList<SriovObstacle> found,
        KernelLog log
    )
    {
        CommandCall? make = new VirtualFunctionRequest(device.Address, count).Call;
        string name = HostText.ForDisplay(device.Driver ?? string.Empty, 40);
        return line.IsUnread(host)
                ? (
                    "nothing reads that file, because the service sysfsutils is not installed",
                    found.Count == 0
                        ? $"Install sysfsutils; or remove the line, and have them made by {SriovUnit.Name}."
                        : "Install sysfsutils; but first mend what else is in the way.",
                    found.Count == 0 ? make : null
                )
            : IsOfUnitThatIsOff(line)
                ? ($"{SriovUnit.Name} is not enabled", $"Enable it: systemctl enable {SriovUnit.Name}", null)
            : found.Count > 0 ? (found[0].Why, $"See {found[0].Finding.Code}.", null)
            : device.Driver is null
                ? ("no driver is bound to it, and only a driver can make them", "Load the driver of the device.", null)
            : count > device.Sriov!.TotalCount
                ? (
                    $"it can have {Number(device.Sriov.TotalCount)} at most",
                    $"Ask for {Number(device.Sriov.TotalCount)} or fewer in that line.",
                    null
                )
            : log.OfDevices.FirstOrDefault(text =>
                text.StartsWith($"{device.Driver}: ", StringComparison.Ordinal)
                && text.Contains("unknown parameter", StringComparison.OrdinalIgnoreCase)
            )
                is { } unknown
            && line.CountFor(device) is not null
            && line.IsParameter
                ? (
                    $"the driver has no such parameter (kernel log: {unknown})",
                    "Remove the parameter, and set the number by sriov_numvfs.",
                    make
                )
            : obstacles.Logged(" VFs requested; only ") is { } only
                ? ($"the driver made only so many (kernel log: {only})", "Ask for fewer.", null)
            : obstacles.NeedsLink
                ? (
                    $"{name} makes none while its interface is down, as it is early in the boot",
                    $"Remove the line, and have them made by {SriovUnit.Name}, which sets the interface up first.",
                    make
                )
            : (
                "why is not known",
                $"Ask for them now, and read what the kernel says: dmesg | grep {device.Address}",
                make
            );
    }

    private bool IsOfUnitThatIsOff(SriovBootLine line) => line.Path == SriovUnit.SettingsFile && host.UnitLink is null;

    private static Finding Fewer(
        SriovBootLine line,
        PciDevice device,
        int count,
        (string Why, string? Remedy, CommandCall? Mend) reason
    ) =>
        new(
            FindingCodes.SriovFewerMade,
            Severity.Warning,
            $"{(line.IsCommandLine ? "The kernel command line" : HostText.ForDisplay(line.Path, 200))} asks for {Number(count)} virtual function{(count == 1 ? string.Empty : "s")} at boot, and {device.Address} has {Number(device.Sriov!.Count)}: {reason.Why}."
        )
        {
            Evidence =
                $"{line.EvidenceOf(device)}; /sys/bus/pci/devices/{device.Address}/sriov_numvfs: {Number(device.Sriov.Count)}",
            Remedy = reason.Remedy,
            Mend = reason.Mend,
        };

    private Finding SetAtBoot(SriovBootLine line, PciDevice device, bool isCertain) =>
        new(
            FindingCodes.SriovSetAtBoot,
            Severity.Information,
            line.IsUnread(host)
                    ? $"This line asks for virtual functions of {device.Address} at boot, and nothing reads it: the service sysfsutils is not installed."
                : isCertain ? $"This line sets virtual functions of {device.Address} at boot."
                : $"This line sets virtual functions at boot, and may be about {device.Address}."
        )
        {
            Evidence = line.EvidenceOf(device),
        };

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
