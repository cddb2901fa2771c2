namespace NestVirt.PowerShell.Completion;

/// <summary>Completes the names of drivers.</summary>
public sealed class PciDriverCompleter() : SeenValueCompleter(SeenKind.Driver, "vfio-pci");
