using System.Diagnostics;
using System.Globalization;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Linux;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Questions;
using NestVirt.Testing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Benchmarks;

/// <summary>The budgets of the design that concern KVM hosts; each prints its lines.</summary>
internal sealed class Budgets : IDisposable
{
    internal const string Program = "artifacts/bin/nestvirt";
    private const int Devices = 300;

    internal string Folder { get; } = Directory.CreateTempSubdirectory("nestvirt-bench-").FullName;
    private Dictionary<string, string>? _server;

    /// <summary>Gets how many budgets were missed.</summary>
    public int MissedCount { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_server is not null)
        {
            Measure.RunAsync("tests/fakes/sshd.sh", "stop", ServerFolder).GetAwaiter().GetResult();
        }

        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A full probe of one host, connection included, against the shortest command over ssh; with each client.</summary>
    internal static async Task SshProbeAsync(Budgets run)
    {
        HostTarget host = await run.ServerAsync().ConfigureAwait(false);
        foreach (SshClient client in Enum.GetValues<SshClient>())
        {
            HostTarget over = host with { Address = (SshAddress)host.Address with { Client = client } };
            (TimeSpan ours, TimeSpan peer) = await Measure
                .AlternateAsync(
                    15,
                    () => ProbeReader.Default.ReadAsync(over, new LinuxPlatform().Probes, CancellationToken.None),
                    () => Measure.RunAsync("ssh", ["-F", run.SshConfig, "-o", "BatchMode=yes", "loopback", "true"])
                )
                .ConfigureAwait(false);
            run.Print($"full probe of one host, {client} / ssh host true", ours, peer, most: 1.15);
        }

        (TimeSpan here, TimeSpan shell) = await Measure
            .AlternateAsync(
                15,
                static () =>
                    ProbeReader.Default.ReadAsync(HostTarget.Local, new LinuxPlatform().Probes, CancellationToken.None),
                static () => Measure.RunAsync("sh", "-c", ":")
            )
            .ConfigureAwait(false);
        run.PrintLine(
            "  its shell on the host / sh -c :",
            Milliseconds(here),
            Milliseconds(shell),
            string.Empty,
            string.Empty,
            isMet: true
        );
    }

    /// <summary>IOMMU groups of a host with many devices, against the loop that guides show.</summary>
    internal static async Task IommuListingAsync(Budgets run)
    {
        string tree = Path.Combine(run.Folder, "devices");
        SyntheticHost.Write(tree, Devices, cpuCount: 16);
        HostTarget host = new("tree", new TreeAddress(tree));
        const string Loop = """
            for d in "$1"/sys/kernel/iommu_groups/*/devices/*; do
              n=${d#*/iommu_groups/*}; n=${n%%/*}
              printf 'IOMMU Group %s ' "$n"; lspci -O sysfs.path="$1/sys/bus/pci" -nns "${d##*/}"
            done
            """;
        TimeSpan peer = await Measure
            .TimeAsync(() => Measure.RunAsync("sh", "-c", Loop, "sh", tree))
            .ConfigureAwait(false);
        List<IommuGroup> groups = [];
        (TimeSpan ours, _) = await Measure
            .AlternateAsync(
                5,
                async () =>
                    groups = await HostQueries
                        .Ask(HostQuestions.IommuGroups)
                        .RunAsync(host, CancellationToken.None)
                        .ToListAsync()
                        .ConfigureAwait(false),
                () => Task.CompletedTask
            )
            .ConfigureAwait(false);
        Check(groups.Count == Devices, $"{groups.Count} groups instead of {Devices}");
        run.Print($"IOMMU listing, {Devices} devices / lspci a device", ours, peer, most: 1.0 / 35);
    }

