using NestVirt.Text;

namespace NestVirt.Linux.Boot;

/// <summary>Finds the words of a kernel command line that look like one of <see cref="KernelWordTable"/> and are none.</summary>
/// <remarks>
/// The kernel reports such words late and once ("Unknown kernel command line parameters", init/main.c), or not at all
/// where they hold a dot. A word that the table has is never doubted for its name: upper and lower case differ, a dash
/// and an underscore do not (parameqn() of kernel/params.c), and quotes around a word or a value go (next_arg() of
/// lib/cmdline.c).
/// </remarks>
internal static class KernelWordSpelling
{
    private const string Unknown = "the kernel has no word of that name";
    private const string OneWord = "the kernel reads it as one word: words stand apart by blanks";
    private const int ShortName = 5;
    private const int LongName = 8;

    private static readonly char[] s_joints = ['_', '.', '-'];
    private static readonly char[] s_breaks = [';', '&', ' ', '\t'];
    private static readonly string[] s_on = ["1", "yes", "y", "true", "enable", "enabled", "force"];
    private static readonly string[] s_off = ["0", "no", "n", "false", "disable", "disabled"];
    private static readonly string[] s_framebuffers = ["efifb", "vesafb", "simplefb"];

    /// <summary>Finds them.</summary>
    /// <param name="line">A kernel command line; what follows <c>--</c> is for init.</param>
    /// <returns>The words, in their order.</returns>
    public static IReadOnlyList<MisspeltKernelWord> Find(string line)
    {
        KernelArgument[] words = [.. new KernelCommandLine(line, string.Empty).Arguments];
        List<MisspeltKernelWord> found = [];
        for (int i = 0; i < words.Length; i++)
        {
            if (FindSplit(words, ref i) is { } split)
            {
                found.Add(split);
            }
            else if (Check(words[i]) is { } word)
            {
                found.Add(word);
            }
        }

        return found;
    }

    /// <summary>Finds the name of the table that a name is like.</summary>
    /// <param name="name">A name.</param>
    /// <returns>The name as it is usually written; null when it is like none, or is one.</returns>
    internal static string? NameLike(string name)
    {
        string key = KernelWordTable.Key(name);
        if (KernelWordTable.Names.ContainsKey(key))
        {
            return null;
        }

        string bare = KernelWordTable.Key(Plain(name)).ToLowerInvariant();
        return KernelWordTable.Names.GetValueOrDefault(bare)
            ?? KernelWordTable.Alias(bare)
            ?? KernelWordTable.Names.FirstOrDefault(pair => HasSameParts(pair.Key, bare)).Value
            ?? (bare.Contains('.', StringComparison.Ordinal) ? ParameterLike(bare) : PlainNameLike(bare));
    }

    private static string? PlainNameLike(string bare) =>
        Nearest(bare, KernelWordTable.Names.Keys.Where(static name => !name.Contains('.', StringComparison.Ordinal)))
            is { } near
            ? KernelWordTable.Names[near]
            : null;

    // Each half by itself: ept is not npt, and a parameter that the table lacks may be one of a newer kernel.
    private static string? ParameterLike(string bare)
    {
        int dot = bare.IndexOf('.', StringComparison.Ordinal);
        string module = bare[..dot];
        string parameter = bare[(dot + 1)..];
        string? owner = KernelWordTable.Modules.ContainsKey(module)
            ? module
            : Nearest(module, KernelWordTable.Modules.Keys.Where(static name => name.Length >= LongName - 1));
        if (owner is null)
        {
            return null;
        }

        string[] parameters = KernelWordTable.Modules[owner];
        string? meant = Array.IndexOf(parameters, parameter) >= 0 ? parameter : Nearest(parameter, parameters);
        return meant is null ? null : KernelWordTable.Names.GetValueOrDefault($"{owner}.{meant}");
    }

    private static string? Nearest(string text, IEnumerable<string> names) =>
        text.Length < ShortName - 1
            ? null
            : names
                .Where(static name => name.Length >= ShortName)
                .GroupBy(static name => name.Length >= LongName)
                .OrderByDescending(static group => group.Key)
                .Select(group => Spelling.Nearest(text, group, group.Key ? 2 : 1))
                .FirstOrDefault(static name => name is not null);

    private static bool HasSameParts(string name, string other) =>
        Join(name) == Join(other)
        || (
            name.Length == other.Length
            && name.Split(s_joints).Order(StringComparer.Ordinal).SequenceEqual(Parts(other))
        );

    private static IEnumerable<string> Parts(string name) => name.Split(s_joints).Order(StringComparer.Ordinal);

    private static string Join(string name) => string.Concat(name.Split(s_joints));

    private static string? NameOf(string name) =>
        KernelWordTable.Names.GetValueOrDefault(KernelWordTable.Key(name)) ?? NameLike(name);

