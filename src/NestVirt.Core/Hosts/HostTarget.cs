using System.Diagnostics.CodeAnalysis;
using NestVirt.Text;

namespace NestVirt.Hosts;

/// <summary>One host: what it is called, and where it is. It shows no secret, and none is written with it.</summary>
public sealed record HostTarget
{
    /// <summary>Makes a host.</summary>
    /// <param name="name">The name the user typed, and the name errors report.</param>
    /// <param name="address">Where it is.</param>
    public HostTarget(string name, HostAddress address)
    {
        Name = name;
        Address = address;
    }

    /// <summary>Gets the machine this process runs on.</summary>
    public static HostTarget Local { get; } = new("localhost", new LocalAddress());

    /// <summary>Gets the name the user typed.</summary>
    public string Name
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the transport that reaches the host.</summary>
    public HostTransport Transport => Address.Transport;

    /// <summary>Gets the account on the host; null for the transport's own choice.</summary>
    public string? UserName => Ssh?.UserName ?? WsMan?.UserName;

    /// <summary>Gets the private key file for a host over SSH; null for the transport's own choice.</summary>
    public string? KeyFilePath => HostText.ShownPath(ClientKeyFilePath);

    /// <summary>Gets the port; null for the transport's own choice.</summary>
    public int? Port => Ssh?.Port ?? WsMan?.Port;

    /// <summary>Gets a value indicating whether TLS carries the messages to a host over WS-Management; null for other hosts.</summary>
    public bool? UseSsl => WsMan?.IsSecure;

    /// <summary>Gets what a host over WS-Management is connected to, where that is not its name; null otherwise.</summary>
    public string? ConnectsTo => WsMan is { Host: var host } && host != Name ? HostText.Shown(host) : null;

    /// <summary>Gets how to log in to a host over WS-Management; null for the transport's own choice.</summary>
    public WsManAuthentication? Authentication => WsMan?.Authentication;

    /// <summary>Gets the thumbprint of the one certificate that a host over HTTPS may have; null for any that is trusted.</summary>
    public string? CertificateThumbprint => HostText.Shown(WsMan?.CertificateThumbprint);

    /// <summary>Gets the file of the authorities that vouch for a host over HTTPS; null for those that this machine trusts.</summary>
    public string? AuthorityFilePath => HostText.ShownPath(WsMan?.AuthorityFilePath);

    /// <summary>Gets the file of a snapshot or the directory of a tree; null for a live host.</summary>
    public string? Path =>
        HostText.ShownPath(
            Address switch
            {
                SnapshotAddress snapshot => snapshot.Path,
                TreeAddress tree => tree.Path,
                _ => null,
            }
        );

    /// <summary>Gets options for the ssh client, each as KEY=VALUE; the first is what to connect to, where that is not the name.</summary>
    public IReadOnlyList<string> SshOptions => HostText.Shown(ClientOptions);

    // What the client gets.
    internal string? ClientKeyFilePath => Ssh?.KeyFilePath;

    internal IReadOnlyList<string> ClientOptions =>
        Ssh is not { } ssh ? TextList<string>.Empty
        : ssh.Host == Name ? ssh.Options
        : TextList<string>.Of([$"HostName={ssh.Host.Replace("%", "%%", StringComparison.Ordinal)}", .. ssh.Options]);

    /// <summary>Gets how long connecting may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets how long one script may take, from the moment it is sent; includes the log-in.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets a value indicating whether <c>sudo</c> may be used on the host for what needs root.</summary>
    public bool AllowSudo { get; init; } = true;

    /// <summary>Gets what names the host on a command line, as user@host:port; null for this machine and for recorded hosts.</summary>
    public string? CommandWord => Ssh?.Word(Name) ?? WsMan?.Word(Name);

    /// <summary>Gets a value indicating whether the host is a file or a directory: it can be read, not changed.</summary>
    public bool IsRecorded => !Address.IsLive;

    /// <summary>Gets the password that sudo asks for, where it may be used; null for none, and to be taken for that once it is cleared.</summary>
    internal HostSecret? SudoPassword
    {
        get => AllowSudo && field is { IsGiven: true } given ? given : null;
        init;
    }

    // By reference, and lost in a file or a job: nobody else can use it.
    internal IHostSession? Session { get; init; }

    // Not public, since objects show it flat: what shells and files make of nested objects loses the deeper ones.
    internal HostAddress Address { get; init; }

