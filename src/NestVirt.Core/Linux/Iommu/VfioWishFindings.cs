using NestVirt.Guidance;
using NestVirt.Linux.DeviceUse;
using NestVirt.Linux.Modprobe;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Iommu;

/// <summary>Says what comes of the settings that give functions to vfio-pci: what in them is no id, is replaced, is of no effect, or names too much.</summary>
/// <param name="host">What the host says of its IOMMU.</param>
/// <param name="wishes">The settings.</param>
/// <param name="devices">The functions of the host.</param>
internal sealed class VfioWishFindings(IommuFacts host, VfioWishes wishes, IReadOnlyList<PciDevice> devices)
{
    private const string Driver = "vfio-pci";
    private const int DisplayClass = 0x03;

    /// <summary>Names what is wrong with the list of ids, whichever function it is about.</summary>
    /// <param name="wishes">The settings.</param>
    /// <returns>The findings.</returns>
    internal static IEnumerable<Finding> OfList(VfioWishes wishes) =>
        wishes.InEffect is null
            ? wishes.Replaced.Select(setting => Replaced(wishes, setting))
            :
            [
                .. wishes.Ids.Faults.Select(fault => Invalid(wishes.InEffect, fault)),
                .. wishes.Strays.Select(stray => Stray(wishes.InEffect, stray)),
                .. wishes
                    .Replaced.Where(setting => IsLost(wishes, setting))
                    .Select(setting => Replaced(wishes, setting)),
            ];

    /// <summary>Names what they come to for a function.</summary>
    /// <param name="device">The function.</param>
    /// <returns>The findings.</returns>
    internal IEnumerable<Finding> Of(PciDevice device)
    {
        if (device.IsBridge)
        {
            return [];
        }

        string[] evidence = [.. wishes.WishesFor(device)];
        return
        [
            .. evidence.Length == 0 ? []
            : IsNeeded(device) ? [Needed(device, evidence)]
            : IsTaken(device) ? Array.Empty<Finding>()
            : [NotTaken(device, evidence)],
            .. Several(device),
            .. AboutLists(device),
            .. evidence.Length == 0 ? NotBooted(device) : [],
        ];
    }

    /// <summary>Names what is wrong with the lists as far as they are about a function.</summary>
    /// <param name="device">The function.</param>
    /// <returns>The findings.</returns>
    internal IEnumerable<Finding> AboutLists(PciDevice device)
    {
        if (wishes.InEffect is { } setting)
        {
            foreach (string fault in wishes.Ids.Faults.Where(fault => IsAbout(fault, device)))
            {
                yield return Invalid(setting, fault);
            }

            foreach (string stray in wishes.Strays.Where(stray => IsAbout(stray, device)))
            {
                yield return Stray(setting, stray);
            }
        }

        foreach (
            ModuleSetting lost in wishes.Replaced.Where(lost =>
                Names(new VfioIds(lost.Value!), device) && !Names(wishes.Ids, device)
            )
        )
        {
            yield return Replaced(wishes, lost);
        }
    }

    private static bool Names(VfioIds ids, PciDevice device) => ids.Ids.Any(id => id.Names(device));

    private static bool IsTaken(PciDevice device) =>
        device.Driver is not (null or "pci-stub") && DmaDrivers.IsHarmless(device);

    private static bool IsLost(VfioWishes wishes, ModuleSetting setting) =>
        new VfioIds(setting.Value!).Ids.Any(id => !wishes.Ids.Ids.Any(kept => kept with { Text = id.Text } == id));

    private static Finding Invalid(ModuleSetting setting, string fault) =>
        new(
            FindingCodes.IdsInvalid,
            Severity.Warning,
            $"The list of ids for vfio-pci has the entry '{fault}', which is no vendor:device: the kernel {(new VfioIds(fault).Ids.Count > 0 ? "takes its beginning and passes over the rest" : "leaves it out")}."
        )
        {
            Evidence = setting.Evidence,
            Remedy =
                VfioIds.Meant(fault) is { } meant && !string.Equals(meant, fault, StringComparison.OrdinalIgnoreCase)
                    ? $"Write {meant} for it, if that is meant."
                    : "Write entries as vendor:device in hexadecimal, as in 8086:1521, with commas and no blanks between them.",
        };

