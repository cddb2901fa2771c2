using System.Globalization;

namespace NestVirt.Linux.Kvm;

/// <summary>The parameters that KVM's modules have or had in some release.</summary>
/// <remarks>
/// From module_param lines of arch/x86/kvm/{vmx,svm}, arch/x86/kvm/x86.c, virt/kvm/kvm_main.c, arch/s390/kvm and
/// arch/powerpc/kvm. A parameter that is a bool in some releases and a number in others is listed as Other: where the
/// module is not loaded, what one of the two takes is let pass. A loaded module tells by its value in sysfs: Y or N for
/// a bool, digits for a number.
/// </remarks>
internal static class KvmParameterCatalog
{
    /// <summary>The parameter that decides on nesting.</summary>
    public const string Nested = "nested";

    private static readonly string[] s_generic = ["async_probe", "dyndbg"];

    // Parameters with functions of their own that read them (mmu.c: set_nx_huge_pages; avic.c: avic_param_set).
    private static readonly Dictionary<string, string[]> s_words = new(StringComparer.Ordinal)
    {
        ["kvm.nx_huge_pages"] = ["off", "force", "auto", "never"],
        ["kvm_amd.avic"] = ["auto"],
    };

    // Numbers of a narrower type than the others, whose type differs among releases (int or uint).
    private static readonly Dictionary<string, (long Least, long Most)> s_ranges = new(StringComparer.Ordinal)
    {
        ["kvm_amd.nested"] = (int.MinValue, int.MaxValue),
        ["kvm.nested"] = (int.MinValue, int.MaxValue),
        ["kvm.halt_poll_ns"] = (0, uint.MaxValue),
        ["kvm.halt_poll_ns_grow"] = (0, uint.MaxValue),
        ["kvm.halt_poll_ns_grow_start"] = (0, uint.MaxValue),
        ["kvm.halt_poll_ns_shrink"] = (0, uint.MaxValue),
        ["kvm.min_timer_period_us"] = (0, uint.MaxValue),
        ["kvm.nx_huge_pages_recovery_period_ms"] = (0, uint.MaxValue),
        ["kvm.nx_huge_pages_recovery_ratio"] = (0, uint.MaxValue),
        ["kvm.tsc_tolerance_ppm"] = (0, uint.MaxValue),
        ["kvm_amd.pause_filter_count"] = (0, ushort.MaxValue),
        ["kvm_amd.pause_filter_count_grow"] = (0, ushort.MaxValue),
        ["kvm_amd.pause_filter_count_max"] = (0, ushort.MaxValue),
        ["kvm_amd.pause_filter_count_shrink"] = (0, ushort.MaxValue),
        ["kvm_amd.pause_filter_thresh"] = (0, ushort.MaxValue),
    };

    // Shown as a number and read as a bool (x86.c: bint), or neither.
    private static readonly string[] s_unjudged = ["pi_inject_timer", "vmentry_l1d_flush"];

    private static readonly Dictionary<string, Dictionary<string, ModuleParameterKind>> s_modules = new(
        StringComparer.Ordinal
    )
    {
        ["kvm"] = Table(
            bools: """
            eager_page_split enable_device_posted_irqs enable_pmu enable_virt_at_load enable_vmware_backdoor
            flush_on_reuse ignore_msrs kvmclock_periodic_sync mitigate_smt_rsb mmio_caching report_ignored_msrs
            tdp_mmu vector_hashing use_gisa
            """,
            numbers: """
            diag9c_forwarding_hz halt_poll_max_steal halt_poll_ns halt_poll_ns_grow halt_poll_ns_grow_start
            halt_poll_ns_shrink hpage lapic_timer_advance_ns min_timer_period_us nx_huge_pages_recovery_period_ms
            nx_huge_pages_recovery_ratio tsc_tolerance_ppm
            """,
            others: """
            allow_unsafe_assigned_interrupts allow_unsafe_mappings dbg force_emulation_prefix nx_huge_pages oos_shadow
            pi_inject_timer
            """
        ),
        ["kvm_intel"] = Table(
            bools: """
            allow_smaller_maxphyaddr dump_invalid_vmcs emulate_invalid_guest_state enable_apicv enable_ipiv
            enable_shadow_vmcs enlightened_vmcs ept eptad error_on_inconsistent_vmcs_config fasteoi flexpriority nested
            nested_early_check pml preemption_timer sgx tdx unrestricted_guest vmm_exclusive vnmi vpid
            """,
            numbers: """
            ple_gap ple_window ple_window_actual_max ple_window_grow ple_window_max ple_window_shrink pt_mode
            """,
            others: "bypass_guest_pf vmentry_l1d_flush warn_on_missed_cc yield_on_hlt"
        ),
        ["kvm_amd"] = Table(
            bools: "debug_swap dump_invalid_vmcb force_avic intercept_smi sev_snp",
            numbers: """
            ciphertext_hiding_asids nested pause_filter_count pause_filter_count_grow pause_filter_count_max
            pause_filter_count_shrink pause_filter_thresh
            """,
            others: "avic enable_ipiv lbrv npt nrips sev sev_es tsc_scaling vgif vls vnmi"
        ),
        ["kvm_hv"] = Table(
            bools: "h_ipi_redirect indep_threads_mode kvm_irq_bypass nested no_mixing_hpt_and_radix one_vm_per_core",
            numbers: "dynamic_mt_modes halt_poll_ns halt_poll_ns_grow halt_poll_ns_shrink target_smt_mode",
            others: string.Empty
        ),
        ["kvm_pr"] = [],
    };

