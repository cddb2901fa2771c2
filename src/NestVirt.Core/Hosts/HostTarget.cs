using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using NestVirt.Text;

namespace NestVirt.Hosts;

/// <summary>How a host is reached.</summary>
public enum HostTransport : long
{
    /// <summary>Child processes on this machine.</summary>
    Local,

    /// <summary>The OpenSSH client.</summary>
    Ssh,

    /// <summary>A file that holds a host's recorded answers.</summary>
    Snapshot,

    /// <summary>A directory that holds a host's <c>proc/</c> and <c>sys/</c>.</summary>
    Root,
}

/// <summary>One host and the way to reach it. Holds no secret.</summary>
/// <param name="Name">The name the user typed, and the name errors report.</param>
/// <param name="Transport">The transport that reaches the host.</param>
public sealed record HostTarget(string Name, HostTransport Transport)
{
    private const string LocalText = "local:";
    private const string SnapshotPrefix = "snapshot:";
    private const string RootPrefix = "root:";

    private static readonly SearchValues<char> s_shellCharacters = SearchValues.Create("[]'\"`$;|&<>(){}");

    /// <summary>Gets the machine this process runs on.</summary>
    public static HostTarget Local { get; } = new("localhost", HostTransport.Local);

    /// <summary>Gets the account on the host, or null for the transport's own choice.</summary>
    public string? UserName { get; init; }

    /// <summary>Gets the private key file, or null for the transport's own choice.</summary>
    public string? KeyFilePath { get; init; }

    /// <summary>Gets the port, or null for the transport's default.</summary>
    public int? Port { get; init; }

    /// <summary>Gets the file of a snapshot or the directory of a tree; null for a live host.</summary>
    public string? Path { get; init; }

    /// <summary>Gets options for the ssh client, each as KEY=VALUE, which go to it as <c>-o KEY=VALUE</c>.</summary>
    public IReadOnlyList<string> SshOptions
    {
        get;
        init => field = TextList<string>.Of(value);
    } = TextList<string>.Empty;

    /// <summary>Gets how long connecting may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets how long one script may take, from the moment it is sent; includes the log-in.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets a value indicating whether <c>sudo -n</c> may be used on the host for what needs root.</summary>
    public bool AllowSudo { get; init; } = true;

    /// <summary>Gets what names the host on a command line, as user@host:port; null for this machine and for recorded hosts.</summary>
    public string? CommandWord =>
        Transport != HostTransport.Ssh
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{(UserName is null ? string.Empty : $"{UserName}@")}{(Name.Contains(':', StringComparison.Ordinal) ? $"[{Name}]" : Name)}{(Port is null ? string.Empty : $":{Port}")}"
            );

    /// <summary>Reads what PowerShell's own -HostName takes: host, user@host, user@host:port, user@[ipv6]:port.</summary>
    /// <param name="text">The text.</param>
    /// <param name="target">The host, with no user and no port unless the text names them.</param>
    /// <returns>True if the text is of that form, and cannot be taken for an option by the ssh client.</returns>
    public static bool TryParseSsh(string text, [NotNullWhen(true)] out HostTarget? target)
    {
        target = null;
        int at = text.LastIndexOf('@');
        string host = text[(at + 1)..];
        int? port = null;

        // An IPv6 address without brackets has more than one colon, and so no port.
        int colon = host.LastIndexOf(':');
        if (colon >= 0 && (colon == host.IndexOf(':') || host[colon - 1] == ']'))
        {
            if (
                !ushort.TryParse(
                    host.AsSpan(colon + 1),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out ushort value
                )
                || value == 0
            )
            {
                return false;
            }

            port = value;
            host = host[..colon];
        }

        host = host is ['[', .. string inner, ']'] ? inner : host;
        string? user = at < 0 ? null : text[..at];
        if (!IsPlain(host) || host.Contains('\\') || (user is not null && (!IsPlain(user) || user.EndsWith('\\'))))
        {
            return false;
        }

        target = new HostTarget(host, HostTransport.Ssh) { UserName = user, Port = port };
        return true;
    }

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <param name="text">The text.</param>
    /// <param name="target">The host, with what its text says.</param>
    /// <returns>True if the text is that of a host.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out HostTarget? target)
    {
        target =
            text == LocalText ? Local
            : text.StartsWith(SnapshotPrefix, StringComparison.Ordinal)
                ? Recorded(HostTransport.Snapshot, text[SnapshotPrefix.Length..])
            : text.StartsWith(RootPrefix, StringComparison.Ordinal)
                ? Recorded(HostTransport.Root, text[RootPrefix.Length..])
            : null;
        return target is not null || TryParseSsh(text, out target);
    }

    /// <summary>Writes the host so that a table or a file keeps which one it is.</summary>
    /// <returns>What -HostName takes; for this machine and for recorded hosts a word of their own.</returns>
    public override string ToString() =>
        Transport switch
        {
            HostTransport.Local => LocalText,
            HostTransport.Snapshot => SnapshotPrefix + Path,
            HostTransport.Root => RootPrefix + Path,
            _ => CommandWord!,
        };

    private static HostTarget Recorded(HostTransport transport, string path) =>
        new(
            transport == HostTransport.Snapshot
                ? System.IO.Path.GetFileNameWithoutExtension(path)
                : System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(path)),
            transport
        )
        {
            Path = path,
        };

    // ssh hands names to the shell of a ProxyCommand (%h, %r), so what a shell would act on is refused here.
    private static bool IsPlain(string word) =>
        word.Length > 0
        && word[0] != '-'
        && !word.AsSpan().ContainsAny(s_shellCharacters)
        && !word.Any(char.IsWhiteSpace)
        && HostText.ForDisplay(word) == word;
}
