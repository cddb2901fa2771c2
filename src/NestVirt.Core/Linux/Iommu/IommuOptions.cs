namespace NestVirt.Linux.Iommu;

/// <summary>What the kernel makes of the IOMMU options on its command line.</summary>
/// <remarks>
/// Values from drivers/iommu/amd/init.c, drivers/iommu/intel/iommu.c, arch/x86/kernel/pci-dma.c and amd_gart_64.c of Linux
/// 6.12. Each parser splits at commas and compares by prefix.
/// </remarks>
internal sealed class IommuOptions
{
    private static readonly string[] s_amd =
    [
        "fullflush",
        "force_enable",
        "off",
        "force_isolation",
        "pgtbl_v1",
        "pgtbl_v2",
        "irtcachedis",
        "nohugepages",
        "v2_pgsizes_only",
    ];

    private static readonly string[] s_intel =
    [
        "on",
        "off",
        "igfx_off",
        "intgpu_off",
        "forcedac",
        "strict",
        "sp_off",
        "sm_on",
        "sm_off",
        "tboot_noforce",
    ];

    private static readonly string[] s_common =
    [
        "off",
        "force",
        "noforce",
        "biomerge",
        "panic",
        "nopanic",
        "merge",
        "nomerge",
        "forcesac",
        "allowdac",
        "nodac",
        "usedac",
        "soft",
        "pt",
        "nopt",
        "nobypass",
        "leak",
        "noagp",
        "noaperture",
        "allowed",
        "memaper",
        "fullflush",
        "nofullflush",
    ];

    private readonly List<(string Name, string Value)> _options = [];

    /// <summary>Initializes a new instance of the <see cref="IommuOptions"/> class.</summary>
    /// <param name="commandLine">The kernel's command line, or null.</param>
    public IommuOptions(string? commandLine)
    {
        foreach (string word in Words(commandLine ?? string.Empty).TakeWhile(static word => word != "--"))
        {
            // The kernel reads - as _ in names (kernel/params.c), and takes quotes around a word or a value away.
            string bare = word.Replace("\"", string.Empty, StringComparison.Ordinal);
            int equals = bare.IndexOf('=', StringComparison.Ordinal);
            _options.Add(
                equals < 0
                    ? (bare.Replace('-', '_'), string.Empty)
                    : (bare[..equals].Replace('-', '_'), bare[(equals + 1)..])
            );
        }
    }

    /// <summary>Gets a value indicating whether options ask that the IOMMU stays off.</summary>
    public string? OffOption => Find("intel_iommu", "off") ?? Find("amd_iommu", "off") ?? Find("iommu", "off");

    /// <summary>Gets the option that asks for pass-through, or null.</summary>
    public string? PassthroughOption => Find("iommu", "pt") ?? FindExact("iommu.passthrough", "1", "y", "Y", "on");

    /// <summary>Gets the option that leaves interrupts as they are, or null.</summary>
    public string? InterruptOption => FindExact("intremap", "off") ?? FindName("nointremap");

    /// <summary>Gets the options of the out-of-tree ACS override patch, or null.</summary>
    public string? AcsOverrideOption => FindName("pcie_acs_override");

    /// <summary>Gets the option that takes ACS redirection away from devices, or null.</summary>
    public string? AcsRelaxedOption => Find("pci", "disable_acs_redir") ?? Find("pci", "config_acs");

    /// <summary>Gets the option of a vendor's IOMMU driver, or null.</summary>
    /// <param name="name">intel_iommu or amd_iommu.</param>
    /// <returns>Name and value as they stand.</returns>
    public string? FindName(string name)
    {
        foreach ((string option, string value) in _options)
        {
            if (option == name)
            {
                return value.Length == 0 ? option : $"{option}={value}";
            }
        }

        return null;
    }

    /// <summary>Names the values that no parser knows.</summary>
    /// <returns>Option name and value, and the values of all words of that name that a parser knows.</returns>
    public IEnumerable<(string Name, string Value, string Known)> UselessValues() =>
        from words in _options.GroupBy(static option => option.Name, static option => option.Value)
        let known = KnownValues(words.Key)
        where known is not null
        let values = words
            .SelectMany(static word => word.Split(',', StringSplitOptions.RemoveEmptyEntries))
            .ToLookup(value => known.Any(word => value.StartsWith(word, StringComparison.Ordinal)))
        from value in values[false]
        select (words.Key, value, string.Join(',', values[true]));

    private static string[]? KnownValues(string name) =>
        name switch
        {
            "amd_iommu" => s_amd,
            "intel_iommu" => s_intel,
            "iommu" => s_common,
            _ => null,
        };

    // Quotes keep blanks together, as next_arg() in lib/cmdline.c does.
    private static IEnumerable<string> Words(string text)
    {
        int start = 0;
        bool isQuoted = false;
        for (int at = 0; at <= text.Length; at++)
        {
            if (at < text.Length && (isQuoted || !char.IsWhiteSpace(text[at])))
            {
                isQuoted ^= text[at] == '"';
                continue;
            }

            if (at > start)
            {
                yield return text[start..at];
            }

            start = at + 1;
        }
    }

    private string? Find(string name, string prefix)
    {
        foreach ((string option, string value) in _options)
        {
            if (
                option == name
                && value
                    .Split(name == "pci" ? [',', ';'] : [','])
                    .Any(word => word.StartsWith(prefix, StringComparison.Ordinal))
            )
            {
                return $"{option}={value}";
            }
        }

        return null;
    }

    private string? FindExact(string name, params ReadOnlySpan<string> values)
    {
        foreach ((string option, string value) in _options)
        {
            if (option == name && values.Contains(value))
            {
                return $"{option}={value}";
            }
        }

        return null;
    }
}