    /// <summary>Gets the modules that have a table.</summary>
    public static IReadOnlyCollection<string> Modules => s_modules.Keys;

    /// <summary>Gets the names of a module's parameters.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>The names; none for a module without a table.</returns>
    public static IReadOnlyCollection<string> Names(string module) =>
        s_modules.TryGetValue(module, out Dictionary<string, ModuleParameterKind>? table) ? table.Keys : [];

    /// <summary>Tells whether any module takes a parameter, such as dyndbg.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <returns>True if the kernel itself handles it.</returns>
    public static bool IsGeneric(string parameter) => Array.IndexOf(s_generic, parameter) >= 0;

    /// <summary>Gets the least and the greatest number that a parameter takes in any release.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <param name="parameter">The parameter.</param>
    /// <returns>The two.</returns>
    public static (long Least, long Most) RangeOf(string module, string parameter) =>
        s_ranges.TryGetValue($"{module}.{parameter}", out (long, long) range) ? range : (int.MinValue, uint.MaxValue);

    /// <summary>Finds the module other than the given one that has a parameter.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="module">The module to leave out.</param>
    /// <param name="preferred">The module to name first, or null.</param>
    /// <returns>The other module, or null.</returns>
    public static string? OtherOwner(string parameter, string module, string? preferred) =>
        s_modules
            .Keys.Where(other => other != module && s_modules[other].ContainsKey(parameter))
            .OrderByDescending(other => other == preferred)
            .FirstOrDefault();

    /// <summary>Tells the kind of a parameter.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <param name="parameter">The parameter.</param>
    /// <param name="value">The value that sysfs shows, or null.</param>
    /// <param name="isS390">Whether this is s390, where the module kvm has a number <c>nested</c>.</param>
    /// <returns>The kind; the value of a loaded module decides.</returns>
    public static ModuleParameterKind KindOf(string module, string parameter, string? value, bool isS390 = false) =>
        value switch
        {
            "Y" or "N" => ModuleParameterKind.Bool,
            _ when module == "kvm" && parameter == Nested => isS390
                ? ModuleParameterKind.Number
                : ModuleParameterKind.Other,
            _ => s_modules.GetValueOrDefault(module)?.GetValueOrDefault(parameter) switch
            {
                { } when Array.IndexOf(s_unjudged, parameter) >= 0 => ModuleParameterKind.Other,

                // A loaded module that shows digits where the table says bool had a number in its release.
                { } when IsNumber(value) => ModuleParameterKind.Number,
                ModuleParameterKind.Bool when value is not null => ModuleParameterKind.Other,
                { } kind => kind,
                null => ModuleParameterKind.Other,
            },
        };

    /// <summary>Tells whether a parameter is a bool in some releases and a number in others.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <param name="parameter">The parameter.</param>
    /// <returns>True if so: what neither takes is no value of it.</returns>
    internal static bool IsSwitch(string module, string parameter) =>
        s_modules.GetValueOrDefault(module)?.GetValueOrDefault(parameter, ModuleParameterKind.Bool)
            == ModuleParameterKind.Other
        && parameter != "vmentry_l1d_flush";

    /// <summary>Tells whether a word is one that a parameter takes beside the values of its kind.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <param name="parameter">The parameter.</param>
    /// <param name="value">The word, or null.</param>
    /// <returns>True if it does.</returns>
    internal static bool TakesWord(string module, string parameter, string? value) =>
        value is not null
        && s_words.TryGetValue($"{module}.{parameter}", out string[]? words)
        && Array.IndexOf(words, value) >= 0;

    private static bool IsNumber(string? value) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private static Dictionary<string, ModuleParameterKind> Table(string bools, string numbers, string others)
    {
        Dictionary<string, ModuleParameterKind> table = new(StringComparer.Ordinal);
        Add(bools, ModuleParameterKind.Bool);
        Add(numbers, ModuleParameterKind.Number);
        Add(others, ModuleParameterKind.Other);
        return table;

        void Add(string names, ModuleParameterKind kind)
        {
            foreach (string name in names.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
            {
                table.Add(name, kind);
            }
        }
    }
}
