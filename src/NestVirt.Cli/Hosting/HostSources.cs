using NestVirt.Cli.Output;
using NestVirt.Hosts;

namespace NestVirt.Cli.Hosting;

/// <summary>Where the hosts of a command are found.</summary>
internal sealed record HostSources
{
    private const string SnapshotPattern = "*.json";

    private HostWords? _words;
    private bool _areHyperVNamed;

    /// <summary>Gets the inventory file, or null.</summary>
    internal string? InventoryPath { get; init; }

    /// <summary>Gets a value indicating whether the inventory may set every option of the ssh client.</summary>
    internal bool IsInventoryTrusted { get; init; }

    /// <summary>Gets the snapshot files, directories and patterns.</summary>
    internal IReadOnlyList<string> Snapshots { get; init; } = [];

    /// <summary>Gets the directory trees.</summary>
    internal IReadOnlyList<string> Roots { get; init; } = [];

    /// <summary>Gets how hosts are reached that say nothing else.</summary>
    internal HostSettings Settings { get; init; } = new();

    /// <summary>Gets what asks for a password; asked once what hosts there are is known.</summary>
    internal Func<HostCredential?> AskCredential { get; init; } = static () => null;

    /// <summary>Gets what asks for the password that sudo asks for; asked as that one is.</summary>
    internal Func<HostSecret?> AskSudoPassword { get; init; } = static () => null;

    /// <summary>Gets a value indicating whether recorded hosts are named.</summary>
    internal bool IsRecordedNamed => Snapshots.Count + Roots.Count > 0;

    private HostWords Words => _words ??= CreateWords();

    /// <summary>Lists the hosts that a command asks: those that are named, or else this machine.</summary>
    /// <param name="words">The host words.</param>
    /// <returns>The hosts, each once, in the order in which they are named.</returns>
    /// <exception cref="UsageException">A name names nothing.</exception>
    internal IReadOnlyList<HostTarget> Resolve(IReadOnlyList<string> words)
    {
        _areHyperVNamed = words.Any(static word => HostWords.IsHyperV(word));
        HostTarget[] recorded = [.. Snapshots.SelectMany(SnapshotsOf), .. Roots.Select(HostTarget.Tree)];
        return Explained(() => Words.Resolve(words, IsRecordedNamed ? recorded : null));
    }

    /// <summary>Gives the hosts of plans what their documents do not hold.</summary>
    /// <param name="targets">The hosts.</param>
    /// <returns>The hosts, as the inventory and the options say they are reached.</returns>
    internal IEnumerable<HostTarget> Complete(IEnumerable<HostTarget> targets) => targets.Select(Words.CompleteKnown);

    /// <summary>Reads the word that names one look at a host: a snapshot file, or a host.</summary>
    /// <param name="word">The word.</param>
    /// <returns>The host.</returns>
    internal HostTarget ResolveLook(string word) =>
        File.Exists(word) ? Recorded(word) : Explained(() => Words.HostOf(word));

    // Where hosts of both kinds are named, those over SSH have keys: no password goes to whom it was not meant for.
    private HostWords CreateWords()
    {
        HostInventory? inventory = InventoryPath is null ? null : InventoryFile.Load(InventoryPath, IsInventoryTrusted);
        HostCredential? asked = AskCredential();
        return new HostWords(
            inventory,
            Settings with
            {
                Credential = _areHyperVNamed ? null : asked,
                HyperVCredential = _areHyperVNamed ? asked : null,
                SudoPassword = AskSudoPassword(),
            }
        )
        {
            Warn = static sentence => Complaint.Write($"warning: {sentence}", remedy: null),
        };
    }

    private static T Explained<T>(Func<T> resolve)
    {
        try
        {
            return resolve();
        }
        catch (HostWordException error)
        {
            throw new UsageException(error.Message, error.Remedy ?? RemedyOf(error));
        }
    }

    private static string? RemedyOf(HostWordException error) =>
        error.Fault switch
        {
            HostWordFault.File => $"To read a recorded host, type: --snapshot {error.Word}",
            HostWordFault.HyperV => "Name a Hyper-V host as wsman:host or wsman:host:port.",
            HostWordFault.NoInventory => "Name the file of hosts with --inventory.",
            HostWordFault.NoHostsInInventory => "'nestvirt --help' shows what an inventory looks like.",
            HostWordFault.Several => "Name one host, or a snapshot file.",
            _ => "Name a host as [user@]host[:port].",
        };

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
    private static HostTarget Recorded(string path) => HostTarget.Snapshot(path);
}