    /// <summary>The program against one that was built before a change of it, which NESTVIRT_BEFORE names.</summary>
    internal static async Task BeforeAsync(Budgets run)
    {
        if (Environment.GetEnvironmentVariable("NESTVIRT_BEFORE") is not { Length: > 0 } before)
        {
            return;
        }

        string tree = Path.Combine(run.Folder, "before");
        SyntheticHost.Write(tree, Devices, cpuCount: 16);
        foreach (
            string[] words in (string[][])
                [
                    ["--version"],
                    ["support"],
                    ["iommu", "--root", tree],
                    ["pci", "--root", tree],
                ]
        )
        {
            (TimeSpan ours, TimeSpan peer) = await Measure
                .AlternateAsync(21, () => Measure.RunAsync(Program, words), () => Measure.RunAsync(before, words))
                .ConfigureAwait(false);
            run.Print($"nestvirt {words[0]} / the same before", ours, peer, most: 1.1);
        }
    }

    /// <summary>Start of the program, against the start of PowerShell. The budgets are those of a Native AOT program.</summary>
    internal static async Task ProgramStartAsync(Budgets run)
    {
        Func<Task> pwsh = () => Measure.RunAsync("pwsh", "-NoProfile", "-c", "1");
        (TimeSpan ours, TimeSpan peer) = await Measure
            .AlternateAsync(11, () => Measure.RunAsync(Program, "--version"), pwsh)
            .ConfigureAwait(false);
        run.Print("nestvirt --version / pwsh -NoProfile -c 1", ours, peer, most: 0.03);
        (ours, peer) = await Measure
            .AlternateAsync(11, () => Measure.RunAsync(Program, "support"), pwsh)
            .ConfigureAwait(false);
        run.Print("nestvirt support / pwsh -NoProfile -c 1", ours, peer, most: 0.07);
        if (File.Exists("/usr/bin/virt-host-validate"))
        {
            (ours, peer) = await Measure
                .AlternateAsync(
                    11,
                    () => Measure.RunAsync(Program, "support"),
                    () => Measure.RunAsync("virt-host-validate", "qemu")
                )
                .ConfigureAwait(false);
            run.Print("nestvirt support / virt-host-validate qemu", ours, peer, most: 2);
        }
    }

    /// <summary>The first answer of a fresh clone, against a build of another; packages are there.</summary>
    internal static async Task FirstAnswerAsync(Budgets run)
    {
        string[] clones = [Path.Combine(run.Folder, "built"), Path.Combine(run.Folder, "asked")];
        foreach (string clone in clones)
        {
            await Measure.RunAsync("git", "clone", "-q", ".", clone).ConfigureAwait(false);
        }

        TimeSpan peer = await Measure
            .TimeAsync(() => Measure.RunAsync("dotnet", "build", clones[0], "-v", "q"))
            .ConfigureAwait(false);
        TimeSpan ours = await Measure
            .TimeAsync(() => Measure.RunAsync(Path.Combine(clones[1], "nestvirt"), "support"))
            .ConfigureAwait(false);
        run.Print("first answer of a clone / dotnet build", ours, peer, most: 1.5);
    }

    /// <summary>Import of the module, against PowerShell without it.</summary>
    internal static async Task ModuleImportAsync(Budgets run)
    {
        (TimeSpan ours, TimeSpan peer) = await Measure
            .AlternateAsync(
                11,
                () => Measure.RunAsync("pwsh", "-NoProfile", "-c", "Import-Module ./artifacts/module/NestVirt"),
                () => Measure.RunAsync("pwsh", "-NoProfile", "-c", "1")
            )
            .ConfigureAwait(false);
        double more = (ours - peer).TotalMilliseconds;
        run.PrintLine(
            "Import-Module NestVirt / pwsh -NoProfile -c 1",
            Milliseconds(ours),
            Milliseconds(peer),
            $"+{more:0} ms",
            "<= +80 ms",
            more <= 80
        );
    }

    /// <summary>Parsers over the answers of a very large host; their peers are themselves on a tenth of it.</summary>
    internal static async Task ParsersAsync(Budgets run)
    {
        ProbeAnswers few = await run.AskSyntheticAsync("small", devices: 200, cpus: 52, factor: 1)
            .ConfigureAwait(false);
        ProbeAnswers many = await run.AskSyntheticAsync("large", devices: 2000, cpus: 512, factor: 10)
            .ConfigureAwait(false);
        foreach ((string name, Action<string> parse) in ParserTable.All)
        {
            if (many.All.TryGetValue(name, out ProbeAnswer? answer) && answer.Text.Length > 0)
            {
                run.PrintParser(name, parse, few.All[name].Text, answer.Text);
            }
        }
    }