    private static MisspeltKernelWord? Check(KernelArgument word)
    {
        if (word.Value is null)
        {
            return CheckWithoutValue(word);
        }

        if (FindJoined(word) is { } joined)
        {
            return joined;
        }

        string key = KernelWordTable.Key(word.Name);
        if (KernelWordTable.Names.ContainsKey(key))
        {
            return CheckValue(word, key);
        }

        if (Array.IndexOf(s_framebuffers, word.Name) >= 0 && word.Value == "off")
        {
            return new MisspeltKernelWord(word.Text, $"video={word.Name}:off", Unknown);
        }

        return NameLike(word.Name) is { } name
            ? new MisspeltKernelWord(word.Text, $"{name}={MeantValue(KernelWordTable.Key(name), word.Value)}", Unknown)
            : null;
    }

    // intel_iommu-on, intel_iommu:on, iommu_pt, and intel_iommu alone.
    private static MisspeltKernelWord? CheckWithoutValue(KernelArgument word)
    {
        string bare = Plain(word.Name);
        string key = KernelWordTable.Key(bare);
        if (key is "intel_iommu")
        {
            return new MisspeltKernelWord(word.Text, $"{bare}=on", "the kernel takes it with a value alone");
        }

        if (KernelWordTable.Names.ContainsKey(key))
        {
            return null;
        }

        int colon = bare.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0)
        {
            string value = bare[(colon + 1)..];
            return Array.IndexOf(s_framebuffers, bare[..colon]) >= 0 && value == "off"
                    ? new MisspeltKernelWord(word.Text, $"video={bare}", Unknown)
                : NameOf(bare[..colon]) is { } named && value.Length > 0
                    ? new MisspeltKernelWord(
                        word.Text,
                        $"{named}={MeantValue(KernelWordTable.Key(named), value)}",
                        "a value stands behind ="
                    )
                : null;
        }

        string lower = KernelWordTable.Key(bare).ToLowerInvariant();
        foreach (string name in KernelWordTable.Names.Values)
        {
            string start = KernelWordTable.Key(name);
            if (
                KernelWordTable.Values(start) is { } values
                && lower.StartsWith(start, StringComparison.Ordinal)
                && lower[start.Length..].TrimStart(s_joints) is { Length: > 0 } value
                && values.Contains(value.Split(',')[0])
            )
            {
                return new MisspeltKernelWord(word.Text, $"{name}={value}", "a value stands behind =");
            }
        }

