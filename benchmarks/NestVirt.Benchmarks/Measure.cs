using System.Diagnostics;

namespace NestVirt.Benchmarks;

/// <summary>Times two sides by turns and prints their ratio.</summary>
internal static class Measure
{
    /// <summary>Runs both sides in turn, once unmeasured and then as often as asked, and gives each side's median.</summary>
    internal static async Task<(TimeSpan Ours, TimeSpan Peer)> AlternateAsync(
        int rounds,
        Func<Task> ours,
        Func<Task> peer
    )
    {
        await ours().ConfigureAwait(false);
        await peer().ConfigureAwait(false);
        List<TimeSpan> oursTimes = [];
        List<TimeSpan> peerTimes = [];
        for (int round = 0; round < rounds; round++)
        {
            oursTimes.Add(await TimeAsync(ours).ConfigureAwait(false));
            peerTimes.Add(await TimeAsync(peer).ConfigureAwait(false));
        }

        return (Median(oursTimes), Median(peerTimes));
    }

    /// <summary>Times one run.</summary>
    internal static async Task<TimeSpan> TimeAsync(Func<Task> action)
    {
        long start = Stopwatch.GetTimestamp();
        await action().ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Runs a program to its end with its output thrown away, and fails when it does.</summary>
    internal static async Task RunAsync(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync().ConfigureAwait(false);
        await output.ConfigureAwait(false);
        await process.WaitForExitAsync().ConfigureAwait(false);
        if (process.ExitCode is not 0 and not 1)
        {
            throw new InvalidOperationException($"{program} ended with code {process.ExitCode}: {error}");
        }
    }

    /// <summary>Times what needs no waiting: the shortest of many short turns, which other processes do not stretch.</summary>
    internal static TimeSpan Shortest(Action action)
    {
        TimeSpan turn = TimeSpan.FromMilliseconds(2);
        TimeSpan patience = TimeSpan.FromSeconds(2);
        long begin = Stopwatch.GetTimestamp();
        action();
        int rounds = Math.Max(1, (int)(turn / Stopwatch.GetElapsedTime(begin)));
        TimeSpan shortest = TimeSpan.MaxValue;
        for (begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin) < patience; )
        {
            long start = Stopwatch.GetTimestamp();
            for (int round = 0; round < rounds; round++)
            {
                action();
            }

            TimeSpan time = Stopwatch.GetElapsedTime(start) / rounds;
            shortest = time < shortest ? time : shortest;
        }

        return shortest;
    }

    private static TimeSpan Median(List<TimeSpan> times)
    {
        times.Sort();
        return times[times.Count / 2];
    }
}