    private async Task<ProbeAnswers> AskSyntheticAsync(string name, int devices, int cpus, int factor)
    {
        string tree = Path.Combine(Folder, name);
        SyntheticHost.Write(tree, devices, cpus);
        SyntheticFiles.Write(tree, cpus, factor);
        HostTarget host = new("tree", new TreeAddress(tree));
        return await ProbeReader
            .Default.ReadAsync(host, new LinuxPlatform().Probes, CancellationToken.None)
            .ConfigureAwait(false);
    }

    // What a host answers in a few lines takes what a call takes; only of long answers is there a rate.
    private void PrintParser(string name, Action<string> parse, string small, string large)
    {
        const double LeastRate = 100;
        const double MostMicroseconds = 100;
        const double MostTimes = 3;
        const int Short = 4096;
        TimeSpan time = Measure.Shortest(() => parse(large));
        string what = $"parser {name}, {large.Length / 1024.0:0.#} KiB";
        if (large.Length < Short)
        {
            PrintLine(
                what,
                $"{time.TotalMicroseconds:0} us",
                string.Empty,
                string.Empty,
                $"<= {MostMicroseconds} us",
                time.TotalMicroseconds <= MostMicroseconds
            );
            return;
        }

        double rate = large.Length / time.TotalMicroseconds;
        double smallRate = small.Length / Measure.Shortest(() => parse(small)).TotalMicroseconds;
        double times = smallRate / rate;
        PrintLine(
            what,
            $"{rate:0} MB/s",
            $"{smallRate:0} MB/s",
            $"{times:0.00}",
            $">= {LeastRate} MB/s, <= {MostTimes}",
            rate >= LeastRate && times <= MostTimes
        );
    }

    internal static void Check(bool isTrue, string message)
    {
        if (!isTrue)
        {
            throw new InvalidOperationException(message);
        }
    }

    internal static string Milliseconds(TimeSpan time) => $"{time.TotalMilliseconds:0.0} ms";

    internal string SshConfig => Path.Combine(ServerFolder, "ssh_config");

    internal string ServerFolder => Path.Combine(Folder, "sshd");

    internal async Task<HostTarget> ServerAsync()
    {
        if (_server is null)
        {
            ProcessStartInfo start = new("tests/fakes/sshd.sh", ["start", ServerFolder, "MaxStartups 200:100:200"])
            {
                RedirectStandardOutput = true,
            };
            using Process process = Process.Start(start)!;

            // The server keeps the stream open: only the line is awaited.
            string output = await process.StandardOutput.ReadLineAsync().ConfigureAwait(false) ?? string.Empty;
            _server = output
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(static word => word.Split('=', 2))
                .ToDictionary(static pair => pair[0], static pair => pair[1]);
        }

        return new HostTarget(
            "127.0.0.1",
            new SshAddress("127.0.0.1")
            {
                Port = int.Parse(_server["port"], CultureInfo.InvariantCulture),
                UserName = _server["user"],
                KeyFilePath = Path.Combine(ServerFolder, "key"),
                Options = [$"UserKnownHostsFile={Path.Combine(ServerFolder, "known_hosts")}", "IdentitiesOnly=yes"],
            }
        );
    }

    internal void Print(string what, TimeSpan ours, TimeSpan peer, double most)
    {
        double ratio = ours / peer;
        string shown = most < 0.1 ? $"1/{1 / ratio:0}" : $"{ratio:0.00}";
        string budget = most < 0.1 ? $"<= 1/{1 / most:0}" : $"<= {most:0.00}";
        PrintLine(what, Milliseconds(ours), Milliseconds(peer), shown, budget, ratio <= most);
    }

    internal void PrintLine(string what, string ours, string peer, string ratio, string budget, bool isMet)
    {
        MissedCount += isMet ? 0 : 1;
        Console.WriteLine(
            $"{what, -50} {ours, 12} {peer, 12} {ratio, 8}  {budget}{(isMet ? string.Empty : "  MISSED")}"
        );
    }
}
