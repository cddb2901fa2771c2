namespace NestVirt.Core.Tests;

/// <summary>Which of many cases a test tries, where each takes a second or more: all of them with NESTVIRT_TEST_ALL=yes.</summary>
internal static class Some
{
    private static readonly bool s_takesAll = Environment.GetEnvironmentVariable("NESTVIRT_TEST_ALL") == "yes";

    /// <summary>Chooses from numbers that begin with 1: the same in each run, with the first and the last.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="most">How many are tried at most.</param>
    /// <returns>Those that are tried.</returns>
    internal static IEnumerable<int> Of(int count, int most) =>
        s_takesAll || count <= most
            ? Enumerable.Range(1, count)
            : Enumerable.Range(0, most).Select(at => 1 + (int)((long)at * (count - 1) / (most - 1)));

    /// <summary>Says how many of cases that are made one by one are tried.</summary>
    /// <param name="all">How many there are.</param>
    /// <param name="most">How many are tried at most.</param>
    /// <returns>The number.</returns>
    internal static int CountOf(int all, int most) => s_takesAll ? all : Math.Min(all, most);
}
