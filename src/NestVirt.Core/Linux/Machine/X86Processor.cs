using System.Globalization;

namespace NestVirt.Linux.Machine;

/// <summary>An x86 processor by its maker's numbers, and what those tell of its virtualization extension.</summary>
/// <param name="info">The lines of /proc/cpuinfo.</param>
/// <param name="flags">Its flags.</param>
/// <param name="lscpu">What lscpu says, for what the lines do not tell.</param>
internal sealed class X86Processor(CpuInfo info, X86Flags flags, LscpuReading lscpu)
{
    /// <summary>Intel's extension, and that of Centaur and Zhaoxin.</summary>
    public const string VtX = "VT-x";

    /// <summary>AMD's extension, and that of Hygon.</summary>
    public const string AmdV = "AMD-V";

    private const string Intel = "GenuineIntel";
    private const string Amd = "AuthenticAMD";

    private static readonly HashSet<string> s_vendors =
    [
        Intel,
        Amd,
        "HygonGenuine",
        "CentaurHauls",
        "Shanghai",
        "GenuineTMx86",
        "TransmetaCPU",
        "CyrixInstead",
        "Geode by NSC",
        "PowerVM Lx86",
        "User Mode Linux",
    ];

    /// <summary>Gets a value indicating whether the processor is of this architecture.</summary>
    public bool IsX86 => flags.IsPresent || ShownExtension is not null || IsVendor(Vendor);

    /// <summary>Gets the extension whose flag is shown, or null.</summary>
    public string? ShownExtension =>
        flags.Any("svm") ? AmdV
        : flags.Any("vmx") ? VtX
        : lscpu.Virtualization is VtX or AmdV ? lscpu.Virtualization
        : null;

    /// <summary>Gets the extension that the maker's processors have, where they have one.</summary>
    public string Extension => ShownExtension ?? (Vendor is Amd or "HygonGenuine" ? AmdV : VtX);

    /// <summary>Gets a value indicating whether the extension is AMD's.</summary>
    public bool IsAmd => Extension == AmdV;

    /// <summary>Gets the flag of the extension.</summary>
    public string Flag => IsAmd ? "svm" : "vmx";

    /// <summary>Gets the module that drives the extension.</summary>
    public string Module => IsAmd ? "kvm_amd" : "kvm_intel";

    /// <summary>Gets a value indicating whether every processor of this name has VT-x.</summary>
    /// <remarks>So it is with every Core i and Core Ultra, and every Xeon since the Core microarchitecture.</remarks>
    public bool IsOfSeriesWithVtX =>
        !IsAmd
        && (info["model name"] ?? lscpu.ModelName) is string model
        && (
            model.Contains("Core(TM) i", StringComparison.Ordinal)
            || model.Contains("Core(TM) Ultra", StringComparison.Ordinal)
            || (model.Contains("Xeon", StringComparison.Ordinal) && Numbers is (6, >= 15))
        );

    /// <summary>
    /// Gets a value indicating whether the processor is older than its maker's extension, or its maker had none.
    /// </summary>
    /// <remarks>
    /// VT-x came with the Pentium 4 662 and 672 (family 15, model 4) and the Core Duo (family 6, model 14); AMD-V with
    /// revision F of family 15, which is model 64.
    /// </remarks>
    public bool IsOlderThanExtension =>
        (Vendor, Numbers) switch
        {
            (Intel, (int family, int model)) => family < 6 || (family, model) is (6, < 14) or (15, < 4),
            (Amd, (int family, int model)) => family < 15 || (family, model) is (15, < 64),
            _ => Vendor is "GenuineTMx86" or "TransmetaCPU" or "CyrixInstead" or "Geode by NSC",
        };

    /// <summary>Gets the maker's numbers, for evidence.</summary>
    public string Description => $"{Vendor} family {info["cpu family"]} model {info["model"]}";

    /// <summary>Tells whether a word is the id of a maker of processors of this architecture.</summary>
    /// <param name="id">The word, or null.</param>
    /// <returns>True if it is.</returns>
    public static bool IsVendor(string? id) => id is not null && s_vendors.Contains(id);

    private string Vendor => info["vendor_id"] ?? lscpu.VendorId ?? string.Empty;

    private (int Family, int Model)? Numbers =>
        TryRead("cpu family", out int family) && TryRead("model", out int model) ? (family, model) : null;

    private bool TryRead(string key, out int number) =>
        int.TryParse(info[key], NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
