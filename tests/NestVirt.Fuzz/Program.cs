using System.Diagnostics;
using System.Globalization;
using System.Text;
using NestVirt.Fuzz;

const string Usage = """
    usage: ./build.sh fuzz [MINUTES] [--rounds N] [--seed N] [--target NAME]… [--replay FILE] [--list]
    """;

string root = AppContext.BaseDirectory;
while (!File.Exists(Path.Combine(root, "NestVirt.PowerShell.sln")))
{
    root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("it does not run in the repository");
}

string folder = Path.Combine(root, "artifacts/fuzz");
Directory.CreateDirectory(folder);
double minutes = 10;
long rounds = long.MaxValue;
int seed = 1;
string? replay = null;
bool isChild = false;
bool isList = false;
List<string> names = [];
for (int at = 0; at < args.Length; at++)
{
    string Next() => ++at < args.Length ? args[at] : throw new ArgumentException(Usage);
    switch (args[at])
    {
        case "--rounds":
            rounds = long.Parse(Next(), CultureInfo.InvariantCulture);
            break;
        case "--seed":
            seed = int.Parse(Next(), CultureInfo.InvariantCulture);
            break;
        case "--target":
            names.Add(Next());
            break;
        case "--replay":
            replay = Next();
            break;
        case "--child":
            isChild = true;
            break;
        case "--list":
            isList = true;
            break;
        default:
            minutes = double.Parse(args[at], CultureInfo.InvariantCulture);
            break;
    }
}

Coverage.Start();
HostSeeds seeds = new(Path.Combine(folder, "hosts"));
if (!isChild && replay is null)
{
    await seeds.MakeAsync(Path.Combine(root, "tests"));
}

FuzzTarget[] targets =
[
    .. FileTargets
        .All.Concat(CimTargets.All)
        .Concat(HostTargets.Make(seeds.Read()))
        .Where(target => names.Count == 0 || names.Contains(target.Name))
        .Select(target => target with { Seeds = [.. target.Seeds, .. Found(target.Name)] }),
];
if (isList)
{
    Array.ForEach(targets, static target => Console.WriteLine(target.Name));
    return 0;
}

TimeSpan time = TimeSpan.FromMinutes(minutes);
if (replay is not null)
{
    new FuzzLoop(targets[0], folder).Execute(InputText.Read(replay));
    return 0;
}

if (isChild)
{
    int found = 0;

    // Hosts are read on threads of the pool, which have this much room.
    Thread thread = new(() => found = new FuzzLoop(targets[0], folder).Run(seed, rounds, time), 1_500_000);
    thread.Start();
    thread.Join();
    return found == 0 ? 0 : 1;
}

int failed = 0;
TimeSpan each = time * Environment.ProcessorCount / targets.Length;
await Parallel.ForEachAsync(
    targets,
    new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
    async (target, stop) =>
    {
        int code = await RunAsync(target.Name, each);
        if (code != 0)
        {
            Interlocked.Increment(ref failed);
        }

        // What ends the process leaves only its input.
        string current = FuzzLoop.CurrentFile(folder, target.Name);
        if (code is not (0 or 1))
        {
            string kept = Path.Combine(folder, $"{target.Name}-ended.txt");
            File.Copy(current, kept, overwrite: true);
            Console.WriteLine($"FOUND {target.Name}: the process ended with {code} ({kept})");
        }

        File.Delete(current);
    }
);
Console.WriteLine($"{targets.Length - failed} passed, {failed} failed, 0 skipped");
return failed == 0 ? 0 : 1;

IEnumerable<string> Found(string target)
{
    string found = Path.Combine(root, "tests/NestVirt.Fuzz/found", target);
    return Directory.Exists(found)
        ? Directory.EnumerateFiles(found).Order(StringComparer.Ordinal).Select(InputText.Read)
        : [];
}

async Task<int> RunAsync(string target, TimeSpan share)
{
    string minutesText = share.TotalMinutes.ToString(CultureInfo.InvariantCulture);
    List<string> words =
    [
        minutesText,
        "--child",
        "--target",
        target,
        "--seed",
        seed.ToString(CultureInfo.InvariantCulture),
    ];
    if (rounds != long.MaxValue)
    {
        words.AddRange(["--rounds", rounds.ToString(CultureInfo.InvariantCulture)]);
    }

    ProcessStartInfo start = new(Environment.ProcessPath!, words)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        StandardOutputEncoding = Encoding.UTF8,
    };
    using Process child = Process.Start(start)!;
    Task<string> errors = child.StandardError.ReadToEndAsync();
    while (await child.StandardOutput.ReadLineAsync() is { } line)
    {
        Console.WriteLine(line);
    }

    _ = await errors;
    await child.WaitForExitAsync();
    return child.ExitCode;
}
