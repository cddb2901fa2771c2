using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using NestVirt.Hosts;

namespace NestVirt.Benchmarks;

/// <summary>Many hosts in one call of the program, against xargs over as many ssh processes.</summary>
internal static class ManyHosts
{
    private const int Count = 200;
    private const int Throttle = 32;

    /// <summary>With each client: the time, the program's memory, and what a host costs its client and itself.</summary>
    internal static async Task RunAsync(Budgets run)
    {
        HostTarget host = await run.ServerAsync().ConfigureAwait(false);
        string inventory = WriteInventory(run, host);
        string peerCommand = string.Create(
            CultureInfo.InvariantCulture,
            $"seq {Count} | xargs -P{Throttle} -I@ ssh -F '{run.SshConfig}' -o BatchMode=yes loopback true"
        );
        int server = int.Parse(
            await File.ReadAllTextAsync(Path.Combine(run.ServerFolder, "sshd.pid")).ConfigureAwait(false),
            CultureInfo.InvariantCulture
        );
        foreach ((SshClient client, double most) in new[] { (SshClient.OpenSsh, 1.3), (SshClient.Library, 1.15) })
        {
            double mebibytes = 0;
            Cost ours = new(server);
            Cost peers = new(server);
            (TimeSpan time, TimeSpan peerTime) = await Measure
                .AlternateAsync(
                    3,
                    () =>
                        ours.AddAsync(async () =>
                            mebibytes = Math.Max(mebibytes, await SupportAsync(inventory, client).ConfigureAwait(false))
                        ),
                    () => peers.AddAsync(() => Measure.RunAsync("sh", "-c", peerCommand))
                )
                .ConfigureAwait(false);
            run.Print($"support of {Count} hosts, {client} / xargs -P{Throttle} ssh", time, peerTime, most);
            run.PrintLine(
                "  peak memory of the program",
                $"{mebibytes:0} MiB",
                string.Empty,
                string.Empty,
                "<= 150 MB",
                mebibytes <= 150
            );
            Print(run, "  processor time a host takes here", ours.Client, peers.Client);
            Print(run, "  and there: its sshd, and our shell", ours.Server, peers.Server);
        }
    }

    private static void Print(Budgets run, string what, TimeSpan ours, TimeSpan peers) =>
        run.PrintLine(
            what,
            Budgets.Milliseconds(ours),
            Budgets.Milliseconds(peers),
            $"{ours / peers:0.00}",
            string.Empty,
            isMet: true
        );

    // The peak of the program's memory, in MiB.
    private static async Task<double> SupportAsync(string inventory, SshClient client)
    {
        string[] words =
        [
            "support",
            "--inventory",
            inventory,
            "--trust-inventory",
            "--throttle",
            $"{Throttle}",
            "--ssh-client",
            client == SshClient.OpenSsh ? "openssh" : "library",
            "--output",
            "jsonl",
        ];
        using Process process = Process.Start(
            new ProcessStartInfo(Budgets.Program, words) { RedirectStandardOutput = true }
        )!;
        long peak = 0;
        int lines = 0;
        while (await process.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            Budgets.Check(!line.StartsWith("{\"error\"", StringComparison.Ordinal), line);
            lines++;
            process.Refresh();
            peak = Math.Max(peak, process.HasExited ? 0 : process.PeakWorkingSet64);
        }

        await process.WaitForExitAsync().ConfigureAwait(false);
        Budgets.Check(lines == Count, $"{lines} hosts answered instead of {Count}");
        return peak / 1048576.0;
    }

    // The same host under many names.
    private static string WriteInventory(Budgets run, HostTarget host)
    {
        string path = Path.Combine(run.Folder, "hosts.json");
        File.WriteAllText(
            path,
            JsonSerializer.Serialize(
                new
                {
                    port = host.Port,
                    user = host.UserName,
                    identity = host.KeyFilePath,
                    sshOptions = host
                        .SshOptions.Select(static option => option.Split('=', 2))
                        .ToDictionary(static pair => pair[0], static pair => pair[1]),
                    hosts = Enumerable
                        .Range(1, Count)
                        .Select(number => new { name = $"host{number}", address = host.Name }),
                }
            )
        );
        return path;
    }

    // Processor time of the programs that ended meanwhile: those that this one started, and those of the SSH server.
    private sealed class Cost(int server)
    {
        private TimeSpan _client;
        private TimeSpan _server;
        private int _rounds;

        internal TimeSpan Client => _client / (_rounds * Count);

        internal TimeSpan Server => _server / (_rounds * Count);

        internal async Task AddAsync(Func<Task> action)
        {
            TimeSpan client = OfChildren(Environment.ProcessId);
            TimeSpan there = OfChildren(server);
            await action().ConfigureAwait(false);
            await Task.Delay(TimeSpan.FromMilliseconds(300)).ConfigureAwait(false);
            _client += OfChildren(Environment.ProcessId) - client;
            _server += OfChildren(server) - there;
            _rounds++;
        }

        // proc_pid_stat(5): cutime and cstime are the 16th and 17th field, in ticks, of which Linux has 100 a second.
        private static TimeSpan OfChildren(int process)
        {
            const int TicksPerSecond = 100;
            string line = File.ReadAllText($"/proc/{process}/stat");
            string[] fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
            return TimeSpan.FromSeconds(
                fields[13..15].Sum(static field => double.Parse(field, CultureInfo.InvariantCulture)) / TicksPerSecond
            );
        }
    }
}
