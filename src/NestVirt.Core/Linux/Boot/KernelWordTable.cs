namespace NestVirt.Linux.Boot;

/// <summary>The kernel's words that decide on nesting and on giving devices away, and the values that they take.</summary>
/// <remarks>
/// Linux 6.1 and later: drivers/iommu/intel/iommu.c (intel_iommu_setup), drivers/iommu/amd/init.c
/// (parse_amd_iommu_options), arch/x86/kernel/pci-dma.c (iommu_setup) with amd_gart_64.c (gart_parse_options),
/// drivers/iommu/irq_remapping.c (setup_irqremap), drivers/vfio, arch/x86/kvm; pcie_acs_override is of a patch that
/// distributions carry. Each of these list parsers splits at commas and compares by prefix, upper and lower case apart.
/// </remarks>
internal static class KernelWordTable
{
    private static readonly Dictionary<string, string[]> s_values = new(StringComparer.Ordinal)
    {
        ["intel_iommu"] = Words(
            "on off igfx_off intgpu_off forcedac strict sp_off sm_on sm_off tboot_noforce nobounce"
        ),
        ["amd_iommu"] = Words(
            "fullflush force_enable off force_isolation pgtbl_v1 pgtbl_v2 irtcachedis nohugepages v2_pgsizes_only"
        ),
        ["iommu"] = Words(
            """
            off force noforce biomerge panic nopanic merge nomerge forcesac allowdac nodac usedac soft pt nopt nobypass
            leak noagp noaperture allowed memaper fullflush nofullflush
            """
        ),
        ["intremap"] = Words("on off nosid no_x2apic_optout nopost posted_msi"),
        ["pcie_acs_override"] = Words("downstream multifunction id:"),
    };

    private static readonly Dictionary<string, string[]> s_modules = new(StringComparer.Ordinal)
    {
        ["iommu"] = Words("passthrough strict forcedac"),
        ["vfio-pci"] = Words("ids disable_vga disable_idle_d3 nointxmask enable_sriov disable_denylist"),
        ["vfio_iommu_type1"] = Words("allow_unsafe_interrupts disable_hugepages dma_entry_limit"),
        ["vfio"] = Words("enable_unsafe_noiommu_mode"),
        ["kvm-arm"] = Words("mode"),
        ["kvm-hv"] = Words("nested"),
        ["kvm-intel"] = Words(
            """
            nested ept vpid vnmi unrestricted_guest enable_apicv enable_shadow_vmcs enlightened_vmcs preemption_timer
            enable_ipiv pml sgx tdx
            """
        ),
        ["kvm-amd"] = Words("nested npt avic vgif vnmi vls nrips sev sev_es sev_snp force_avic enable_ipiv"),
        ["kvm"] = Words("ignore_msrs report_ignored_msrs nx_huge_pages halt_poll_ns tdp_mmu enable_virt_at_load"),
    };

    // What guides and forums write, too far from the name for a count of letters.
    private static readonly Dictionary<string, string> s_aliases = new(StringComparer.Ordinal)
    {
        ["vfio.ids"] = "vfio-pci.ids",
        ["vfio_ids"] = "vfio-pci.ids",
        ["vfio.pci"] = "vfio-pci.ids",
        ["vfio_pci"] = "vfio-pci.ids",
        ["vfio_pci.id"] = "vfio-pci.ids",
        ["vfio_pci.devices"] = "vfio-pci.ids",
        ["vfio_pci.device_ids"] = "vfio-pci.ids",
        ["iommu_pt"] = "iommu.passthrough",
        ["iommu.pt"] = "iommu.passthrough",
        ["vtd"] = "intel_iommu",
        ["vt_d"] = "intel_iommu",
        ["acs_override"] = "pcie_acs_override",
        ["pci_acs_override"] = "pcie_acs_override",
        ["kvm_intel.npt"] = "kvm-intel.ept",
        ["kvm_amd.ept"] = "kvm-amd.npt",
        ["kvm_intel.nesting"] = "kvm-intel.nested",
        ["kvm_amd.nesting"] = "kvm-amd.nested",
    };

    /// <summary>Gets the names, as they are usually written, by what the kernel compares: a dash is an underscore.</summary>
    public static IReadOnlyDictionary<string, string> Names { get; } =
        s_values
            .Keys.Concat(["nointremap", "video", "pci", "hugepages", "hugepagesz", "default_hugepagesz"])
            .Concat(["modprobe.blacklist", "module_blacklist"])
            .Concat(s_modules.SelectMany(static module => module.Value.Select(name => $"{module.Key}.{name}")))
            .ToDictionary(Key, StringComparer.Ordinal);

    /// <summary>Gets the modules by what the kernel compares, with their parameters.</summary>
    public static IReadOnlyDictionary<string, string[]> Modules { get; } =
        s_modules.ToDictionary(static module => Key(module.Key), static module => module.Value);

    /// <summary>Gets a name as the kernel compares it (dash2underscore() of kernel/params.c).</summary>
    /// <param name="name">The name.</param>
    public static string Key(string name) => name.Replace('-', '_');

    /// <summary>Gets the values that a word takes in a list; null where it takes others.</summary>
    /// <param name="key">The name as the kernel compares it.</param>
    public static IReadOnlyList<string>? Values(string key) => s_values.GetValueOrDefault(key);

    /// <summary>Tells whether a parser knows an element of a list.</summary>
    /// <param name="key">The name as the kernel compares it.</param>
    /// <param name="element">The element.</param>
    public static bool Takes(string key, string element) =>
        s_values.TryGetValue(key, out string[]? known)
        && (
            Array.Exists(known, word => element.StartsWith(word, StringComparison.Ordinal))
            // gart_parse_options() takes a size.
            || (key == "iommu" && element.Length > 1 && element.All(char.IsAsciiDigit))
        );

    /// <summary>Gets what a usual wrong name stands for, or null.</summary>
    /// <param name="key">The wrong name in lower case, as the kernel compares it.</param>
    public static string? Alias(string key) => s_aliases.GetValueOrDefault(key);

    private static string[] Words(string text) => text.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
}
