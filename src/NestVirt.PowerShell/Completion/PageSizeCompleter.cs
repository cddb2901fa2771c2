namespace NestVirt.PowerShell.Completion;

/// <summary>Completes the sizes that huge pages have on most machines.</summary>
public sealed class PageSizeCompleter() : SeenValueCompleter(null, "2MB", "1GB");
