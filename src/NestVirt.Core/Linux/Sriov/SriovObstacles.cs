using System.Globalization;
using NestVirt.Guidance;
using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Sriov;

/// <summary>One thing that keeps a device from having virtual functions.</summary>
/// <param name="Finding">What is told of it.</param>
/// <param name="Why">The same as a part of a sentence.</param>
internal sealed record SriovObstacle(Finding Finding, string Why);

/// <summary>Finds what keeps a device from having virtual functions, in sysfs, its port's registers and the kernel's log.</summary>
/// <remarks>
/// Source: sriov_enable() and sriov_numvfs_store() in drivers/pci/iov.c of Linux 3.8 to 6.14. Every BAR of the virtual
/// functions needs an address for as many functions as the device can have, whatever the number asked for; their routing
/// ids need bus numbers below the port; the driver needs sriov_configure. resource_show() in drivers/pci/pci-sysfs.c
/// prints the BARs of virtual functions in lines 8 to 13 (PCI_IOV_RESOURCES is 7, counted from 0).
/// </remarks>
/// <param name="device">The physical function.</param>
/// <param name="port">The bridge above it, or null.</param>
/// <param name="log">The kernel's log.</param>
/// <param name="host">What else the host shows.</param>
internal sealed class SriovObstacles(PciDevice device, PciDevice? port, KernelLog log, VirtualFunctionHost host)
{
    // IORESOURCE_UNSET of include/linux/ioport.h.
    private const ulong IsUnset = 0x2000_0000;
    private const int BarCount = 6;
    private const int FirstBarLine = 8;
    private const int Up = 1;

    // bnxt_sriov_configure() answers 0 while its interface is down, bnx2x_sriov_configure() an error (Linux 3.9 to 6.14).
    private static readonly string[] s_needsLink = ["bnxt_en", "bnx2x"];

    /// <summary>Gets a value indicating whether the driver makes virtual functions only while its interface is up.</summary>
    internal bool NeedsLink => s_needsLink.Contains(device.Driver);

    private string Folder => $"/sys/bus/pci/devices/{device.Address}";

    private IEnumerable<string> PciWords =>
        KernelArgument
            .Split(host.CommandLine)
            .Where(static word => word.Name == "pci")
            .SelectMany(static word => (word.Value ?? string.Empty).Split(','));

    /// <summary>Finds what is in the way of more functions than there are.</summary>
    /// <param name="wanted">How many are asked for; null to learn whether there can be any.</param>
    /// <returns>What is in the way.</returns>
    internal IReadOnlyList<SriovObstacle> Find(int? wanted)
    {
        SriovState sriov = device.Sriov!;
        if (wanted <= sriov.Count || (wanted is null && sriov.Count > 0))
        {
            return [];
        }

        SriovObstacle? memory = sriov.Count == 0 ? NoMemory() : null;
        SriovObstacle? buses = NoBusNumbers(wanted);
        SriovObstacle?[] all =
        [
            sriov.TotalCount == 0 && memory is null ? TurnedOff() : null,
            sriov.Count == 0 ? DriverUnable() : null,
            memory,
            buses,
            buses is null ? null : AriOff(),
            sriov.Count == 0 ? InterfaceDown() : null,
        ];
        return [.. all.OfType<SriovObstacle>()];
    }

    /// <summary>Gets the last line of the kernel's log that names the device, or its interface, and holds one of some texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <returns>The line, or null.</returns>
    internal string? Logged(params string[] texts) =>
        log.OfDevices.LastOrDefault(line =>
            (
                $" {line}".Contains($" {device.Address}", StringComparison.Ordinal)
                || device.InterfaceNames.Any(name => line.Contains($"({name})", StringComparison.Ordinal))
            ) && texts.Any(text => line.Contains(text, StringComparison.OrdinalIgnoreCase))
        );

    private SriovObstacle? NoMemory()
    {
        string? line = Logged("not enough MMIO resources for SR-IOV", "IOV BARS not allocated");
        string? bars = UnassignedBars();
        if (line is null && bars is null)
        {
            return null;
        }

        const string Firmware =
            "in the firmware setup, turn on Above 4G Decoding (memory mapped I/O above 4 GB), Re-Size BAR and SR-IOV, where it has them";
        bool isTried = PciWords.Any(static word => word is "realloc" or "realloc=on");
        bool hasWord = KernelArgument.Split(host.CommandLine).Any(static word => word.Name == "pci");
        return new SriovObstacle(
            new Finding(
                FindingCodes.SriovNoMemory,
                Severity.Warning,
                $"There are no memory addresses for virtual functions of {device.Address}, so none can be made: their BARs are not assigned."
            )
            {
                Evidence = string.Join(
                    "; ",
                    new[] { line is null ? null : $"kernel log: {line}", bars }.OfType<string>()
                ),
                Remedy =
                    isTried ? $"The kernel tries already (pci=realloc). So, {Firmware}."
                    : hasWord
                        ? $"First, {Firmware}. Where that does not help, have the kernel assign them anew: add realloc to the word pci= of its command line."
                    : $"First, {Firmware}. Where that does not help, have the kernel assign them anew: pci=realloc on its command line.",
                Mend = hasWord
                    ? null
                    : new CommandCall(OwnCommand.SetKernel, (CommandArgument.KernelWord, "pci=realloc")),
            },
            "there are no memory addresses for them"
        );
    }

