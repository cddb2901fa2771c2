using System.Globalization;
using NestVirt.Changes;
using NestVirt.HyperV.Dda;
using NestVirt.HyperV.VirtualMachines;

namespace NestVirt.HyperV.Settings;

/// <summary>What a virtual machine is to have for the devices that it is given.</summary>
/// <remarks>
/// Microsoft, "Deploy graphics devices by using Discrete Device Assignment": it is turned off with its host, and has room for the
/// memory of its devices; those that show pictures or compute have theirs cached as its own system likes it.
/// </remarks>
/// <param name="vm">The virtual machine.</param>
/// <param name="request">What is asked for.</param>
/// <param name="named">The devices that are asked for, those that it has already among them.</param>
/// <param name="all">All devices of the host.</param>
internal sealed class DeviceWishes(
    VMFacts vm,
    VmPciDeviceRequest request,
    IReadOnlyList<HostDevice> named,
    IReadOnlyList<HostDevice> all
)
{
    private const int TurnOff = 2;
    private const int DisplayClass = 3;

    private readonly VMSystemFacts _system = vm.System ?? new VMSystemFacts(null, null, null, null);

    /// <summary>Gets the space that the devices take; null where nothing is known of it, or nothing new is given.</summary>
    internal MmioSpace? Space { get; } = SpaceOf(vm, named, all);

    /// <summary>Gets a value indicating whether the space is more than a virtual machine can have, where no number was given.</summary>
    internal bool IsTooMuch =>
        (request.LowMmioMebibytes is null && Space?.Low > MmioSpace.MostLow)
        || (request.HighMmioMebibytes is null && Space?.High > MmioSpace.MostHigh);

    /// <summary>Gets what it does now when the host shuts down, where that is to be another thing; null where it is not.</summary>
    internal int? OtherShutdown => _system.ShutdownAction is { } action && action != TurnOff ? action : null;

    /// <summary>Gets a value indicating whether it is turned off when the host shuts down.</summary>
    internal bool IsTurnedOff => _system.ShutdownAction == TurnOff;

    /// <summary>Lists what is missing.</summary>
    /// <returns>The wishes that are not fulfilled.</returns>
    internal IEnumerable<VMWish> Missing()
    {
        (VMSetting Setting, string? Current, string? Value)[] wishes =
        [
            (VMSetting.ShutdownAction, VMSetting.Text(_system.ShutdownAction), VMSetting.Text(TurnOff)),
            (
                VMSetting.CacheTypes,
                VMSetting.Text(_system.ChoosesCacheTypes),
                named.Any(static device => device.ClassCode >> 16 == DisplayClass) ? VMSetting.Text(true) : null
            ),
            (
                VMSetting.LowMmio,
                VMSetting.Text(_system.LowMmio),
                Raised(_system.LowMmio, request.LowMmioMebibytes ?? Space?.Low)
            ),
            (
                VMSetting.HighMmio,
                VMSetting.Text(_system.HighMmio),
                Raised(_system.HighMmio, request.HighMmioMebibytes ?? Space?.High)
            ),
        ];
        return wishes
            .Where(static one => one.Value is not null && one.Value != one.Current)
            .Select(one => new VMWish(vm, one.Setting, one.Current, one.Value!, _system.Id));
    }

    /// <summary>Tells whether the memory of a device is known, by itself or by another one of its kind.</summary>
    /// <param name="device">The device.</param>
    /// <param name="all">All devices of the host.</param>
    /// <returns>True if so.</returns>
    internal static bool IsTold(HostDevice device, IReadOnlyList<HostDevice> all) => MemoryOf(device, all) is not null;

    // Other devices may take what is there.
    private static string? Raised(int? current, long? wanted) =>
        current >= wanted ? null : wanted?.ToString(CultureInfo.InvariantCulture);

    // What its devices need is known where each of them, or another one of its kind, tells it. Where one does not, it is within what
    // is there, and the rest comes on top: too little would keep the virtual machine from starting.
    private static MmioSpace? SpaceOf(VMFacts vm, IReadOnlyList<HostDevice> named, IReadOnlyList<HostDevice> all)
    {
        HostDevice[] given = [.. named.Where(device => device.Owner != vm.Id)];
        if (MmioSpace.Of(given.Select(device => MemoryOf(device, all))) is not { } taken)
        {
            return null;
        }

        HostDevice[] owned = [.. all.Where(device => device.Owner == vm.Id)];
        bool isWhole = owned.Length == vm.Devices.Count && Array.TrueForAll(owned, device => IsTold(device, all));
        return isWhole
            ? MmioSpace.Of(given.Concat(owned).Select(device => MemoryOf(device, all)))
            : taken.OnTopOf(vm.System);
    }

    private static IReadOnlyList<MemoryRange>? MemoryOf(HostDevice device, IReadOnlyList<HostDevice> all) =>
        device.Memory is { Count: > 0 } own
            ? own
            : all.Where(other =>
                    other.Memory is { Count: > 0 }
                    && device.Ids is { VendorId: not null, DeviceId: not null }
                    && other.Ids.VendorId == device.Ids.VendorId
                    && other.Ids.DeviceId == device.Ids.DeviceId
                    && other.Ids.SubsystemDeviceId == device.Ids.SubsystemDeviceId
                    && other.Ids.SubsystemVendorId == device.Ids.SubsystemVendorId
                )
                .MaxBy(static other => other.Memory!.Sum(static range => (double)range.Bytes))
                ?.Memory;
}
