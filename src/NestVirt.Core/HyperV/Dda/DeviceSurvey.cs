using NestVirt.HyperV.Machine;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.HyperV.Dda;

/// <summary>Whether Hyper-V can give a device to virtual machines.</summary>
/// <param name="IsAssignable">Whether it can; null when that is not known.</param>
/// <param name="Finding">Why.</param>
internal sealed record DeviceVerdict(bool? IsAssignable, Finding Finding);

/// <summary>Judges the devices of a host as Microsoft's SurveyDDA.ps1 does: in its order, so that the first obstacle is the one that it names.</summary>
/// <remarks>
/// What the script takes for an obstacle though it was not told is unknown here, and an obstacle that was told wins over it.
/// The host as a whole comes first: the script says of it last that its word holds for every device.
/// </remarks>
/// <param name="iov">What Hyper-V says of the host.</param>
/// <param name="windows">The kind of Windows.</param>
internal sealed class DeviceSurvey(IovFacts iov, WindowsKind windows)
{
    private const int ExpressEndpoint = 2;
    private const int LegacyEndpoint = 3;
    private const int RootComplexEndpoint = 4;
    private const int TreatedAsPci = 5;
    private const int DisplayClass = 3;
    private const int NoAcs = 0;

    /// <summary>Gets the reading.</summary>
    internal static ProbeReading<DeviceSurvey> Reading { get; } =
        new(
            [IovProbe.Probe, WindowsProbe.Probe],
            static answers => new DeviceSurvey(answers.Read(IovProbe.Reading), answers.Read(WindowsProbe.Reading).Kind)
        );

    /// <summary>Gets what keeps the host from giving any device away.</summary>
    internal IReadOnlyList<Finding> Obstacles { get; } = [.. AssignmentObstacles.Of(iov, windows)];

    /// <summary>Judges a device.</summary>
    /// <param name="device">The device.</param>
    /// <returns>The verdict.</returns>
    internal DeviceVerdict Judge(HostDevice device)
    {
        if (Obstacles is [Finding ofHost, ..])
        {
            return new DeviceVerdict(false, ofHost);
        }

        // Hyper-V lists what it can give away, and made sure of it then.
        if (device is { IsDismounted: true, AssignablePath: not null })
        {
            return new DeviceVerdict(true, DeviceFindings.Dismounted(device));
        }

        Finding? unknown = iov.IsSupported is null ? DeviceFindings.NotTold("whether the host supports it") : null;
        foreach ((bool? passes, Finding? finding) in Steps(device))
        {
            if (passes == false)
            {
                return new DeviceVerdict(false, finding!);
            }

            unknown ??= finding;
        }

        return unknown is null
            ? new DeviceVerdict(true, DeviceFindings.Assignable(device))
            : new DeviceVerdict(null, unknown);
    }

    private static IEnumerable<(bool? Passes, Finding? Finding)> Steps(HostDevice device)
    {
        yield return device.RequiresReservedMemoryRegion switch
        {
            true => (false, DeviceFindings.ReservedMemory),
            false => (true, null),
            null => (null, DeviceFindings.NotTold("whether the firmware keeps memory for it")),
        };
        yield return device.AcsCompatibleUpHierarchy switch
        {
            null => (null, DeviceFindings.NotTold("whether what it sends may be redirected on its way")),
            NoAcs => (false, DeviceFindings.NoAcs),
            _ => (true, null),
        };
        yield return OfType(device);
        if (device.IsDisabled)
        {
            yield return (null, DeviceFindings.Disabled);
            yield break;
        }

        yield return device.Interrupts switch
        {
            DeviceInterrupts.LineBased => (false, DeviceFindings.LineInterrupts),
            DeviceInterrupts.Unknown => (null, DeviceFindings.NotTold("its interrupts")),
            _ => (true, null),
        };
    }

    // Older copies of the script take no legacy endpoint, newer ones those that are displays.
    private static (bool? Passes, Finding? Finding) OfType(HostDevice device) =>
        device.DeviceType switch
        {
            null => (null, DeviceFindings.NotTold("of which kind it is")),
            ExpressEndpoint or RootComplexEndpoint => (true, null),
            LegacyEndpoint when device.BaseClass is null => (null, DeviceFindings.NotTold("its class")),
            LegacyEndpoint when device.BaseClass == DisplayClass => (true, null),
            TreatedAsPci => (false, DeviceFindings.FirmwareKeepsPcie),
            _ => (false, DeviceFindings.NotEndpoint(device)),
        };
}
