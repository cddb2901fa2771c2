namespace NestVirt.Text;

/// <summary>Shows which lines of a text change.</summary>
internal static class TextDiff
{
    private const int Context = 2;

    // Cells; beyond it no file of settings is, and lines are shown as gone and come.
    private const long LargestTable = 4 << 20;

    /// <summary>Compares two texts line by line.</summary>
    /// <param name="before">The text before.</param>
    /// <param name="after">The text after.</param>
    /// <returns>The lines that go, behind <c>-</c>, and those that come, behind <c>+</c>, with up to two lines around them behind a blank.</returns>
    public static IReadOnlyList<string> Compare(string before, string after)
    {
        string[] old = Lines(before);
        string[] now = Lines(after);
        int start = 0;
        while (start < old.Length && start < now.Length && old[start] == now[start])
        {
            start++;
        }

        int oldEnd = old.Length;
        int nowEnd = now.Length;
        while (oldEnd > start && nowEnd > start && old[oldEnd - 1] == now[nowEnd - 1])
        {
            oldEnd--;
            nowEnd--;
        }

        if (start == oldEnd && start == nowEnd)
        {
            return [];
        }

        return
        [
            .. old[Math.Max(0, start - Context)..start].Select(static line => $" {line}"),
            .. Middle(old[start..oldEnd], now[start..nowEnd]),
            .. old[oldEnd..Math.Min(old.Length, oldEnd + Context)].Select(static line => $" {line}"),
        ];
    }

    // The longest common subsequence; what lies between the first and the last change is short in a file of settings.
    private static List<string> Middle(string[] old, string[] now)
    {
        if ((long)old.Length * now.Length > LargestTable)
        {
            return [.. old.Select(static line => $"-{line}"), .. now.Select(static line => $"+{line}")];
        }

        int[,] common = new int[old.Length + 1, now.Length + 1];
        for (int i = old.Length - 1; i >= 0; i--)
        {
            for (int j = now.Length - 1; j >= 0; j--)
            {
                common[i, j] =
                    old[i] == now[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        List<string> lines = [];
        int x = 0;
        int y = 0;
        while (x < old.Length || y < now.Length)
        {
            if (x < old.Length && y < now.Length && old[x] == now[y])
            {
                lines.Add($" {old[x++]}");
                y++;
            }
            else if (x < old.Length && (y == now.Length || common[x + 1, y] >= common[x, y + 1]))
            {
                lines.Add($"-{old[x++]}");
            }
            else
            {
                lines.Add($"+{now[y++]}");
            }
        }

        return lines;
    }

    private static string[] Lines(string text)
    {
        string[] lines = text.Split('\n');
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }
}