    private static Finding Stray(ModuleSetting setting, string stray) =>
        new(
            FindingCodes.IdsInvalid,
            Severity.Warning,
            $"'{stray}' stands behind a blank, which ends the list of ids for vfio-pci: the kernel does not read it as part of the list."
        )
        {
            Evidence = setting.Evidence,
            Remedy = "Write the list without blanks.",
        };

    private static Finding Replaced(VfioWishes wishes, ModuleSetting lost)
    {
        string ids = string.Join(",", new VfioIds(lost.Value!).Ids.Select(static id => id.Text.Trim()));
        ModuleSetting? counts = wishes.InEffect;
        return new Finding(
            FindingCodes.IdsOverridden,
            Severity.Warning,
            counts is null
            || !lost.Source.Contains("cmdline", StringComparison.Ordinal) && wishes.Loader?.IsBuiltIn == true
                ? $"The list of ids in {lost.Source} has no effect: vfio-pci is part of the kernel, which reads its list from the kernel command line alone."
                : $"The list of ids in {lost.Source} has no effect: that in {counts.Source} replaces it, and only one list counts."
        )
        {
            Evidence = counts is null ? lost.Evidence : $"{lost.Evidence}; {counts.Evidence}",
            Remedy = counts is null
                ? $"Put {PlainWord.Or(ids, "the ids")} behind vfio-pci.ids= on the kernel command line."
                : $"Put all ids into one list: add {PlainWord.Or(ids, "these")} to that in {counts.Source}, or remove one of the two.",
        };
    }

    private bool IsAbout(string fault, PciDevice device)
    {
        string? meant = VfioIds.Meant(fault);
        VfioIds ids = new(meant ?? string.Empty);
        return Names(ids, device)
            || (!devices.Any(other => Names(ids, other)) && Names(wishes.Ids, device))
            || (
                !devices.Any(other => Names(ids, other) || Names(wishes.Ids, other))
                && device.ClassCode >> 16 == DisplayClass
            );
    }

    private bool IsNeeded(PciDevice device) =>
        device.HasHostUse
        || (
            device.ClassCode >> 16 == DisplayClass
            && !IsTaken(device)
            && devices.Count(static other => other.ClassCode >> 16 == DisplayClass) == 1
        );

    private Finding Needed(PciDevice device, string[] evidence) =>
        new(
            FindingCodes.IdsNameHostDevice,
            Severity.Warning,
            $"{device.Address} is to be given to vfio-pci, and the host needs it: {(device.HasHostUse ? string.Join("; ", device.HostUses.Select(static use => use.Evidence)) : "it is the only graphics, and the console's")}{(device.ClassCode >> 16 == DisplayClass && device.HasHostUse && devices.Count(static other => other.ClassCode >> 16 == DisplayClass) == 1 ? "; it is the console's only graphics" : string.Empty)}."
        )
        {
            Evidence = string.Join("; ", evidence),
            Remedy = "Take it out of that setting: the host would lose it at a boot at which vfio-pci comes first.",
        };

    private Finding NotTaken(PciDevice device, string[] evidence)
    {
        (string why, string remedy, string? proof) = Why(device);
        return new Finding(
            FindingCodes.VfioNotBound,
            Severity.Warning,
            $"{device.Address} is to be given to vfio-pci, and {device.Driver ?? "no driver"} has it: {why}."
        )
        {
            Evidence = string.Join(
                "; ",
                [
                    .. evidence,
                    device.Driver is null
                        ? $"/sys/bus/pci/devices/{device.Address}/driver is not there"
                        : $"/sys/bus/pci/devices/{device.Address}/driver: {device.Driver}",
                    .. proof is null ? Array.Empty<string>() : [proof],
                ]
            ),
            Remedy = remedy,
            Mend = new CommandCall(
                OwnCommand.SetDriver,
                (CommandArgument.Address, device.Address),
                (CommandArgument.Driver, Driver)
            ),
        };
    }

