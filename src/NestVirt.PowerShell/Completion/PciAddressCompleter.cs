namespace NestVirt.PowerShell.Completion;

/// <summary>Completes PCI addresses.</summary>
public sealed class PciAddressCompleter() : SeenValueCompleter(SeenKind.Address);
