using NestVirt.Model;

namespace NestVirt.Linux.Kvm;

/// <summary>Finds other hypervisors' modules, which want the virtualization extension for themselves.</summary>
internal static class ConflictAssessor
{
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
    /// <param name="listing">The modules.</param>
    /// <returns>A finding for each module of another hypervisor.</returns>
    public static IEnumerable<Finding> Assess(KvmModuleListing listing)
    {
        foreach (
            LoadedModule module in (listing.Loaded ?? []).Where(static module => s_products.ContainsKey(module.Name))
        )
        {
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

    private static string Evidence(LoadedModule module) =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"/proc/modules: {module.Name}, use count {module.UseCount}"
        );
}
