namespace NestVirt.PowerShell.Completion;

/// <summary>Completes what a device may be bound to.</summary>
public sealed class PciDriverChoiceCompleter() : SeenValueCompleter(SeenKind.Driver, "vfio-pci", "host");
