using NestVirt.Text;

namespace NestVirt.Linux.Boot;

/// <summary>An element to take out of the values of a word that holds several, such as <c>off</c> of <c>intel_iommu=off,sm_on</c>.</summary>
/// <param name="Name">The name of the word.</param>
/// <param name="Prefix">How the element begins: the kernel's own parsers compare so.</param>
internal sealed record KernelListElement(string Name, string Prefix);

/// <summary>Words that a kernel command line shall have, and words that it shall not.</summary>
/// <param name="Set">
/// Words to have. Of one name only the wanted value stays, unless the kernel takes each word of that name for itself. A
/// <c>hugepages=</c> belongs to the <c>hugepagesz=</c> before it, here and on the line.
/// </param>
/// <param name="Remove">Words to take away; one without a value takes away every word of its name.</param>
internal sealed record KernelWordChange(IReadOnlyList<string> Set, IReadOnlyList<string> Remove)
{
    private const string PageSize = "hugepagesz";
    private const string PageCount = "hugepages";

    // Documentation/admin-guide/kernel-parameters.txt and dracut.cmdline(7): each word counts, not only the last one.
    private static readonly HashSet<string> s_repeated = new(StringComparer.Ordinal)
    {
        "console",
        "earlycon",
        "memmap",
        "video",
        "crashkernel",
        "pci",
        "ip",
        "ifname",
        "nameserver",
        "netdev",
        "modprobe.blacklist",
        "systemd.mask",
        "systemd.wants",
        "systemd.setenv",
        PageSize,
    };

    /// <summary>Gets elements to take out of words that hold several.</summary>
    public IReadOnlyList<KernelListElement> RemoveElements { get; init; } = [];

    /// <summary>Tells whether a line is as wanted.</summary>
    /// <param name="line">A kernel command line.</param>
    /// <returns>True if nothing need be changed.</returns>
    public bool IsMet(string line) => Apply(CommandLineText.Words(line)).IsEmpty;

    /// <summary>Finds what to change.</summary>
    /// <param name="words">The words of a line, as written; what follows <c>--</c> is for init and stays.</param>
    /// <returns>The edit, by the words' indexes.</returns>
    public KernelWordEdit Apply(IReadOnlyList<string> words)
    {
        KernelArgument[] arguments =
        [
            .. words.TakeWhile(static word => word != KernelCommandLine.InitSeparator).Select(Parse),
        ];
        KernelWordEdit edit = new();
        TakeAway(arguments, edit);
        string? size = null;
        foreach (KernelArgument wanted in Set.Select(Parse))
        {
            string name = NameOf(wanted);
            if (name == PageCount)
            {
                SetPageCount(arguments, edit, wanted, size);
            }
            else if (IsRepeated(name))
            {
                AddMissing(arguments, edit, wanted);
            }
            else
            {
                SetOne(arguments, edit, wanted);
            }

            size = name == PageSize ? wanted.Value : size;
        }

        return edit;
    }

    /// <summary>Gets a word's name as the kernel compares it: a dash is an underscore (parameq of kernel/params.c).</summary>
    /// <param name="argument">The word.</param>
    /// <returns>The name.</returns>
    internal static string NameOf(KernelArgument argument) => argument.Name.Replace('-', '_');

    /// <summary>Reads one word.</summary>
    /// <param name="word">The word, as written.</param>
    /// <returns>Its parts.</returns>
    internal static KernelArgument Parse(string word) =>
        KernelArgument.Split(word).FirstOrDefault() ?? new KernelArgument(word, null, word);

    /// <summary>Tells whether a command line may have a parameter several times, each with a value of its own.</summary>
    internal static bool IsRepeated(string name) =>
        s_repeated.Contains(name) || name.StartsWith("rd.", StringComparison.Ordinal);

    private static bool IsSame(KernelArgument one, KernelArgument other) =>
        NameOf(one) == NameOf(other)
        && (
            one.Value == other.Value
            || (NameOf(one) == PageSize && ToKiB(one.Value) is { } size && size == ToKiB(other.Value))
        );

