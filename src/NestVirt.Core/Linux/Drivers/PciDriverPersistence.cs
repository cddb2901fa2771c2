using System.Text;
using NestVirt.Changes;
using NestVirt.Linux.Files;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Drivers;

/// <summary>Plans the files that give a function its driver at each boot: driverctl's where it is installed, otherwise a rule of udev.</summary>
/// <remarks>
/// driverctl keeps the driver's name in /etc/driverctl.d/pci-ADDRESS; its rule 05-driverctl.rules has systemd start
/// <c>driverctl load-override</c> when the device appears. Our own rule does the same without it: a rule's ATTR{}
/// assignment is written while the rules are read, and what RUN holds is run after all of them in their order
/// (udev(7)), so before 80-drivers.rules loads the device's own module. A driver that another device of the same kind
/// had loaded before may have it by then, so it is taken away again. The rule names the device's ids beside its address: when
/// new hardware moves the addresses, another kind of device is left alone.
/// </remarks>
internal static class PciDriverPersistence
{
    /// <summary>The file of our rules.</summary>
    internal const string RuleFile = "/etc/udev/rules.d/70-nestvirt-driver.rules";

    private const string DriverctlFolder = "/etc/driverctl.d/pci-";

    /// <summary>Plans the files.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="devices">The functions.</param>
    /// <param name="driver">The driver; null for the host's own choice.</param>
    /// <returns>The edits; none when the files say it already.</returns>
    internal static IReadOnlyList<HostChange> Plan(
        PciDriverState state,
        IReadOnlyList<PciDevice> devices,
        string? driver
    )
    {
        List<HostChange?> changes = [];
        RawFile? before = state.Files.GetValueOrDefault(RuleFile);
        string? text = before?.Text;
        foreach (PciDevice device in devices)
        {
            string path = DriverctlFolder + device.Address;
            RawFile? saved = state.Files.GetValueOrDefault(path);
            bool isTheirs = state.Drivers.HasDriverctl && driver is not null;
            changes.Add(
                FileAction.Plan(
                    path,
                    saved,
                    isTheirs ? Kept(saved, driver!)
                        : saved is not null && (state.Drivers.HasDriverctl || driver is null) ? null
                        : saved?.Text
                )
            );
            text = SetRule(text, device, isTheirs || !state.Drivers.HasUdev ? null : driver);
        }

        changes.Add(FileAction.Plan(RuleFile, before, text));
        return
        [
            .. changes
                .OfType<HostChange>()
                .Select(static change => change with { TakesEffect = ChangeTiming.NextBoot }),
        ];
    }

    /// <summary>Gets the driver that the files name for a function at the next boot, or null.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="device">The function.</param>
    /// <returns>The driver, and the file that names it.</returns>
    internal static (string Driver, string Path)? AtBoot(PciDriverState state, PciDevice device)
    {
        string path = DriverctlFolder + device.Address;
        if (state.Drivers.HasDriverctl && state.Files.GetValueOrDefault(path) is { } saved)
        {
            return (HostText.ForDisplay(saved.Text.Trim(), 60), path);
        }

        const string Assignment = "ATTR{driver_override}=\"";
        return
            Lines(state.Files.GetValueOrDefault(RuleFile)?.Text).FirstOrDefault(line => IsFor(line, device)) is { } rule
            && rule.IndexOf(Assignment, StringComparison.Ordinal) is var start and >= 0
            ? (HostText.ForDisplay(rule[(start + Assignment.Length)..].Split('"')[0], 60), RuleFile)
            : null;
    }

    /// <summary>Finds lines of other rules that name a driver for a function.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="device">The function.</param>
    /// <returns>The lines, each as <c>file: line</c>.</returns>
    internal static IEnumerable<string> OtherRules(PciDriverState state, PciDevice device) =>
        from file in state.Files.Values
        where file.Path != RuleFile && file.Path.EndsWith(".rules", StringComparison.Ordinal)
        from line in Lines(file.Text)
        where
            line.Contains("driver_override", StringComparison.Ordinal)
            && line.Contains(device.Address, StringComparison.Ordinal)
            && !line.TrimStart().StartsWith('#')
        select HostText.ForDisplay($"{file.Path}: {line.TrimEnd()}", 300);

    /// <summary>Writes the rule of a function.</summary>
    internal static string Rule(PciDevice device, string driver) =>
        string.Join(
            ", ",
            "ACTION==\"add\"",
            "SUBSYSTEM==\"pci\"",
            $"KERNEL==\"{device.Address}\"",
            FormattableString.Invariant($"ATTR{{vendor}}==\"0x{device.VendorId:x4}\""),
            FormattableString.Invariant($"ATTR{{device}}==\"0x{device.DeviceId:x4}\""),
            $"ATTR{{driver_override}}=\"{driver}\"",
            $"RUN{{builtin}}+=\"kmod load {driver}\"",
            $"RUN+=\"/bin/sh -c '[ -e /sys/bus/pci/drivers/{driver}/%k ] || {{ [ ! -e /sys/bus/pci/devices/%k/driver ] || echo %k >/sys/bus/pci/devices/%k/driver/unbind; echo %k >/sys/bus/pci/drivers_probe; }}'\""
        );

    private static string Kept(RawFile? saved, string driver) =>
        saved?.Text.Trim() == driver ? saved.Text : driver + "\n";

    private static string? SetRule(string? text, PciDevice device, string? driver)
    {
        StringBuilder result = new();
        bool isWritten = false;
        foreach (string line in Lines(text ?? (driver is null ? string.Empty : SettingText.Header)))
        {
            bool isOurs = IsFor(line, device);
            if (isOurs && driver is not null && !isWritten)
            {
                result.Append(Rule(device, driver)).Append('\n');
            }
            else if (!isOurs)
            {
                result.Append(line).Append(line.EndsWith('\n') || driver is null ? string.Empty : "\n");
            }

            isWritten |= isOurs;
        }

        if (driver is not null && !isWritten)
        {
            result.Append(Rule(device, driver)).Append('\n');
        }

        string edited = result.ToString();
        return edited.Length == 0 || edited == SettingText.Header ? null : edited;
    }

    private static bool IsFor(string line, PciDevice device) =>
        !line.TrimStart().StartsWith('#') && line.Contains($"KERNEL==\"{device.Address}\"", StringComparison.Ordinal);

    // Each with its end.
    private static IEnumerable<string> Lines(string? text)
    {
        int start = 0;
        while (text is not null && start < text.Length)
        {
            int newline = text.IndexOf('\n', start);
            int end = newline < 0 ? text.Length : newline + 1;
            yield return text[start..end];
            start = end;
        }
    }
}
