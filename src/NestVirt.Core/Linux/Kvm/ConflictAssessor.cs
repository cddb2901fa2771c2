using NestVirt.Guidance;
using NestVirt.Model;

namespace NestVirt.Linux.Kvm;

/// <summary>Finds other hypervisors' modules, which want the virtualization extension for themselves.</summary>
internal static class ConflictAssessor
{
    private const string AtLoad = "enable_virt_at_load";

    private static readonly Dictionary<string, string> s_products = new(StringComparer.Ordinal)
    {
        ["vboxdrv"] = "VirtualBox",
        ["vmmon"] = "VMware",
    };

    /// <summary>Finds a module of another hypervisor that a program has open, and so may hold the extension.</summary>
    /// <param name="listing">The modules.</param>
    /// <returns>The module; null when none is in use by more than modules.</returns>
    public static LoadedModule? Holder(KvmModuleListing listing) =>
        listing.Loaded?.FirstOrDefault(static module =>
            s_products.ContainsKey(module.Name) && module.UseCount > module.UsedBy.Count
        );

    /// <summary>Says that another hypervisor holds the extension.</summary>
    /// <param name="holder">Its module.</param>
    /// <returns>The finding.</returns>
    public static Finding Held(LoadedModule holder) =>
        new(
            FindingCodes.OtherHypervisorRunning,
            Severity.Error,
            $"{s_products[holder.Name]} is running, and KVM is not loaded: only one of them can hold the virtualization extension."
        )
        {
            Evidence = Evidence(holder),
            Remedy = $"Stop the guests of {s_products[holder.Name]}, unload {holder.Name}, then load KVM's module.",
        };

    /// <summary>Names the conflicts.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="listing">The modules.</param>
    /// <returns>A finding for each module of another hypervisor.</returns>
    public static IEnumerable<Finding> Assess(KvmHostState state, KvmModuleListing listing)
    {
        string? held = HeldByKvm(state, listing);
        foreach (
            LoadedModule module in (listing.Loaded ?? []).Where(static module => s_products.ContainsKey(module.Name))
        )
        {
            if (held is not null)
            {
                yield return HeldFromLoading(state, module, held);
                continue;
            }

            yield return new Finding(
                FindingCodes.OtherHypervisorLoaded,
                Severity.Warning,
                $"{s_products[module.Name]}'s module {module.Name} is loaded: while one of the two hypervisors runs guests, the other cannot."
            )
            {
                Evidence = Evidence(module),
                Remedy = $"If {s_products[module.Name]} is not needed here, run: modprobe -r {module.Name}",
            };
        }
    }

    // virt/kvm/kvm_main.c since 6.12: with enable_virt_at_load, kvm_init turns the extension on, not the first guest.
    private static string? HeldByKvm(KvmHostState state, KvmModuleListing listing) =>
        state.NestingModule is "kvm_intel" or "kvm_amd"
        && (listing.StateOf(state.NestingModule), listing.Device.HasStarted)
            is
                (ModuleState.Loaded, _)
                or
                (ModuleState.BuiltIn, true)
        && listing.FindParameter("kvm", AtLoad)?.Value is "Y" or "y" or "1"
            ? $"/sys/module/kvm/parameters/{AtLoad}: Y"
            : null;

    private static Finding HeldFromLoading(KvmHostState state, LoadedModule module, string evidence)
    {
        string product = s_products[module.Name];
        bool isBuiltIn = state.Configuration.Listing.StateOf("kvm") == ModuleState.BuiltIn;
        string newer = module.Name == "vboxdrv" ? " VirtualBox 7.2.10 and later wants it left at 1." : string.Empty;
        string unload = isBuiltIn
            ? string.Empty
            : $", or unload KVM while {product} runs guests: modprobe -r {state.NestingModule}";
        return new Finding(
            FindingCodes.KvmHoldsExtension,
            Severity.Warning,
            $"KVM holds {state.Extension ?? "the virtualization extension"} from the moment it is loaded, guests or not, so that {product} cannot start its own."
        )
        {
            Evidence = $"{evidence}; {Evidence(module)}",
            Remedy = $"Set kvm.{AtLoad}=0, so that KVM takes it with its first guest{unload}.{newer}",
            Mend = state.Machine.IsWsl
                ? null
                : new CommandCall(
                    OwnCommand.SetModule,
                    (CommandArgument.Module, "kvm"),
                    (CommandArgument.Parameter, $"{AtLoad}=0")
                ),
        };
    }

    private static string Evidence(LoadedModule module) =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"/proc/modules: {module.Name}, use count {module.UseCount}"
        );
}