    // A row that failed is all zeros on older kernels, and keeps its size with IORESOURCE_UNSET on newer ones.
    private string? UnassignedBars()
    {
        (string Text, ulong Start, ulong Flags)[] rows = [.. device.VirtualBars.Select(Row)];
        int unset = Array.FindIndex(
            rows,
            static row => row.Flags != 0 && (row.Start == 0 || (row.Flags & IsUnset) != 0)
        );
        return unset >= 0
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Folder}/resource:{unset + FirstBarLine}: {rows[unset].Text}"
                )
            : rows.Length == BarCount && Array.TrueForAll(rows, static row => row is { Start: 0, Flags: 0 })
                ? $"{Folder}/resource: lines 8 to 13 are {rows[0].Text}"
            : null;
    }

    // What is no row counts as an address, of which nothing is said.
    private static (string Text, ulong Start, ulong Flags) Row(string text)
    {
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 3 && TryHex(words[0], out ulong start) && TryHex(words[2], out ulong flags)
            ? (text.Trim(), start, flags)
            : (text, 1, 0);

        static bool TryHex(string word, out ulong number)
        {
            number = 0;
            return word.StartsWith("0x", StringComparison.Ordinal)
                && ulong.TryParse(
                    word.AsSpan(2),
                    NumberStyles.AllowHexSpecifier,
                    CultureInfo.InvariantCulture,
                    out number
                );
        }
    }

    // virtfn_bus(): the bus of the last function must not be behind the last one below the port. It needs the routing ids.
    private SriovObstacle? NoBusNumbers(int? wanted)
    {
        string? line = device.Sriov!.Count == 0 ? Logged("SR-IOV: bus number out of range", "VFs (bus ") : null;
        int? room = Room();
        bool isShort = room < (wanted ?? 1);
        if (line is null && !isShort)
        {
            return null;
        }

        string? computed =
            isShort && device.LastBus is { } last
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"/sys/bus/pci/devices/{device.Parent}/subordinate_bus_number: {last}, with {Folder}/sriov_offset: {device.Sriov.Offset} and sriov_stride: {device.Sriov.Stride}"
                )
                : null;
        return new SriovObstacle(
            new Finding(
                FindingCodes.SriovNoBusNumbers,
                Severity.Warning,
                room > 0 && isShort
                    ? $"{device.Parent} has bus numbers for {Number(room.Value)} virtual functions of {device.Address}, and not for more."
                    : $"Virtual functions of {device.Address} need bus numbers that {device.Parent ?? "the bridge above"} does not have."
            )
            {
                Evidence = string.Join(
                    "; ",
                    new[] { line is null ? null : $"kernel log: {line}", computed }.OfType<string>()
                ),
                Remedy =
                    (room > 0 ? $"Ask for {Number(room.Value)} or fewer. Or have" : "Have")
                    + (
                        PciWords.Contains("assign-busses")
                            ? " the firmware leave more bus numbers, or use another slot: the kernel numbers the buses itself already (pci=assign-busses)."
                            : " the kernel number the buses itself, which x86 can: pci=assign-busses on its command line. Or use another slot."
                    ),
            },
            "the bridge above has no bus numbers for them"
        );
    }

    private int? Room()
    {
        if (
            device is not { LastBus: { } last, Sriov: { Offset: > 0 and { } offset, Stride: { } stride } sriov }
            || !PciAddress.TryParse(device.Address, out PciAddress address)
        )
        {
            return null;
        }

        const int IdsOfBus = 256;
        int first = (address.Device * 8) + address.Function + offset;
        int ids = (last - address.Bus + 1) * IdsOfBus;
        return first >= ids ? 0
            : stride <= 0 ? 1
            : Math.Min(sriov.TotalCount, ((ids - 1 - first) / stride) + 1);
    }

    // pci_configure_ari() in drivers/pci/pci.c turns it on wherever port and device can, but with pci=noari.
    private SriovObstacle? AriOff() =>
        device.HasAri is true && port is { AriForwarding: { IsOn: false } forwarding }
            ? new SriovObstacle(
                new Finding(
                    FindingCodes.SriovAriOff,
                    Severity.Warning,
                    $"{port.Address} does not forward ARI, so virtual functions of {device.Address} take bus numbers of their own instead of sharing one."
                )
                {
                    Evidence = $"{port.Address}: {forwarding}",
                    Remedy =
                        PciWords.Contains("noari") ? "Remove noari from the word pci= of the kernel command line."
                        : forwarding.IsAble ? "Turn ARI on in the firmware setup, where it has it."
                        : "Put the card into a slot whose port forwards ARI.",
                },
                $"{port.Address} does not forward ARI"
            )
            : null;

    private SriovObstacle? InterfaceDown()
    {
        if (!NeedsLink)
        {
            return null;
        }

        InterfaceFacts[] down = [.. DownInterfaces()];
        return down.Length == 0
            ? null
            : new SriovObstacle(
                new Finding(
                    FindingCodes.SriovInterfaceDown,
                    Severity.Information,
                    $"{device.Driver} makes virtual functions of {device.Address} only while its interface is up, and {HostText.ForDisplay(down[0].Name, 40)} is down."
                )
                {
                    Evidence = $"/sys/class/net/{HostText.ForDisplay(down[0].Name, 40)}/flags: {down[0].Flags}",
                    Remedy = Advice.Of($"{OwnCommand.SetSriov} sets the interface up first."),
                },
                $"{device.Driver} makes none while its interface is down"
            );
    }

    private IEnumerable<InterfaceFacts> DownInterfaces() =>
        device
            .InterfaceNames.Select(name => host.Interfaces.GetValueOrDefault(name))
            .OfType<InterfaceFacts>()
            .Where(static network =>
                network.Flags is ['0', 'x', .. { } digits]
                && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int flags)
                && (flags & Up) == 0
            );

    // The words of Linux from 4.16 on, and before it.
    private SriovObstacle? DriverUnable() =>
        Logged("driver does not support SR-IOV configuration via sysfs", "Driver doesn't support SRIOV configuration")
            is { } line
        && device.Driver is { } driver
        && line.StartsWith($"{driver} ", StringComparison.Ordinal)
            ? new SriovObstacle(
                new Finding(
                    FindingCodes.SriovDriverUnable,
                    Severity.Warning,
                    $"The driver {HostText.ForDisplay(driver, 40)} makes no virtual functions of {device.Address} through sysfs."
                )
                {
                    Evidence = $"kernel log: {line}",
                    Remedy = driver switch
                    {
                        "i915" =>
                            "The i915 of Linux makes none: install one that does for this kernel (i915-sriov-dkms), or use xe where it knows the device.",
                        "vfio-pci" or "pci-stub" => "Bind the device's own driver.",
                        _ =>
                            "Use a driver of the vendor or a newer kernel that does; older drivers take the number as a parameter (max_vfs, num_vfs).",
                    },
                },
                $"the driver {HostText.ForDisplay(driver, 40)} makes none through sysfs"
            )
            : null;

    // sriov_init() shows no file where TotalVFs is 0, and drivers lower it by pci_sriov_set_totalvfs(): xe and i915 to 0.
    private SriovObstacle TurnedOff()
    {
        bool isInSysfs = device.VirtualBars.Count > 0 || device.Sriov!.IsDriverAutoprobed is not null;
        return new SriovObstacle(
            new Finding(
                FindingCodes.SriovTurnedOff,
                Severity.Information,
                isInSysfs
                    ? $"The driver of {device.Address} allows no virtual functions."
                    : $"The firmware of {device.Address} allows no virtual functions."
            )
            {
                Evidence = isInSysfs
                    ? $"{Folder}/sriov_totalvfs: 0"
                    : $"the SR-IOV capability of {device.Address}: TotalVFs 0",
                Remedy = (device.Driver, device.VendorId) switch
                {
                    ("xe" or "i915", _) =>
                        $"Let the driver have some, by its parameter: {device.Driver}.max_vfs=7 on the kernel command line.",
                    (_, 0x15B3) =>
                        $"Turn it on in the card's firmware and restart the machine: mstconfig -d {device.Address} set SRIOV_EN=1 NUM_OF_VFS=8 (or the vendor's mlxconfig)",
                    _ => "Turn SR-IOV on in the card's own pages of the firmware setup, or with its vendor's tool.",
                },
            },
            isInSysfs ? "its driver allows none" : "its firmware allows none"
        );
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