    private (string Why, string Remedy, string? Proof) Why(PciDevice device)
    {
        const string Rebuild = "rebuild the initramfs, which must hold vfio-pci and these lines, and restart the host";
        if (device.DriverOverride is { } only && only != Driver)
        {
            return (
                $"driver_override lets {only} alone bind",
                "Take that name out of driver_override, and out of what writes it (driverctl, a rule of udev).",
                $"/sys/bus/pci/devices/{device.Address}/driver_override: {only}"
            );
        }

        if (device.Driver is not { } holder)
        {
            return wishes.Loader is null
                ? (
                    "vfio-pci is not loaded, and a list of ids does not load it",
                    "Have vfio-pci loaded at boot: a file in /etc/modules-load.d, or the initramfs.",
                    "/sys/bus/pci/drivers/vfio-pci is not there"
                )
                : (
                    "the setting was made after vfio-pci was loaded, or the device came free later",
                    "Bind it to vfio-pci, or restart the host.",
                    null
                );
        }

        if (holder == "pci-stub" && wishes.StubFor(device) is { } stub)
        {
            return (
                "a list of ids gives it to pci-stub as well, which came first",
                $"Take the id out of pci-stub.ids in {stub.Source}, and restart the host.",
                stub.Evidence
            );
        }

        PciDriverModule module =
            host.Drivers.GetValueOrDefault(holder) ?? new PciDriverModule(ModprobeFile.Normalize(holder), null);
        if (module.IsBuiltIn == true)
        {
            return (
                $"{holder} is part of the kernel and takes its devices before any module is loaded",
                "Give the device to vfio-pci by driver_override, which a rule of udev or driverctl writes at each boot.",
                $"/sys/module/{module.Module}/initstate is not there"
            );
        }

        string name = PlainWord.Or(module.Module, "the module");
        if (SoftDependency(module.Module) is { } line)
        {
            return (
                $"modprobe is told to load vfio-pci before {holder}, so {holder} came from an initramfs that does not know of it, or was loaded before the line was written",
                $"{char.ToUpperInvariant(Rebuild[0])}{Rebuild[1..]}.",
                line.Evidence
            );
        }

        string early = $"Write \"softdep {name} pre: vfio-pci\" into a file of /etc/modprobe.d, {Rebuild}.";
        return wishes.Loader is null
            ? (
                $"vfio-pci is not loaded, a list of ids does not load it, and no line makes modprobe load it before {holder}",
                early,
                "/sys/bus/pci/drivers/vfio-pci is not there"
            )
            : ($"{holder} came first, and no line makes modprobe load vfio-pci before it", early, null);
    }

    private ModprobeDirective? SoftDependency(string module) =>
        wishes.Modprobe.Directives.FirstOrDefault(line =>
            line.Command == "softdep"
            && line.Module == module
            && line.Arguments.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)
                .SkipWhile(static word => word != "pre:")
                .TakeWhile(static word => word != "post:")
                .Any(static word => ModprobeFile.Normalize(word) is "vfio_pci" or "vfio")
        );

    private IEnumerable<Finding> Several(PciDevice device)
    {
        foreach (VfioId id in wishes.Ids.Ids.Where(id => id.Names(device)))
        {
            PciDevice[] named = [.. devices.Where(id.Names)];
            PciDevice[] needed = [.. named.Where(static other => other.HasHostUse)];
            if (named.Length > 1)
            {
                yield return new Finding(
                    FindingCodes.IdsNameSeveral,
                    needed.Length > 0 ? Severity.Warning : Severity.Information,
                    $"{id.Text.Trim()} in the list of ids is the id of {named.Length} devices, and gives vfio-pci all of them: {string.Join(", ", named.Select(static other => other.Address))}{(needed.Length > 0 ? $"; the host needs {string.Join(", ", needed.Select(static other => other.Address))}" : string.Empty)}."
                )
                {
                    Evidence = wishes.InEffect!.Evidence,
                    Remedy =
                        "To give away one of them, take the id out of the list and name the device by its address (driver_override, as driverctl or a rule of udev writes it).",
                };
            }
        }
    }

    private IEnumerable<Finding> NotBooted(PciDevice device)
    {
        foreach (BootLineWithIds line in host.BootIds.Where(line => Names(new VfioIds(line.Value), device)))
        {
            yield return new Finding(
                FindingCodes.IdsNotBooted,
                Severity.Warning,
                $"{line.Place} gives {HostText.ForDisplay(line.Value, 100)} to vfio-pci, and the command line of this boot does not: the host was not booted with that line."
            )
            {
                Evidence =
                    $"{line.Place}: {line.Text}; /proc/cmdline: {HostText.ForDisplay(host.CommandLine ?? string.Empty, 200)}",
                Remedy =
                    "If it was written since, apply it as the boot loader wants and restart the host; otherwise put the list where the loader that boots this host reads it.",
            };
        }
    }
}
