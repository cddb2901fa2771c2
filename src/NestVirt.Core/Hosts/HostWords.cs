using NestVirt.Guidance;

namespace NestVirt.Hosts;

/// <summary>Makes hosts of what somebody calls them. Words that name none are an error, and never this machine.</summary>
/// <param name="inventory">The inventory, or null.</param>
/// <param name="settings">How hosts are reached that say nothing else.</param>
public sealed class HostWords(HostInventory? inventory, HostSettings settings)
{
    private const string SshPrefix = "ssh:";
    private const string SshUri = "ssh://";

    // No top-level domain is called so: what ends like this was meant as a file.
    private static readonly string[] s_fileEndings = [".json", ".yml", ".yaml", ".psd1", ".csv", ".txt"];

    private bool _isWarned;
    private HostTransport? _portOf;
    private HostTransport? _passwordOf;

    // One target for each host, however often and in whichever way it is named.
    private readonly Dictionary<(string Name, HostAddress Address), HostTarget> _targets = [];

    /// <summary>Gets what is told once, as a sentence, when the check of host keys is loosened for a host.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>Writes the word of a host that is known to be a Hyper-V host.</summary>
    /// <param name="word">[user@]host[:port], or a name of the inventory; the prefix may be there already.</param>
    /// <returns>The same behind <c>wsman:</c>.</returns>
    public static string HyperV(string word) => IsHyperV(word) ? word : WsManAddress.Prefix + word;

