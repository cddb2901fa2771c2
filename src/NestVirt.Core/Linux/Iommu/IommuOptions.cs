using NestVirt.Linux.Boot;
using NestVirt.Text;

namespace NestVirt.Linux.Iommu;

/// <summary>What the kernel makes of the IOMMU options on its command line.</summary>
/// <remarks>
/// Linux 6.1 to 6.12. intel_iommu_setup() of drivers/iommu/intel/iommu.c sets and clears one flag, so of on and off the
/// last counts. parse_amd_iommu_options() of drivers/iommu/amd/init.c and iommu_setup() of arch/x86/kernel/pci-dma.c
/// have an off that nothing takes back, and no on. iommu=pt, iommu=nopt and iommu.passthrough= (iommu_set_def_domain_type()
/// of drivers/iommu/iommu.c) set one type, and the last counts; so it is with intremap= (drivers/iommu/irq_remapping.c).
/// </remarks>
internal sealed class IommuOptions
{
    private const string Intel = "intel_iommu";
    private const string Amd = "amd_iommu";
    private const string Common = "iommu";

    private readonly KernelArgument[] _words;

    /// <summary>Initializes a new instance of the <see cref="IommuOptions"/> class.</summary>
    /// <param name="commandLine">The kernel's command line, or null.</param>
    public IommuOptions(string? commandLine) =>
        _words = [.. new KernelCommandLine(commandLine ?? string.Empty, string.Empty).Arguments];

    /// <summary>Gets the word that turns Intel's IOMMU on, or null; a later off takes it back.</summary>
    public string? IntelOn => Last(Intel, "on", "off") is ("on", { } word) ? word.Text : null;

    /// <summary>Gets the word that asks for pass-through, or null.</summary>
    public string? PassthroughOption
    {
        get
        {
            string? option = null;
            foreach (KernelArgument word in _words)
            {
                string key = KernelWordTable.Key(word.Name);
                option =
                    key == "iommu.passthrough"
                        ? ToBool(word.Value) switch
                        {
                            true => word.Text,
                            false => null,
                            null => option,
                        }
                    : key == Common
                        ? Elements(word)
                            .LastOrDefault(static element => Begins(element, "pt") || Begins(element, "nopt")) switch
                        {
                            { } last => Begins(last, "pt") ? word.Text : null,
                            null => option,
                        }
                    : option;
            }

            return option;
        }
    }

    /// <summary>Gets the word that leaves interrupts as they are, or null.</summary>
    public string? InterruptOption
    {
        get
        {
            string? option = null;
            foreach (KernelArgument word in _words)
            {
                string key = KernelWordTable.Key(word.Name);
                string? last = Elements(word)
                    .LastOrDefault(static element => Begins(element, "on") || Begins(element, "off"));
                option =
                    key == "nointremap" || (key == "intremap" && last is not null && Begins(last, "off")) ? word.Text
                    : key == "intremap" && last is not null ? null
                    : option;
            }

            return option;
        }
    }

    /// <summary>Gets the word of the out-of-tree ACS override patch, or null.</summary>
    public string? AcsOverrideOption => FindName("pcie_acs_override");

    /// <summary>Gets the word that takes ACS redirection away from devices, or null.</summary>
    public string? AcsRelaxedOption =>
        Array
            .Find(
                _words,
                static word =>
                    KernelWordTable.Key(word.Name) == "pci"
                    && word.Value?.Split([',', ';'])
                        .Any(static one => Begins(one, "disable_acs_redir") || Begins(one, "config_acs")) == true
            )
            ?.Text;

    /// <summary>Finds the word that keeps the IOMMU off.</summary>
    /// <param name="isIntel">Whether the machine has, or may have, Intel's.</param>
    /// <param name="isAmd">Whether the machine has, or may have, AMD's.</param>
    /// <returns>The word as it stands, or null.</returns>
    public string? OffOption(bool isIntel, bool isAmd) =>
        Find(Common, "off")?.Text
        ?? (isAmd ? Find(Amd, "off")?.Text : null)
        ?? (isIntel && Last(Intel, "on", "off") is ("off", { } word) ? word.Text : null);

    /// <summary>Gets the first word of a name, or null.</summary>
    /// <param name="name">The name, with underscores.</param>
    /// <returns>The word as it stands.</returns>
    public string? FindName(string name) => Array.Find(_words, word => KernelWordTable.Key(word.Name) == name)?.Text;

    /// <summary>Names the values that no parser knows, and that are no misspelling of one that it does.</summary>
    /// <returns>The word, its name, the value, and the values of all words of that name that a parser knows.</returns>
    public IEnumerable<(string Word, string Name, string Value, string Known)> UselessValues() =>
        from words in _words.GroupBy(static word => KernelWordTable.Key(word.Name))
        where words.Key is Intel or Amd or Common
        let known = string.Join(
            ',',
            words.SelectMany(Elements).Where(element => KernelWordTable.Takes(words.Key, element))
        )
        from word in words
        where KernelWordSpelling.Find(word.Text).Count == 0
        from element in Elements(word)
        where !KernelWordTable.Takes(words.Key, element)
        select (word.Text, words.Key, element, known);

    private static IEnumerable<string> Elements(KernelArgument word) =>
        word.Value?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static bool Begins(string element, string value) => element.StartsWith(value, StringComparison.Ordinal);

    // kstrtobool() of lib/kstrtox.c looks at the first letter, and at the second of an o; e and d came with 6.2.
    private static bool? ToBool(string? value) =>
        value switch
        {
            ['y' or 'Y' or 't' or 'T' or 'e' or 'E' or '1', ..] or ['o' or 'O', 'n' or 'N', ..] => true,
            ['n' or 'N' or 'f' or 'F' or 'd' or 'D' or '0', ..] or ['o' or 'O', 'f' or 'F', ..] => false,
            _ => null,
        };

    private KernelArgument? Find(string name, string value) =>
        Array.Find(
            _words,
            word => KernelWordTable.Key(word.Name) == name && Elements(word).Any(element => Begins(element, value))
        );

    private (string Value, KernelArgument Word)? Last(string name, string one, string other)
    {
        (string, KernelArgument)? last = null;
        foreach (KernelArgument word in _words.Where(word => KernelWordTable.Key(word.Name) == name))
        {
            foreach (string element in Elements(word))
            {
                last =
                    Begins(element, one) ? (one, word)
                    : Begins(element, other) ? (other, word)
                    : last;
            }
        }

        return last;
    }
}
