using NestVirt.Guidance;
using NestVirt.Linux.Boot;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Iommu;

/// <summary>Says why no IOMMU works on a machine, and what this machine needs for one: never what it has already.</summary>
internal static class IommuOffReasons
{
    private const string NoGroups = "/sys/kernel/iommu_groups holds no device";
    private const string TableFolder = "/sys/firmware/acpi/tables";
    private const string Consequence = "so no device can be passed through";

    /// <summary>Names the reason.</summary>
    /// <param name="machine">The machine, whose IOMMU is off.</param>
    /// <returns>The finding; null where nothing is known of firmware and words.</returns>
    public static Finding? Find(IommuMachine machine) =>
        machine.Facts.XenControlDomain is not null ? Xen(machine.Facts)
        : machine.IsX86 && Off(machine) is { } off ? TurnedOff(machine, off)
        : machine.Facts.Description is { } table ? Unused(machine, table)
        : machine.Facts.HasAcpiTables ? NotDescribed(machine)
        : null;

    /// <summary>Says whose the IOMMU of Xen's control domain is.</summary>
    /// <param name="facts">The facts.</param>
    public static Finding Xen(IommuFacts facts) =>
        new(
            FindingCodes.IommuOfXen,
            Severity.Information,
            "Linux runs as Xen's control domain here: the IOMMU is Xen's, and whether it is on is not seen from Linux."
        )
        {
            Evidence = HostText.ForDisplay(facts.XenControlDomain!, 120),
            Remedy =
                "Ask Xen: xl info (virt_caps names hvm_directio where the IOMMU is on), and xl dmesg for its lines of I/O virtualisation; it is set by iommu= on Xen's own command line, not the kernel's.",
        };

    private static string? Off(IommuMachine machine) =>
        machine.Options.OffOption(machine.IsIntel || !machine.IsAmd, machine.IsAmd || !machine.IsIntel);

    private static Finding TurnedOff(IommuMachine machine, string off)
    {
        string? on = machine.Options.IntelOn;
        bool contradicts = on is not null && machine.IsIntel;
        return new Finding(
            FindingCodes.IommuTurnedOff,
            Severity.Warning,
            contradicts && on != off
                ? $"The kernel command line turns the IOMMU off: {HostText.ForDisplay(off, 80)} wins over {HostText.ForDisplay(on!, 80)}, {Consequence}."
                : $"The kernel command line turns the IOMMU off, {Consequence}."
        )
        {
            Evidence = IommuAssessor.Quote(off),
            Remedy = WillBeOn(machine, needsWord: false, off) is { } path
                ? $"Reboot: {HostText.ForDisplay(path, 80)} has no such word any more."
                : $"Remove {PlainWord.Or(off, "that word")} from the kernel command line and reboot.",
            Mend = Mend(machine),
        };
    }

    // The firmware has one, and the kernel does not use it.
    private static Finding Unused(IommuMachine machine, string table)
    {
        if (machine.Failure is { } failure)
        {
            return new Finding(
                FindingCodes.IommuOff,
                Severity.Warning,
                $"The firmware describes an IOMMU ({table}), and the kernel has given it up, {Consequence}."
            )
            {
                Evidence = $"kernel log: {string.Join("; ", failure.Lines)}; {NoGroups}",
                Remedy = failure.Remedy,
            };
        }

        string log = table switch
        {
            "DMAR" => "DMAR",
            "IVRS" => "AMD-Vi",
            "IORT" => "arm-smmu",
            _ => "iommu",
        };
        string config = table switch
        {
            "DMAR" => "CONFIG_INTEL_IOMMU",
            "IVRS" => "CONFIG_AMD_IOMMU",
            "IORT" => "CONFIG_ARM_SMMU_V3 and CONFIG_ARM_SMMU",
            _ => "CONFIG_VIRTIO_IOMMU",
        };
        string look =
            $"Look in the kernel log for lines of {log} (dmesg | grep -i -e {log} -e iommu), which say why it is not used; see whether this kernel has {config} ({Config(machine)}), and whether a newer firmware mends its table.";
        Finding finding = new(
            FindingCodes.IommuOff,
            Severity.Warning,
            $"The firmware describes an IOMMU ({table}), and the kernel does not use it, {Consequence}."
        )
        {
            Evidence = $"{TableFolder}/{table} is there; {NoGroups}",
            Remedy = look,
        };
        if (table != "DMAR")
        {
            return table == "IVRS" && machine.Options.FindName("amd_iommu") is { } amd
                ? finding with
                {
                    Evidence = $"{IommuAssessor.Quote(amd)}; {finding.Evidence}",
                }
                : finding;
        }

        if (machine.Options.IntelOn is { } on)
        {
            return new Finding(
                FindingCodes.IommuOff,
                Severity.Warning,
                $"{HostText.ForDisplay(on, 80)} is on the kernel command line and without effect: the firmware describes an IOMMU (DMAR), and the kernel does not use it, {Consequence}."
            )
            {
                Evidence = $"{IommuAssessor.Quote(on)}; {TableFolder}/DMAR is there; {NoGroups}",
                Remedy = look,
            };
        }

        return finding with
        {
            Evidence = $"{finding.Evidence}{MisspeltEvidence(machine)}",
            Remedy = HowToTurnOn(machine),
            Mend = Mend(machine),
        };
    }

