namespace NestVirt.PowerShell.Completion;

/// <summary>Completes the names of vendors.</summary>
public sealed class PciVendorCompleter() : SeenValueCompleter(SeenKind.Vendor);
