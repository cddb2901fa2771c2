namespace NestVirt.Text;

/// <summary>Finds what was meant by a misspelt name.</summary>
internal static class Spelling
{
    private const int MaximumLength = 64;
    private const int MaximumDistance = 2;

    /// <summary>Finds the nearest of some names.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="names">The names there are.</param>
    /// <returns>The nearest, at most two slips of a key away and fewer than half of its letters; null when none is.</returns>
    public static string? Nearest(string name, IEnumerable<string> names) => Nearest(name, names, MaximumDistance);

    /// <summary>Finds the nearest of some names.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="names">The names there are.</param>
    /// <param name="slips">How many slips of a key away it may be; two at most.</param>
    /// <returns>The nearest, fewer than half of its letters away; null when none is.</returns>
    internal static string? Nearest(string name, IEnumerable<string> names, int slips) =>
        names
            .Select(candidate => (Name: candidate, Distance: Distance(name, candidate)))
            .Where(candidate => candidate.Distance <= slips && candidate.Distance * 2 < candidate.Name.Length)
            .OrderBy(static candidate => candidate.Distance)
            .ThenBy(static candidate => candidate.Name, StringComparer.Ordinal)
            .Select(static candidate => candidate.Name)
            .FirstOrDefault();

    // Optimal string alignment: a letter too many, too few, another one, or two exchanged count one each.
    private static int Distance(string from, string to)
    {
        if (from.Length > MaximumLength || Math.Abs(from.Length - to.Length) > MaximumDistance)
        {
            return int.MaxValue / 2;
        }

        int[,] cost = new int[from.Length + 1, to.Length + 1];
        for (int i = 0; i <= from.Length; i++)
        {
            for (int j = 0; j <= to.Length; j++)
            {
                cost[i, j] =
                    i == 0 || j == 0
                        ? i + j
                        : Math.Min(
                            Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1,
                            cost[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1)
                        );
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[from.Length, to.Length];
    }
}
