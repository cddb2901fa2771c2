using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Linux.DeviceUse;
using NestVirt.Linux.Modprobe;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Drivers;

/// <summary>Finds out which function and which driver a request means.</summary>
internal static class PciDriverRules
{
    private const string Vfio = "vfio-pci";

    /// <summary>Tells whether a driver is there to give devices to guests and programs, and takes any device.</summary>
    /// <param name="driver">The driver, or null.</param>
    /// <returns>True if so; false for a driver of the host, and for none.</returns>
    internal static bool IsForGuests(string? driver) =>
        driver is "uio_pci_generic" or "igb_uio"
        || (driver is not (null or "pcieport") && DmaDrivers.IsHarmless(driver));

    /// <summary>Tells whether the driver of a function is one of VFIO's.</summary>
    /// <param name="device">The function.</param>
    /// <returns>True if so.</returns>
    internal static bool IsVfio(PciDevice device) => device.HasVfioDevice == true || IsVfio(device.Driver);

    /// <summary>Tells whether a driver is one of VFIO's.</summary>
    /// <param name="driver">The driver, or null.</param>
    /// <returns>True if so.</returns>
    internal static bool IsVfio(string? driver) =>
        IsForGuests(driver) && driver!.Contains("vfio", StringComparison.Ordinal);

    /// <summary>Finds the function of an address.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="text">The address; its domain may be left out where it is 0.</param>
    /// <returns>The function.</returns>
    /// <exception cref="ChangeRefusedException">There is none.</exception>
    internal static PciDevice Find(PciDriverState state, string text)
    {
        string address = PciFaults.Read(text)?.ToString() ?? HostText.ForDisplay(text);
        return state.Devices.FirstOrDefault(device => device.Address == address)
            ?? throw Refused(
                FindingCodes.DeviceMissing,
                $"The host has no PCI function {address}.",
                $"/sys/bus/pci/devices/{address} is not there",
                Spelling.Nearest(
                    address,
                    state.Devices.Where(static device => !device.IsBridge).Select(static device => device.Address)
                )
                    is { } near
                    ? Advice.Of(
                        $"Did you mean {near}? Otherwise look at the addresses of the host: {OwnCommand.ListPciDevices}."
                    )
                    : Advice.Of($"Look at the addresses of the host: {OwnCommand.ListPciDevices}.")
            );
    }

    /// <summary>Finds the driver by its name.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="name">The name; dashes and underscores are one. Null for the host's own choice.</param>
    /// <returns>The name as the kernel has it, or null.</returns>
    /// <exception cref="ChangeRefusedException">There is no such driver.</exception>
    internal static string? Driver(PciDriverState state, string? name)
    {
        if (name is null)
        {
            return null;
        }

        string module = ModprobeFile.Normalize(name);
        if (state.Drivers.Drivers.FirstOrDefault(driver => ModprobeFile.Normalize(driver) == module) is { } present)
        {
            return present;
        }

        string driver = module == ModprobeFile.Normalize(Vfio) ? Vfio : name;
        return state.Drivers.Modules.Contains(module)
            ? driver
            : throw Refused(
                FindingCodes.DriverMissing,
                $"The host has no PCI driver {driver}.",
                $"neither /sys/bus/pci/drivers/{driver} nor a module {module} of the running kernel is there",
                Spelling.Nearest(driver, state.Drivers.Drivers.Append(Vfio)) is { } near && near != driver
                    ? $"Did you mean {near}?"
                    : "Install the module for the running kernel."
            );
    }

    /// <summary>Tells whether a request takes a function from its driver, or binds one that has none.</summary>
    /// <param name="device">The function.</param>
    /// <param name="driver">The driver wanted; null for the host's own choice.</param>
    /// <returns>True if so.</returns>
    internal static bool IsRebound(PciDevice device, string? driver) =>
        driver is null
            ? IsForGuests(device.Driver) || (device.Driver is null && device.DriverOverride is not null)
            : device.Driver != driver;

    /// <summary>Tells whether driver_override must be written.</summary>
    /// <param name="device">The function.</param>
    /// <param name="driver">The driver wanted; null for the host's own choice.</param>
    /// <returns>True if so.</returns>
    internal static bool IsOverridden(PciDevice device, string? driver) =>
        device.DriverOverride != driver && (driver is null || IsForGuests(driver) || device.DriverOverride is not null);

    /// <summary>Makes a refusal.</summary>
    internal static ChangeRefusedException Refused(string code, string message, string? evidence, string? remedy) =>
        new(new Finding(code, Severity.Error, message) { Evidence = evidence, Remedy = remedy });
}
