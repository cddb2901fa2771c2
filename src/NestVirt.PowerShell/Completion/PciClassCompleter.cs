namespace NestVirt.PowerShell.Completion;

/// <summary>Completes the names of PCI classes, by pci.ids.</summary>
public sealed class PciClassCompleter()
    : SeenValueCompleter(
        SeenKind.Class,
        "3D controller",
        "Audio device",
        "Ethernet controller",
        "Host bridge",
        "Non-Volatile memory controller",
        "PCI bridge",
        "RAID bus controller",
        "SATA controller",
        "USB controller",
        "VGA compatible controller"
    );
