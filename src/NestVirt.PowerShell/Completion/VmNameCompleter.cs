namespace NestVirt.PowerShell.Completion;

/// <summary>Completes the names of virtual machines that the session has seen.</summary>
public sealed class VmNameCompleter() : SeenValueCompleter(SeenKind.VmName);
