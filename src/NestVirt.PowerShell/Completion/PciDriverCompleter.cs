namespace NestVirt.PowerShell.Completion;

/// <summary>Completes the names of drivers, by which devices are chosen.</summary>
public sealed class PciDriverCompleter() : SeenValueCompleter(SeenKind.Driver, "none", "vfio-pci");