    private SshAddress? Ssh => Address as SshAddress;

    private WsManAddress? WsMan => Address as WsManAddress;

    /// <summary>Makes a recorded host, named after its file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The host.</returns>
    public static HostTarget Snapshot(string path) =>
        new(System.IO.Path.GetFileNameWithoutExtension(path), new SnapshotAddress(path));

    /// <summary>Makes the host of a directory tree, named after the directory.</summary>
    /// <param name="path">The directory.</param>
    /// <returns>The host.</returns>
    public static HostTarget Tree(string path)
    {
        string name = System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(path));
        return new HostTarget(name.Length == 0 ? path : name, new TreeAddress(path));
    }

    /// <summary>Tells whether a text is an account that no program takes for something else, such as an option.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True if so.</returns>
    public static bool IsUserName(string text) => SshAddress.IsUser(text);

    /// <summary>Reads what PowerShell's own -HostName takes: host, user@host, user@host:port, user@[ipv6]:port.</summary>
    /// <param name="text">The text.</param>
    /// <param name="target">The host, with no user and no port unless the text names them.</param>
    /// <returns>True if the text is of that form, and cannot be taken for an option by the ssh client.</returns>
    public static bool TryParseSsh(string text, [NotNullWhen(true)] out HostTarget? target)
    {
        target = SshAddress.TryParse(text, out SshAddress? address) ? new HostTarget(address.Host, address) : null;
        return target is not null;
    }

    /// <summary>Reads what names a Hyper-V host: [http://|https://][user@]host[:port].</summary>
    /// <param name="text">The text.</param>
    /// <param name="target">The host, with what the text says.</param>
    /// <returns>True if the text is of that form.</returns>
    public static bool TryParseWsMan(string text, [NotNullWhen(true)] out HostTarget? target)
    {
        target = WsManAddress.TryParse(text, out WsManAddress? address) ? new HostTarget(address.Host, address) : null;
        return target is not null;
    }

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <param name="text">The text.</param>
    /// <param name="target">The host, with what its text says.</param>
    /// <returns>True if the text is that of a host.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out HostTarget? target)
    {
        target =
            text == LocalAddress.Text ? Local
            : After(SnapshotAddress.Prefix, text) is { } file ? Snapshot(file)
            : After(TreeAddress.Prefix, text) is { } folder ? Tree(folder)
            : null;
        return target is not null || TryParseLive(text, out target);
    }

    /// <summary>Reads what names a host over SSH, or over WS-Management behind its prefix.</summary>
    /// <param name="text">The text.</param>
    /// <param name="target">The host, with what the text says.</param>
    /// <returns>True if the text is of that form.</returns>
    internal static bool TryParseLive(string text, [NotNullWhen(true)] out HostTarget? target) =>
        After(WsManAddress.Prefix, text) is { } host ? TryParseWsMan(host, out target) : TryParseSsh(text, out target);

    /// <summary>Writes the host so that a table or a file keeps which one it is.</summary>
    /// <returns>What the command line takes; for this machine and for recorded hosts a word of their own.</returns>
    public override string ToString() => CommandWord ?? HostText.ShownPath(Address.ToString());

    /// <summary>Treats the host as one that a file named: its options for the ssh client count as those of an inventory.</summary>
    /// <returns>The host. Other options than harmless ones have no effect, and it is refused unless the user gives them, too.</returns>
    public HostTarget AsOfFile() =>
        WithSsh(static ssh =>
            ssh with
            {
                Options = [.. ssh.Options.Where(SshOption.IsHarmless)],
                UnconfirmedOptions = [.. ssh.Options.Where(static option => !SshOption.IsHarmless(option))],
            }
        );

    /// <summary>Changes how the host is reached over SSH.</summary>
    /// <param name="change">Gives the new address for the old one.</param>
    /// <returns>The host; the same when it is not one over SSH.</returns>
    internal HostTarget WithSsh(Func<SshAddress, SshAddress> change) =>
        Ssh is { } ssh ? this with { Address = change(ssh) } : this;

    /// <summary>Changes how the host is reached over WS-Management.</summary>
    /// <param name="change">Gives the new address for the old one.</param>
    /// <returns>The host; the same when it is not one over WS-Management.</returns>
    internal HostTarget WithWsMan(Func<WsManAddress, WsManAddress> change) =>
        WsMan is { } wsMan ? this with { Address = change(wsMan) } : this;

    private static string? After(string prefix, string text) =>
        text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : null;
}
