namespace NestVirt.PowerShell.Completion;

/// <summary>Completes the names of the modules that make KVM.</summary>
public sealed class KvmModuleNameCompleter()
    : SeenValueCompleter(SeenKind.ModuleName, "kvm", "kvm_amd", "kvm_hv", "kvm_intel");
