using NestVirt.HyperV.Machine;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.HyperV.Dda;

/// <summary>Whether Hyper-V can give a device to virtual machines.</summary>
/// <param name="IsAssignable">Whether it can; null when that is not known.</param>
/// <param name="Finding">Why.</param>
internal sealed record DeviceVerdict(bool? IsAssignable, Finding Finding);

/// <summary>Judges the devices of a host as Microsoft's SurveyDDA.ps1 does: in its order, so that the first obstacle is the one that it names.</summary>
/// <remarks>
/// What the script takes for an obstacle though it was not told is unknown here, and an obstacle that was told wins over it.
/// The host as a whole comes first: the script says of it last that its word holds for every device. Of what is no endpoint
/// at all, nothing else is said: no other slot makes a bridge one.
/// </remarks>
/// <param name="iov">What Hyper-V says of the host.</param>
/// <param name="windows">The kind of Windows.</param>
internal sealed class DeviceSurvey(IovFacts iov, WindowsKind windows)
{
    private const int FirstBuild = 14393;
    private const int ExpressEndpoint = 2;
    private const int LegacyEndpoint = 3;
    private const int RootComplexEndpoint = 4;
    private const int TreatedAsPci = 5;
    private const int DisplayClass = 3;
    private const int NoAcs = 0;

    /// <summary>Gets the reading.</summary>
    internal static ProbeReading<DeviceSurvey> Reading { get; } =
        new(
            [IovProbe.Probe, WindowsProbe.Probe, DeviceProbes.Resources],
            static answers =>
            {
                WindowsFacts windows = answers.Read(WindowsProbe.Reading);
                return new DeviceSurvey(answers.Read(IovProbe.Reading), windows.Kind)
                {
                    Build = windows.Build,
                    Iov = answers[IovProbe.Probe],
                    Resources = answers[DeviceProbes.Resources],
                };
            }
        );

    /// <summary>Gets the build of Windows, or null.</summary>
    internal int? Build { get; init; }

    /// <summary>Gets what the host answered of itself; null where nobody asked.</summary>
    internal ProbeAnswer? Iov { get; init; }

    /// <summary>Gets what the host answered of interrupts; null where nobody asked.</summary>
    internal ProbeAnswer? Resources { get; init; }

    /// <summary>Gets what keeps the host from giving any device away.</summary>
    internal IReadOnlyList<Finding> Obstacles =>
        field ??= [
            .. AssignmentObstacles.Of(iov, windows),
            .. windows == WindowsKind.Server && Build < FirstBuild
                ? [AssignmentObstacles.TooOld(Build.Value)]
                : Array.Empty<Finding>(),
            .. Iov is { } answer && CimAnswers.IsMissing(answer)
                ? [AssignmentObstacles.NoHyperV]
                : Array.Empty<Finding>(),
        ];

    /// <summary>Judges a device.</summary>
    /// <param name="device">The device.</param>
    /// <returns>The verdict.</returns>
    internal DeviceVerdict Judge(HostDevice device)
    {
        // Hyper-V lists what it can give away, and made sure of it then; what it has given away, it can.
        bool isListed = device is { IsDismounted: true, AssignablePath: not null };
        if (Obstacles is [Finding ofHost, ..] && !(isListed && device.Owner is not null))
        {
            return new DeviceVerdict(false, ofHost);
        }

        if (isListed)
        {
            return new DeviceVerdict(true, DeviceFindings.Dismounted(device));
        }

        if (device.IsBridge || device.DeviceType >= HostDevice.FirstBridgeType)
        {
            return new DeviceVerdict(false, DeviceFindings.NotEndpoint(device));
        }

        Finding? unknown = iov.IsSupported is null ? DeviceFindings.NotTold("whether the host supports it", Iov) : null;
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

    private IEnumerable<(bool? Passes, Finding? Finding)> Steps(HostDevice device)
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
            DeviceInterrupts.Unknown when !device.IsStarted => (null, DeviceFindings.NotStarted(device)),
            DeviceInterrupts.Unknown => (null, DeviceFindings.NotTold("its interrupts", Resources)),
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