    /// <summary>Tells whether a word is that of a Hyper-V host, as it stands.</summary>
    /// <param name="word">The word.</param>
    /// <returns>True if it begins with <c>wsman:</c>.</returns>
    public static bool IsHyperV(string word) =>
        word.StartsWith(WsManAddress.Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>Gives the hosts that a command is for: those that are named, or else this machine.</summary>
    /// <param name="words">The words; without any, the inventory gives all of its hosts.</param>
    /// <param name="recorded">Recorded hosts that are named beside them; null when nothing of that kind is named.</param>
    /// <returns>The hosts, each once, in the order in which they are named.</returns>
    /// <exception cref="HostWordException">Something is named, and gives no host.</exception>
    public IReadOnlyList<HostTarget> Resolve(
        IReadOnlyCollection<string> words,
        IReadOnlyCollection<HostTarget>? recorded = null
    )
    {
        if (words.Count == 0 && inventory is null && recorded is null)
        {
            return [Complete(HostTarget.Local)];
        }

        IEnumerable<HostTarget> live = words.Count == 0 && inventory is not null ? All() : words.SelectMany(HostsOf);
        HostTarget[] hosts = [.. live.Concat((recorded ?? []).Select(Complete)).Distinct()];
        return hosts.Length > 0
            ? hosts
            : throw new HostWordException(
                NestVirtErrorKind.SourceNotFound,
                HostWordFault.NoHost,
                "There is no recorded host."
            );
    }

    /// <summary>Gives the hosts of one word.</summary>
    /// <param name="word">
    /// [user@]host[:port], also after <c>ssh:</c>; the same after <c>wsman:</c> for a Hyper-V host; or a host, a group,
    /// <c>@group</c> or a pattern of the inventory.
    /// </param>
    /// <returns>The hosts; at least one.</returns>
    /// <exception cref="HostWordException">The word names no host.</exception>
    public IReadOnlyList<HostTarget> HostsOf(string word) => HostsOf(word, new HostSettings());

    /// <summary>Gives the hosts of one word that comes with settings of its own, as in a row of a table.</summary>
    /// <param name="word">The word.</param>
    /// <param name="nearer">The settings, which fill what the inventory leaves open before the others do.</param>
    /// <returns>The hosts; at least one.</returns>
    /// <exception cref="HostWordException">The word names no host.</exception>
    public IReadOnlyList<HostTarget> HostsOf(string word, HostSettings nearer) =>
        [.. Find(word).Select(nearer.ApplyTo).Select(Complete).Distinct()];

    /// <summary>Gives the host of a word where only one will do.</summary>
    /// <param name="word">The word.</param>
    /// <returns>The host.</returns>
    /// <exception cref="HostWordException">The word names no host, or several.</exception>
    public HostTarget HostOf(string word) =>
        HostsOf(word) is var hosts && hosts.Count == 1
            ? hosts[0]
            : throw new HostWordException(
                NestVirtErrorKind.HostNameInvalid,
                HostWordFault.Several,
                $"'{word}' names {hosts.Count} hosts, and one is needed here."
            );

    /// <summary>Gives every host of the inventory.</summary>
    /// <returns>The hosts; at least one.</returns>
    /// <exception cref="HostWordException">There is none.</exception>
    public IReadOnlyList<HostTarget> All() =>
        inventory is { Hosts.Count: > 0 }
            ? [.. inventory.Hosts.Select(Complete).Distinct()]
            : throw Empty($"The inventory '{inventory?.Path}' has no hosts.");

    /// <summary>Gives a host what the settings say of it.</summary>
    /// <param name="target">The host.</param>
    /// <returns>The host; the same object for the same host.</returns>
    internal HostTarget Complete(HostTarget target)
    {
        RefuseOfBoth(target);
        HostTarget complete = settings.ApplyTo(target);
        if (!_isWarned && complete.SshOptions.FirstOrDefault(HostKeyChecking.IsLoosenedBy) is { } option)
        {
            _isWarned = true;
            Warn?.Invoke(HostKeyChecking.WarningOf(option));
        }

        return _targets.TryAdd((complete.Name, complete.Address), complete)
            ? complete
            : _targets[(complete.Name, complete.Address)];
    }

    // One number can hardly be the port of both kinds of server, and one password hardly that of both kinds of host.
    private void RefuseOfBoth(HostTarget target)
    {
        if (
            settings is { Credential.HasPassword: true, HyperVCredential: null }
            && target.Transport is HostTransport.Ssh or HostTransport.WsMan
        )
        {
            _passwordOf ??= target.Transport;
            if (_passwordOf != target.Transport)
            {
                throw new HostWordException(
                    NestVirtErrorKind.HostNameInvalid,
                    HostWordFault.PasswordOfBoth,
                    "The password would go to hosts over SSH and over WS-Management alike."
                )
                {
                    Word = target.Name,
                    Remedy = "Ask the two kinds of host by two commands, each with its own password.",
                };
            }
        }

        if (
            settings.Port is null
            || target.Port is not null
            || target.Transport is not (HostTransport.Ssh or HostTransport.WsMan)
        )
        {
            return;
        }

        _portOf ??= target.Transport;
        if (_portOf != target.Transport)
        {
            throw new HostWordException(
                NestVirtErrorKind.HostNameInvalid,
                HostWordFault.PortOfBoth,
                "The port would hold for hosts over SSH and over WS-Management alike."
            )
            {
                Word = target.Name,
                Remedy = Advice.Of(
                    $"Leave out {HostSetting.Port}, and write the port behind the hosts that it is of, as in {target.Name}:5986."
                ),
            };
        }
    }

    /// <summary>Gives a host that is known already, as from a plan or an object, what the inventory and the settings say of it.</summary>
    /// <param name="target">The host.</param>
    /// <returns>The host; the same object for the same host.</returns>
    /// <exception cref="HostWordException">It comes from a file, with options for ssh that only the user may set.</exception>
    public HostTarget CompleteKnown(HostTarget target)
    {
        if (target.Session is not null || target.Address is WsManAddress { Session: not null })
        {
            // It is logged in.
            return target;
        }

        if (target.Address is SshAddress { UnconfirmedOptions: { Count: > 0 } options })
        {
            target = options.FirstOrDefault(option => !settings.SshOptions.Contains(option)) is not { } option
                ? target.WithSsh(static ssh => ssh with { UnconfirmedOptions = [] })
                : throw new HostWordException(
                    NestVirtErrorKind.HostNameInvalid,
                    HostWordFault.OptionNotConfirmed,
                    $"'{target.Name}' comes from a file or a job with the ssh option '{option}', which a file may not set."
                )
                {
                    Word = target.Name,
                    Remedy = Advice.Of($"Give the same option by {HostSetting.SshOption}, if it is meant."),
                };
        }

        return Complete(inventory?.Complete(target) ?? target);
    }

    private IReadOnlyList<HostTarget> Find(string word)
    {
        bool isHyperV = IsHyperV(word);
        string rest = isHyperV ? word[WsManAddress.Prefix.Length..] : word;
        if (string.IsNullOrWhiteSpace(rest) || rest.TrimStart().StartsWith('#'))
        {
            throw NoHost(
                word,
                HostWordFault.NoHost,
                string.IsNullOrWhiteSpace(rest)
                    ? "A blank line or an empty word names no host."
                    : $"'{word}' is a comment, and names no host.",
                "Give a host a line, as [user@]host[:port], and leave out blank lines and comments."
            );
        }

        if (isHyperV)
        {
            return OfHyperV(rest);
        }

        if (inventory?.Find(word) is { } listed)
        {
            return listed.Count > 0
                ? listed
                : throw Empty($"The group '{word.TrimStart('@')}' of the inventory '{inventory.Path}' has no hosts.");
        }

        string name = word.StartsWith(SshPrefix, StringComparison.OrdinalIgnoreCase) ? word[SshPrefix.Length..] : word;
        bool isHost =
            HostTarget.TryParseSsh(name, out HostTarget? target) && !name.StartsWith("//", StringComparison.Ordinal);
        if (word.StartsWith('@') || word.AsSpan().ContainsAny('*', '?') || (!isHost && word.Contains('[')))
        {
            return Chosen(word);
        }

        bool isUri = word.StartsWith(SshUri, StringComparison.OrdinalIgnoreCase);
        return !isUri && IsFile(word)
                ? throw NoHost(word, HostWordFault.File, $"'{word}' is the name of a file, not of a host.")
            : isHost ? [target!]
            : throw NoHost(
                word,
                HostWordFault.NoHost,
                $"'{word}' is not a host of the form [user@]host[:port].",
                isUri ? $"Leave out the ssh://, as in {word[SshUri.Length..].TrimEnd('/')}"
                    : word.Contains(',') ? "Name each host by itself, not several behind commas."
                    : null
            );
    }

    // The inventory's own name for such a host, group or pattern, or else where the host is.
    private HostTarget[] OfHyperV(string word)
    {
        bool isHost = HostTarget.TryParseWsMan(word, out HostTarget? target);
        bool isChoice = word.StartsWith('@') || word.AsSpan().ContainsAny('*', '?') || (!isHost && word.Contains('['));
        HostTarget[] listed =
        [
            .. (isChoice ? Chosen(word) : inventory?.FindHyperV(word) ?? []).Where(static host =>
                host.Transport == HostTransport.WsMan
            ),
        ];
        return listed.Length > 0 ? listed
            : isChoice || inventory?.FindHyperV(word) is not null
                ? throw Empty(
                    $"Nothing of the inventory '{inventory?.Path}' that is called '{word}' is a Hyper-V host."
                )
            : isHost ? [target!]
            : throw NoHost(
                word,
                HostWordFault.HyperV,
                $"'{word}' is not a Hyper-V host of the form [user@]host[:port].",
                word.Contains(',') ? "Name each host by itself, not several behind commas." : null
            );
    }

    private IReadOnlyList<HostTarget> Chosen(string word)
    {
        bool isGroup = word.StartsWith('@');
        string name = word.TrimStart('@');
        if (inventory is null)
        {
            throw NoHost(
                word,
                HostWordFault.NoInventory,
                isGroup
                    ? $"'{word}' names a group, and there is no inventory."
                    : $"'{word}' is a pattern, and there is no inventory to choose from."
            );
        }

        return inventory.FindPattern(word) switch
        {
            { Count: > 0 } hosts => hosts,
            { } => throw Empty($"The groups '{name}' of the inventory '{inventory.Path}' have no hosts."),
            null => throw new HostWordException(
                NestVirtErrorKind.InventoryNameNotFound,
                HostWordFault.NotInInventory,
                isGroup ? $"The inventory has no group '{name}'." : $"The inventory has no host or group like '{name}'."
            )
            {
                Remedy =
                    inventory.GroupNames.Count == 0
                        ? "It has no groups."
                        : $"Its groups are: {string.Join(", ", inventory.GroupNames)}.",
            },
        };
    }

    // No host's name holds a slash, and a backslash stands only between a domain and its user.
    private static bool IsFile(string word) =>
        word.Contains('/')
        || (word.Contains('\\') && !word.Contains('@'))
        || Array.Exists(s_fileEndings, ending => word.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static HostWordException NoHost(string word, HostWordFault fault, string message, string? remedy = null) =>
        new(NestVirtErrorKind.HostNameInvalid, fault, message) { Word = word, Remedy = remedy };

    private static HostWordException Empty(string message) =>
        new(NestVirtErrorKind.InventoryEmpty, HostWordFault.NoHostsInInventory, message);
}
