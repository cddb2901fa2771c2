namespace NestVirt.PowerShell.Completion;

/// <summary>Completes the numbers of IOMMU groups.</summary>
public sealed class IommuGroupNumberCompleter() : SeenValueCompleter(SeenKind.GroupNumber);