    // Whatever has the word already is named before anything is to be added.
    private static string HowToTurnOn(IommuMachine machine)
    {
        if (Misspelt(machine) is { } misspelt)
        {
            return $"Write {misspelt.Meant} on the kernel command line instead of {PlainWord.Or(misspelt.Written, "what stands there")}, and reboot.";
        }

        if (WillBeOn(machine, needsWord: true, null) is { } path)
        {
            return $"Reboot: {HostText.ForDisplay(path, 80)} has intel_iommu=on for the next boot.";
        }

        UnusedBootSetting? setting = machine.Unused.FirstOrDefault(static unused =>
            new IommuOptions(string.Join(' ', unused.Words.Select(static word => word.Text))).IntelOn is not null
        );
        return setting is not null
                ? $"{HostText.ForDisplay(setting.Path, 80)} has intel_iommu=on; {setting.Clause}. {setting.Remedy}"
            : machine.Way?.Edit is { } edit ? $"Add intel_iommu=on to the kernel command line: {edit}; then reboot."
            : "Add intel_iommu=on to the kernel command line and reboot.";
    }

    private static MisspeltKernelWord? Misspelt(IommuMachine machine) =>
        KernelWordSpelling
            .Find(machine.Facts.CommandLine ?? string.Empty)
            .FirstOrDefault(static word => new IommuOptions(word.Meant).IntelOn is not null);

    private static string MisspeltEvidence(IommuMachine machine) =>
        Misspelt(machine) is { } word ? $"; {IommuAssessor.Quote(word.Written)}" : string.Empty;

    private static string? WillBeOn(IommuMachine machine, bool needsWord, string? off)
    {
        if (machine.Next is not { AssumedBecause: null } next)
        {
            return null;
        }

        bool isOn = next
            .Candidates.Select(static line => new IommuOptions(line.Text))
            .All(options =>
                options.OffOption(isIntel: true, isAmd: true) is null && (!needsWord || options.IntelOn is not null)
            );
        return isOn && (off is null || next.Candidates.All(line => !line.Text.Contains(off, StringComparison.Ordinal)))
            ? next.Candidates[0].Source
            : null;
    }

    private static CommandCall? Mend(IommuMachine machine) =>
        machine.Way?.Edit is null ? new CommandCall(OwnCommand.EnableIommu) : null;

    private static string Config(IommuMachine machine) =>
        machine.KernelRelease is { } release && PlainWord.Is(release) ? $"/boot/config-{release}" : "its configuration";

    /// <summary>Says that the firmware describes no IOMMU, whatever words are on the command line.</summary>
    /// <param name="machine">The machine.</param>
    internal static Finding NotDescribed(IommuMachine machine)
    {
        bool hasIort = machine.Facts.Tables.Contains("IORT");
        string? on = machine.IsX86 && machine.IsIntel ? machine.Options.IntelOn : null;
        string message =
            hasIort && machine.Facts.HasSmmu is null
                ? $"No IOMMU is in use, {Consequence}; whether the firmware has an SMMU turned on is not known: each Arm server has a table IORT, for its interrupts."
            : hasIort ? $"The firmware describes no SMMU, {Consequence}: its table IORT is there for interrupts alone."
            : on is not null
                ? $"{HostText.ForDisplay(on, 80)} is on the kernel command line and without effect: the firmware describes no IOMMU, {Consequence}."
            : $"The firmware describes no IOMMU, {Consequence}.";
        string evidence =
            hasIort && machine.Facts.HasSmmu is null ? $"{TableFolder}/IORT is there and was not read; {NoGroups}"
            : hasIort ? $"{TableFolder}/IORT has no node of an SMMU; {NoGroups}"
            : $"{TableFolder} holds none of DMAR, IVRS, IORT, VIOT";
        return new Finding(FindingCodes.IommuNotDescribed, Severity.Warning, message)
        {
            Evidence = on is null ? evidence : $"{IommuAssessor.Quote(on)}; {evidence}",
            Remedy = FirmwareRemedy(machine),
        };
    }

    private static string FirmwareRemedy(IommuMachine machine) =>
        machine.Hypervisor switch
        {
            _ when machine.Way?.Loader == BootLoader.Wsl =>
                "The machine of WSL has no IOMMU, and none can be given to it: use a machine of its own.",
            { } vendor =>
                $"This machine is a guest ({HostText.ForDisplay(vendor, 40)}): give it a virtual IOMMU where its hypervisor has one, or do this on the host below.",
            _ when machine.IsArm =>
                "Turn on the SMMU (on some boards called IOMMU, or SMMU v3) in the firmware setup, and update the firmware where it has no such setting.",
            _ when !machine.IsX86 => "Turn on the IOMMU in the firmware, where it has one.",
            _ when machine.IsIntel =>
                "Turn on VT-d (also called Intel Virtualization Technology for Directed I/O) in the firmware setup; it is a setting beside VT-x.",
            _ when machine.IsAmd =>
                "Turn on IOMMU (also called AMD-Vi; often below AMD CBS, NBIO) in the firmware setup; Auto may mean off. It is a setting beside SVM.",
            _ =>
                "Turn on VT-d (Intel) or AMD-Vi, also called IOMMU (AMD), in the firmware setup; in a guest, give it a virtual IOMMU.",
        };
}