        return null;
    }

    // intel_iommu=on;iommu=pt, and words inside of one pair of quotes.
    private static MisspeltKernelWord? FindJoined(KernelArgument word)
    {
        bool isVariable = word.Name.StartsWith("GRUB_CMDLINE_LINUX", StringComparison.Ordinal);
        if (!isVariable && NameOf(word.Name) is null)
        {
            return null;
        }

        string[] parts = word.Value!.Split([.. s_breaks, ','], StringSplitOptions.RemoveEmptyEntries);
        if (!parts.Skip(isVariable ? 0 : 1).Any(static part => StartsWord(part)))
        {
            return null;
        }

        List<string> meant = [];
        string current = isVariable ? string.Empty : $"{NameOf(word.Name)}=";
        char before = '\0';
        int at = 0;
        foreach (string part in parts)
        {
            int start = word.Value.IndexOf(part, at, StringComparison.Ordinal);
            before = start > 0 ? word.Value[start - 1] : '\0';
            at = start + part.Length;
            if (StartsWord(part) || (Array.IndexOf(s_breaks, before) >= 0 && start > 0))
            {
                AddWord(meant, current);
                current = part;
            }
            else
            {
                current += before == ',' ? $",{part}" : part;
            }
        }

        AddWord(meant, current);
        return new MisspeltKernelWord(word.Text, string.Join(' ', meant), OneWord);
    }

    private static void AddWord(List<string> words, string word)
    {
        if (word.Length > 0)
        {
            words.Add(KernelArgument.Split(word).Select(Check).FirstOrDefault()?.Meant ?? word);
        }
    }

    private static bool StartsWord(string part)
    {
        int equals = part.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && NameOf(part[..equals]) is not null;
    }

    private static MisspeltKernelWord? CheckValue(KernelArgument word, string key)
    {
        string value = word.Value!;
        string meant = MeantValue(key, value);
        return meant == value || value.Length == 0
            ? null
            : new MisspeltKernelWord(
                word.Text,
                $"{word.Name}={meant}",
                value[0] == '=' ? "one = stands before a value" : $"the kernel does not know that value of {word.Name}="
            );
    }

    private static string MeantValue(string key, string value)
    {
        string plain = Plain(value.TrimStart('='));
        return key switch
        {
            "iommu.passthrough" when plain is "pt" or "PT" => "1",
            "video" when Array.Exists(s_framebuffers, name => plain == $"{name}=off") => plain.Replace('=', ':'),
            _ when KernelWordTable.Values(key) is { } known => string.Join(
                ',',
                Commas(plain).Split(',').Select(element => MeantElement(key, element, known))
            ),
            _ => plain,
        };
    }

    // A ; between two elements of a list; one at the end does no harm, since the kernel compares beginnings.
    private static string Commas(string list) =>
        Array.TrueForAll(list.Split(';'), static part => part.Length > 0) ? list.Replace(';', ',') : list;

    private static string MeantElement(string key, string element, IReadOnlyList<string> known)
    {
        if (element.Length == 0 || KernelWordTable.Takes(key, element))
        {
            return element;
        }

        string lower = element.ToLowerInvariant();
        return KernelWordTable.Takes(key, lower) && !char.IsAsciiDigit(lower[0]) ? lower
            : key == "intel_iommu" && Array.IndexOf(s_on, lower) >= 0 ? "on"
            : key != "pcie_acs_override" && Array.IndexOf(s_off, lower) >= 0 && key != "iommu" ? "off"
            : key == "iommu" && lower is "passthrough" or "passthru" or "pass_through" ? "pt"
            : known.FirstOrDefault(word => Join(word) == Join(lower)) ?? Nearest(lower, known) ?? element;
    }

    // Blanks took the word apart: intel_iommu =on, intel_iommu = on, intel_iommu= on, vfio-pci ids=10de:1eb8.
    private static MisspeltKernelWord? FindSplit(KernelArgument[] words, ref int at)
    {
        KernelArgument first = words[at];
        KernelArgument? second = at + 1 < words.Length ? words[at + 1] : null;
        if (second is null)
        {
            return null;
        }

        string text = $"{first.Text} {second.Text}";
        if (first.Value is null && NameOf(first.Name) is { } name)
        {
            string key = KernelWordTable.Key(name);
            if (second.Text is "=" or ":" && at + 2 < words.Length)
            {
                string value = words[at + 2].Text;
                at += 2;
                return Split($"{text} {value}", name, value);
            }

            if (second.Text[0] is '=' or ':' && second.Text.Length > 1)
            {
                at++;
                return Split(text, name, second.Text[1..]);
            }

            if (second.Value is null && IsWholeValue(key, second.Text))
            {
                at++;
                return Split(text, name, second.Text);
            }
        }

        if (first.Value is { Length: 0 } && NameOf(first.Name) is { } empty)
        {
            if (second.Value is null && IsWholeValue(KernelWordTable.Key(empty), second.Text))
            {
                at++;
                return Split(text, empty, second.Text);
            }
        }

        if (first.Value is [.., ','] && KernelWordTable.Key(first.Name) == "vfio_pci.ids" && IsDevice(second.Text))
        {
            at++;
            return Split(text, first.Name, first.Value + second.Text);
        }

        // As modprobe's files have it.
        if (
            first.Value is null
            && second.Value is not null
            && KernelWordTable.Modules.TryGetValue(KernelWordTable.Key(first.Name), out string[]? parameters)
            && Array.IndexOf(parameters, KernelWordTable.Key(second.Name)) >= 0
        )
        {
            at++;
            return Split(text, KernelWordTable.Names[KernelWordTable.Key($"{first.Name}.{second.Name}")], second.Value);
        }

        return null;
    }

    private static MisspeltKernelWord Split(string written, string name, string value) =>
        new(
            written,
            $"{name}={MeantValue(KernelWordTable.Key(name), value)}",
            "no blank stands around =, or in a value"
        );

    private static bool IsWholeValue(string key, string text) =>
        KernelWordTable.Values(key)?.Contains(text.Split(',')[0].ToLowerInvariant()) == true
        || (key == "vfio_pci.ids" && IsDevice(text));

    private static bool IsDevice(string text) =>
        text.Length >= 9
        && text[4] == ':'
        && text[..4].All(char.IsAsciiHexDigit)
        && text[5..9].All(char.IsAsciiHexDigit);

    // What a word processor or a web page made of quotes and dashes, and quotes that the kernel does not know.
    private static string Plain(string text) =>
        string.Concat(
                text.Select(static character =>
                    character switch
                    {
                        '\u2010' or '\u2011' or '\u2012' or '\u2013' or '\u2014' or '\u2212' => '-',
                        '\u00a0' or '\u200b' or '\ufeff' => ' ',
                        '\'' or '`' or '\u2018' or '\u2019' or '\u201c' or '\u201d' => '"',
                        _ => character,
                    }
                )
            )
            .Replace("\"", string.Empty, StringComparison.Ordinal)
            .Trim();
}
