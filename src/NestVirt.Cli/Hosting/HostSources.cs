using NestVirt.Hosts;

namespace NestVirt.Cli.Hosting;

/// <summary>Where the hosts of a command are found.</summary>
internal sealed record HostSources
{
    private const string SnapshotPattern = "*.json";

    /// <summary>Gets the inventory file, or null.</summary>
    internal string? InventoryPath { get; init; }

    /// <summary>Gets the snapshot files, directories and patterns.</summary>
    internal IReadOnlyList<string> Snapshots { get; init; } = [];

    /// <summary>Gets the directory trees.</summary>
    internal IReadOnlyList<string> Roots { get; init; } = [];

    /// <summary>Gets how hosts are reached that say nothing else.</summary>
    internal HostSettings Settings { get; init; } = new();

    /// <summary>Lists the hosts that a command asks: those that are named, or else this machine.</summary>
    /// <param name="words">The host words.</param>
    /// <returns>The hosts, each once, in the order in which they are named.</returns>
    /// <exception cref="UsageException">A name names nothing.</exception>
    internal IReadOnlyList<HostTarget> Resolve(IReadOnlyList<string> words)
    {
        HostInventory? inventory = InventoryPath is null ? null : InventoryFile.Load(InventoryPath);
        List<HostTarget> hosts = [];
        foreach (string word in words)
        {
            hosts.AddRange(HostsOf(word, inventory));
        }

        if (words.Count == 0 && inventory is not null)
        {
            hosts.AddRange(inventory.Hosts);
        }

        hosts.AddRange(Snapshots.SelectMany(SnapshotsOf));
        hosts.AddRange(Roots.Select(Tree));
        if (hosts.Count == 0)
        {
            hosts.Add(HostTarget.Local);
        }

        if (hosts.Count == 1)
        {
            return [Settings.ApplyTo(hosts[0])];
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        return [.. hosts.Select(Settings.ApplyTo).Where(host => seen.Add(Identity(host)))];
    }

    /// <summary>Gives the hosts of plans what their documents do not hold.</summary>
    /// <param name="targets">The hosts.</param>
    /// <returns>The hosts, as the inventory and the options say they are reached.</returns>
    internal IEnumerable<HostTarget> Complete(IEnumerable<HostTarget> targets)
    {
        HostInventory? inventory = InventoryPath is null ? null : InventoryFile.Load(InventoryPath);
        return targets.Select(target => Settings.ApplyTo(inventory?.Complete(target) ?? target));
    }

    /// <summary>Reads the word that names one look at a host: a snapshot file, or a host.</summary>
    /// <param name="word">The word.</param>
    /// <returns>The host.</returns>
    internal HostTarget ResolveLook(string word)
    {
        if (File.Exists(word))
        {
            return Recorded(word);
        }

        IReadOnlyList<HostTarget> hosts = (this with { Snapshots = [], Roots = [] }).Resolve([word]);
        return hosts.Count == 1
            ? hosts[0]
            : throw new UsageException(
                $"'{word}' names {hosts.Count} hosts, and one is needed here.",
                "Name one host, or a snapshot file."
            );
    }

    private static string Identity(HostTarget host) =>
        $"{host.Transport}\n{host.UserName}\n{host.Name}\n{host.Port}\n{host.Path}";

    private static IEnumerable<HostTarget> HostsOf(string word, HostInventory? inventory)
    {
        if (word.StartsWith("wsman:", StringComparison.Ordinal))
        {
            throw new UsageException(
                $"'{word}': this version does not reach Hyper-V hosts.",
                "Name KVM hosts, which are reached over SSH."
            );
        }

        if (inventory is not null && InventoryFile.Find(inventory, word) is { } found)
        {
            return found;
        }

        if (word.StartsWith('@'))
        {
            throw new UsageException(
                $"'{word}' names a group, and there is no inventory.",
                "Name the file that holds the group with --inventory."
            );
        }

        string name = word.StartsWith("ssh:", StringComparison.Ordinal) ? word["ssh:".Length..] : word;
        return !IsPath(word) && HostTarget.TryParseSsh(name, out HostTarget? target) ? [target] : throw NotAHost(word);
    }

    // No host name holds a slash; one that ends in .json and is a file here was meant as a file.
    private static bool IsPath(string word) =>
        word.Contains('/') || (word.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && File.Exists(word));

    private static UsageException NotAHost(string word) =>
        File.Exists(word) || Directory.Exists(word)
            ? new UsageException(
                $"'{word}' is a file, not a host.",
                $"To read a recorded host, type: --snapshot {word}"
            )
            : new UsageException($"'{word}' is not a host.", "Name a host as [user@]host[:port].");

    private static IEnumerable<HostTarget> SnapshotsOf(string text)
    {
        if (Directory.Exists(text))
        {
            return Matching(text, SnapshotPattern, text);
        }

        string pattern = Path.GetFileName(text);
        bool isPattern = pattern.AsSpan().ContainsAny('*', '?') && !File.Exists(text);
        return isPattern
            ? Matching(Path.GetDirectoryName(text) is { Length: > 0 } folder ? folder : ".", pattern, text)
            : [Recorded(text)];
    }

    private static List<HostTarget> Matching(string folder, string pattern, string typed)
    {
        string[] files = Directory.Exists(folder) ? Directory.GetFiles(folder, pattern) : [];
        Array.Sort(files, string.CompareOrdinal);
        return files.Length > 0
            ? [.. files.Select(Recorded)]
            : throw new UsageException(
                $"--snapshot {typed}: there is no file of that name.",
                "'nestvirt snapshot --to FILE' records a host."
            );
    }

    // A redacted snapshot holds no name, so the file's is the host's: kvm1.json is kvm1.
    private static HostTarget Recorded(string path) =>
        new(Path.GetFileNameWithoutExtension(path), HostTransport.Snapshot) { Path = path };

    private static HostTarget Tree(string path)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
        return new HostTarget(name.Length == 0 ? path : name, HostTransport.Root) { Path = path };
    }
}