    private void TakeAway(KernelArgument[] arguments, KernelWordEdit edit)
    {
        KernelArgument[] wanted = [.. Set.Select(Parse)];
        KernelArgument[] unwanted = [.. Remove.Select(Parse)];
        for (int i = 0; i < arguments.Length; i++)
        {
            KernelArgument argument = arguments[i];
            if (Array.Exists(wanted, word => IsSame(word, argument)))
            {
                continue;
            }

            if (
                Array.Exists(
                    unwanted,
                    word => word.Value is null ? NameOf(word) == NameOf(argument) : IsSame(word, argument)
                )
            )
            {
                edit.Remove(i);

                // A number of pages without its size would count for another size.
                if (NameOf(argument) == PageSize && CountAfter(arguments, i) is { } count)
                {
                    edit.Remove(count);
                }
            }
            else
            {
                TakeElements(edit, argument, i);
            }
        }
    }

    private void TakeElements(KernelWordEdit edit, KernelArgument argument, int index)
    {
        KernelListElement[] unwanted = [.. RemoveElements.Where(element => element.Name == NameOf(argument))];
        if (unwanted.Length == 0 || argument.Value is not { } value)
        {
            return;
        }

        string[] elements = value.Split(',');
        string[] kept = Array.FindAll(
            elements,
            element => !Array.Exists(unwanted, gone => element.StartsWith(gone.Prefix, StringComparison.Ordinal))
        );
        if (kept.Length < elements.Length)
        {
            edit.Replace(index, kept.Length == 0 ? null : $"{argument.Name}={string.Join(',', kept)}");
        }
    }

    private static void SetOne(KernelArgument[] arguments, KernelWordEdit edit, KernelArgument wanted)
    {
        int[] found =
        [
            .. Enumerable
                .Range(0, arguments.Length)
                .Where(i => NameOf(arguments[i]) == NameOf(wanted) && !edit.IsRemoved(i)),
        ];
        if (found.Length == 0)
        {
            edit.Append(wanted.Text);
        }
        else if (!Array.TrueForAll(found, i => arguments[i].Value == wanted.Value && !edit.IsChanged(i)))
        {
            edit.Replace(
                found[^1],
                arguments[found[^1]].Value == wanted.Value ? arguments[found[^1]].Text : wanted.Text
            );
            foreach (int i in found[..^1])
            {
                edit.Remove(i);
            }
        }
    }

    private static void AddMissing(KernelArgument[] arguments, KernelWordEdit edit, KernelArgument wanted)
    {
        if (!Array.Exists(arguments, argument => IsSame(argument, wanted)))
        {
            edit.Append(wanted.Text);
        }
    }

    // mm/hugetlb.c: a number counts for the size before it, or for the default size when there is none.
    private static void SetPageCount(
        KernelArgument[] arguments,
        KernelWordEdit edit,
        KernelArgument wanted,
        string? size
    )
    {
        int first = Array.FindIndex(arguments, static argument => NameOf(argument) == PageSize);
        int at = size is null
            ? -1
            : Array.FindLastIndex(
                arguments,
                argument => NameOf(argument) == PageSize && ToKiB(argument.Value) == ToKiB(size)
            );
        int? count = size is not null && at < 0 ? null : CountAfter(arguments, at);
        if (count is { } found)
        {
            if (arguments[found].Value != wanted.Value)
            {
                edit.Replace(found, wanted.Text);
            }
        }
        else if (size is null && first >= 0)
        {
            edit.Replace(first, $"{wanted.Text} {arguments[first].Text}");
        }
        else if (at >= 0)
        {
            edit.InsertAfter(at, wanted.Text);
        }
        else
        {
            edit.Append(wanted.Text);
        }
    }

    // The number behind a size, before the next size.
    private static int? CountAfter(KernelArgument[] arguments, int size)
    {
        for (int i = size + 1; i < arguments.Length && NameOf(arguments[i]) != PageSize; i++)
        {
            if (NameOf(arguments[i]) == PageCount)
            {
                return i;
            }
        }

        return null;
    }

    // As memparse() of lib/cmdline.c reads it; null for what is no size.
    private static long? ToKiB(string? text)
    {
        if (
            text is not [.. string digits, char unit]
            || !long.TryParse(
                digits,
                System.Globalization.NumberStyles.None,
                System.Globalization.CultureInfo.InvariantCulture,
                out long number
            )
        )
        {
            return null;
        }

        return char.ToUpperInvariant(unit) switch
        {
            'K' => number,
            'M' => number << 10,
            'G' => number << 20,
            _ => null,
        };
    }
}
