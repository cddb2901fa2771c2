using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace NestVirt.Fuzz;

/// <summary>Long inputs of one kind of line each, numbered: what takes longer than the input grows shows there.</summary>
internal static partial class Growth
{
    private const int Length = 262_144;
    private const int MostShapes = 60;

    /// <summary>Makes them: every kind of line of the seeds, so often that the input is long, with what stood around it.</summary>
    internal static IEnumerable<string> Of(FuzzTarget target)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (string seed in target.Seeds.Where(static seed => seed.Length < 16_384))
        {
            string[] lines = seed.Split('\n');
            for (int at = target.HasHeader ? 1 : 0; at < lines.Length; at++)
            {
                if (lines[at].Length is > 0 and < 400 && seen.Count < MostShapes && seen.Add(Shape(lines[at])))
                {
                    yield return Repeat(lines, at, Number);
                    yield return Repeat(lines, at, Chained);
                }
            }
        }
    }

    // Each number of a copy is its own, so that each names another thing.
    private static string Number(string line, int number) =>
        "\n" + Digits().Replace(line, number.ToString(CultureInfo.InvariantCulture));

    // The last number of a copy is the first one of the next, so that each stands on the one before.
    private static string Chained(string line, int number)
    {
        MatchCollection found = Digits().Matches(line);
        return found.Count < 2
            ? "\n" + line
            : "\n"
                + Digits()
                    .Replace(
                        line,
                        match =>
                            (match.Index == found[^1].Index ? number + 1 : number).ToString(
                                CultureInfo.InvariantCulture
                            )
                    );
    }

    private static string Repeat(string[] lines, int at, Func<string, int, string> copy)
    {
        StringBuilder text = new(Length + 1024);
        text.AppendJoin('\n', lines[..(at + 1)]);
        for (int number = 1; text.Length < Length; number++)
        {
            text.Append(copy(lines[at], number));
        }

        return text.Append('\n').AppendJoin('\n', lines[(at + 1)..]).ToString();
    }

    private static string Shape(string line) => Digits().Replace(line.Length > 24 ? line[..24] : line, "#");

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
