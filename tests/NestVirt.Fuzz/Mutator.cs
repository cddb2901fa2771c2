using System.Globalization;
using System.Text;

namespace NestVirt.Fuzz;

/// <summary>Damages inputs: in characters, words and lines, by what other inputs hold, and by repeating a part very often.</summary>
/// <param name="random">Chooses.</param>
/// <param name="target">What reads the inputs.</param>
internal sealed class Mutator(Random random, FuzzTarget target)
{
    /// <summary>How long an input becomes.</summary>
    internal const int MaximumLength = 65_536;

    private const string Characters =
        "\t\n\r\0 \"'`$\\(){}[]<>|&;#=,:.*?/-_@%+~^!0127fFxXyYnN\u001b\u0085\u2028\u202e\ufeff\uFFFD\ud800\udc00\u00e9";

    private static readonly string[] s_words =
    [
        "$(",
        "${",
        "$x",
        "`",
        "\\\n",
        "\\\\\n",
        "\r\n",
        "\"\"",
        "''",
        "[a][a]",
        "*[!a]",
        "=",
        "==",
        "--",
        "-0",
        "\u202eabc",
        "0",
        "-1",
        "4294967296",
        "18446744073709551616",
        "1e308",
        "0x",
        "NaN",
        "null",
        "true",
        "{}",
        "[]",
        "\"\\ud800\"",
        "/../../etc/passwd",
        "options kvm_intel nested=",
        "GRUB_CMDLINE_LINUX=",
        "set x=$x$x",
        "if [ ",
        "fi",
        "menuentry 'a' {",
        "}",
    ];

    private readonly string[] _vocabulary =
    [
        .. s_words,
        .. target
            .Seeds.SelectMany(static seed => seed.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Where(static word => word.Length < 64)
            .Distinct()
            .Take(4000),
    ];

    /// <summary>Makes an input of others.</summary>
    /// <param name="corpus">The inputs so far.</param>
    internal string Next(IReadOnlyList<string> corpus)
    {
        string text = Pick(corpus);
        string header = string.Empty;
        if (target.HasHeader)
        {
            int end = text.IndexOf('\n', StringComparison.Ordinal) + 1;
            (header, text) = (text[..end], text[end..]);
        }

        for (int left = 1 << random.Next(4); left > 0; left--)
        {
            text = Change(text, corpus);
        }

        return header + (text.Length > MaximumLength ? text[..MaximumLength] : text);
    }

    private string Change(string text, IReadOnlyList<string> corpus)
    {
        int at = random.Next(text.Length + 1);
        int end = Math.Min(text.Length, at + 1 + random.Next(random.Next(2) == 0 ? 8 : 400));
        return random.Next(10) switch
        {
            0 => text[..at] + Characters[random.Next(Characters.Length)] + text[at..],
            1 => text[..at] + Pick(_vocabulary) + text[at..],
            2 => text.Remove(at, end - at),
            3 => text[..at] + Repeat(text[at..end]) + text[at..],
            4 => text[..at] + Part(Pick(corpus)) + text[at..],
            5 => ChangeLines(text),
            6 => ChangeNumber(text, at),
            7 => text[..at] + Characters[random.Next(Characters.Length)] + text[Math.Min(at + 1, text.Length)..],
            8 => text[..at] + Repeat(Pick(_vocabulary)) + text[at..],
            _ => random.Next(4) == 0 ? text[..at] : text[..at] + Pick(_vocabulary) + text[end..],
        };
    }

    private string Repeat(string part)
    {
        int count = random.Next(8) == 0 ? 1 << random.Next(15) : 1 + random.Next(4);
        StringBuilder text = new();
        for (int number = 0; number < count && text.Length < MaximumLength; number++)
        {
            // A chain or a list of many is what grows faster than its input.
            text.Append(
                random.Next(2) == 0
                    ? part
                    : part.Replace("0", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            );
        }

        return text.ToString();
    }

    private string Part(string text)
    {
        int at = random.Next(text.Length + 1);
        return text[at..Math.Min(text.Length, at + random.Next(2000))];
    }

    private string ChangeLines(string text)
    {
        List<string> lines = [.. text.Split('\n')];
        int one = random.Next(lines.Count);
        int other = random.Next(lines.Count);
        switch (random.Next(4))
        {
            case 0:
                (lines[one], lines[other]) = (lines[other], lines[one]);
                break;
            case 1:
                lines.Insert(other, lines[one]);
                break;
            case 2:
                lines.RemoveAt(one);
                break;
            default:
                lines.InsertRange(
                    other,
                    Enumerable.Repeat(lines[one], 1 << random.Next(12)).Take(MaximumLength / (lines[one].Length + 1))
                );
                break;
        }

        return string.Join('\n', lines);
    }

    private string ChangeNumber(string text, int at)
    {
        int start = text.AsSpan(at).IndexOfAnyInRange('0', '9');
        if (start < 0)
        {
            return text;
        }

        start += at;
        int end = start;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        string[] numbers =
        [
            "0",
            "1",
            "-1",
            "255",
            "65536",
            "2147483648",
            "9223372036854775808",
            "99999999999999999999",
            "007",
        ];
        return text[..start] + numbers[random.Next(numbers.Length)] + text[end..];
    }

    private T Pick<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];
}
