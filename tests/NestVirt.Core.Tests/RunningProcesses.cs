using System.Diagnostics;
using System.Text;

namespace NestVirt.Core.Tests;

/// <summary>Finds processes of this machine by an argument that no other process has.</summary>
internal static class RunningProcesses
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static int s_last = Random.Shared.Next(100_000_000, 900_000_000);

    /// <summary>Makes an argument for <c>sleep</c> that no other process has.</summary>
    /// <returns>A number of seconds that no test waits for.</returns>
    public static string UniqueSeconds() =>
        Interlocked.Increment(ref s_last).ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Waits until a process with the argument runs.</summary>
    /// <param name="argument">The argument.</param>
    /// <returns>Nothing.</returns>
    public static Task AssertStartsAsync(string argument) => AssertAsync(argument, expected: true);

    /// <summary>Waits until no process with the argument runs.</summary>
    /// <param name="argument">The argument.</param>
    /// <returns>Nothing.</returns>
    public static Task AssertEndsAsync(string argument) => AssertAsync(argument, expected: false);

    /// <summary>Tells whether a process with the argument runs now.</summary>
    /// <param name="argument">The argument.</param>
    /// <returns>True if there is one.</returns>
    public static bool Any(string argument) => Any("cmdline", argument);

    /// <summary>Tells whether a process works on a tree now.</summary>
    /// <param name="root">The tree.</param>
    /// <returns>True if there is one.</returns>
    public static bool AnyIn(string root) => Any("environ", $"NESTVIRT_ROOT={root}");

    private static bool Any(string file, string word) =>
        Directory
            .EnumerateDirectories("/proc", "*")
            .Where(static folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]))
            .Any(folder => TextOf(Path.Combine(folder, file)).Split('\0').Contains(word));

    private static async Task AssertAsync(string argument, bool expected)
    {
        long began = Stopwatch.GetTimestamp();
        while (Any(argument) != expected)
        {
            Assert.True(
                Stopwatch.GetElapsedTime(began) < s_patience,
                $"a process with the argument {argument} {(expected ? "does not start" : "is left behind")}"
            );
            await Task.Delay(20);
        }
    }

    private static string TextOf(string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }
}
