using System.CommandLine;
using System.Globalization;
using NestVirt.Cli.Consent;
using NestVirt.Cli.Output;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Cli.Hosting;

/// <summary>The options that every command takes.</summary>
internal sealed class HostOptions
{
    private const int DefaultThrottle = 32;
    private const int MaximumThrottle = 1024;
    private const int MaximumSeconds = 86_400;

    /// <summary>The name of the option for a file of hosts.</summary>
    internal const string InventoryName = "--inventory";

    private const int MaximumPort = 65_535;

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description =
            "How results are written. jsonl writes a line a result as it arrives, and {\"error\":…} for a host that failed. csv puts ' before a text that a spreadsheet would take for a formula, not before numbers.",
        HelpName = "table|json|jsonl|csv",
    };

    private readonly Option<string> _inventory = new(InventoryName, "-i")
    {
        Description = "A YAML or JSON file of hosts and groups. Without host words every host in it is asked.",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _snapshot = new("--snapshot")
    {
        Description = "Recorded hosts: files, a directory of them, or a pattern.",
        HelpName = "FILE",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string[]> _root = new("--root")
    {
        Description = "A directory that holds the proc/ and sys/ of a host.",
        HelpName = "DIR",
    };

    private readonly Option<string> _user = new("--user", "-u")
    {
        Description = "The account on hosts that name none.",
        HelpName = "NAME",
    };

    private readonly Option<string> _port = new("--port", "-p")
    {
        Description = "The port of hosts that name none.",
        HelpName = "NUMBER",
    };

    private readonly Option<string> _identity = new("--identity")
    {
        Description = "The private key file for ssh.",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _sshOption = new("--ssh-option")
    {
        Description = "An option for the ssh client, as for its -o. May be given again.",
        HelpName = "KEY=VALUE",
    };

    private readonly Option<string> _sshClient = new("--ssh-client")
    {
        Description = "What speaks SSH: the ssh of this machine, or the built-in client, which takes passwords.",
        HelpName = "openssh|library",
    };

    private readonly Option<bool> _useSsl = new("--use-ssl")
    {
        Description = "Reach Hyper-V hosts over HTTPS. Port 5986 alone means it, too.",
    };

    private readonly Option<string> _authentication = new("--authentication")
    {
        Description =
            "How to log in to Hyper-V hosts: by NTLM where a password is given, by the user's Kerberos ticket where none is, or as said here.",
        HelpName = "default|negotiate|kerberos|ntlmdomain|basic",
    };

    private readonly Option<string> _thumbprint = new("--certificate-thumbprint")
    {
        Description = "The one certificate that Hyper-V hosts over HTTPS may have, by its SHA-1 or SHA-256 thumbprint.",
        HelpName = "DIGITS",
    };

    private readonly Option<string> _authorityFile = new("--authority-file")
    {
        Description = "The certificates of the authorities that vouch for Hyper-V hosts over HTTPS, in PEM or DER.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _askPassword = new("--ask-password")
    {
        Description = "Ask on the terminal for the password of the account on the hosts.",
    };

    private readonly Option<bool> _askKeyPassphrase = new("--ask-key-passphrase")
    {
        Description = "Ask on the terminal for the passphrase of the private key.",
    };

    private readonly Option<bool> _askSudoPassword = new("--ask-sudo-password")
    {
        Description = "Ask on the terminal for the password that sudo asks for on the hosts.",
    };

    private readonly Option<bool> _trustInventory = new("--trust-inventory")
    {
        Description =
            "Let the inventory set every ssh option: those that run programs on this machine or believe any host, too.",
    };

    private readonly Option<bool> _noSudo = new("--no-sudo") { Description = "Do not use sudo for what needs root." };

    private readonly Option<string> _throttle = new("--throttle")
    {
        Description = "How many hosts are asked at once (32).",
        HelpName = "N",
    };

    private readonly Option<string> _timeout = new("--timeout")
    {
        Description = "How long a host may take to answer (60).",
        HelpName = "SECONDS",
    };

    private readonly Option<string> _connectTimeout = new("--connect-timeout")
    {
        Description = "How long connecting to a host may take (15).",
        HelpName = "SECONDS",
    };

    /// <summary>Makes the argument that names hosts.</summary>
    /// <returns>The argument.</returns>
    internal static Argument<string[]> CreateHostArgument() =>
        new("HOST")
        {
            Description =
                "[user@]host[:port], wsman:host[:port] for a Hyper-V host, or a host or @group of the inventory (* and ? stand for other characters); nothing is this machine.",
            Arity = ArgumentArity.ZeroOrMore,
            CompletionSources = { HostSuggestions.For },
        };

    /// <summary>Gives a command and all below it the options.</summary>
    /// <param name="command">The command.</param>
    internal void AddTo(Command command)
    {
        _output.CompletionSources.Add("table", "json", "jsonl", "csv");
        _sshClient.CompletionSources.Add("openssh", "library");
        _authentication.CompletionSources.Add([.. Enum.GetNames<WsManAuthentication>().Select(Lower)]);
        Option[] options =
        [
            _output,
            _inventory,
            _snapshot,
            _root,
            _user,
            _port,
            _identity,
            _sshOption,
            _sshClient,
            _useSsl,
            _authentication,
            _thumbprint,
            _authorityFile,
            _askPassword,
            _askKeyPassphrase,
            _askSudoPassword,
            _trustInventory,
            _noSudo,
            _throttle,
            _timeout,
            _connectTimeout,
        ];
        foreach (Option option in options)
        {
            option.Recursive = true;
            command.Options.Add(option);
        }
    }

    /// <summary>Reads how results are written.</summary>
    /// <param name="line">The command line.</param>
    /// <returns>The format.</returns>
    internal OutputFormat OutputOf(ParseResult line) =>
        line.GetValue(_output) switch
        {
            null or "table" => OutputFormat.Table,
            "json" => OutputFormat.Json,
            "jsonl" => OutputFormat.JsonLines,
            "csv" => OutputFormat.Csv,
            { } other => throw new UsageException(
                $"--output cannot be '{other}'.",
                "Give one of table, json, jsonl, csv."
            ),
        };

    /// <summary>Reads how many hosts are asked at once.</summary>
    /// <param name="line">The command line.</param>
    /// <returns>The number.</returns>
    internal int ThrottleOf(ParseResult line) => NumberOf(line, _throttle, MaximumThrottle) ?? DefaultThrottle;

    /// <summary>Reads where the hosts are found and how they are reached.</summary>
    /// <param name="line">The command line.</param>
    /// <returns>The sources.</returns>
    internal HostSources SourcesOf(ParseResult line)
    {
        SshClient? client = ClientOf(line);
        if (line.GetValue(_noSudo) && line.GetValue(_askSudoPassword))
        {
            throw new UsageException("--no-sudo and --ask-sudo-password contradict each other.", "Leave one out.");
        }

        return new()
        {
            AskCredential = () => AskedCredential.Ask(line.GetValue(_askPassword), line.GetValue(_askKeyPassphrase)),
            AskSudoPassword = () => AskedCredential.AskSudo(line.GetValue(_askSudoPassword)),
            InventoryPath = line.GetValue(_inventory),
            IsInventoryTrusted = line.GetValue(_trustInventory),
            Snapshots = line.GetValue(_snapshot) ?? [],
            Roots = line.GetValue(_root) ?? [],
            Settings = new HostSettings
            {
                UserName = CheckUser(line.GetValue(_user)),
                Port = NumberOf(line, _port, MaximumPort),
                KeyFilePath = ExistingFile(line, _identity, "key file"),
                SshOptions = [.. (line.GetValue(_sshOption) ?? []).Select(CheckSshOption)],
                AllowSudo = line.GetValue(_noSudo) ? false : null,
                CommandTimeout = SecondsOf(line, _timeout),
                ConnectTimeout = SecondsOf(line, _connectTimeout),
                SshClient = client,
                UseSsl = line.GetValue(_useSsl) ? true : null,
                Authentication = AuthenticationOf(line),
                CertificateThumbprint = CheckThumbprint(line.GetValue(_thumbprint)),
                AuthorityFilePath = ExistingFile(line, _authorityFile, "certificate file"),
            },
        };
    }

    private SshClient? ClientOf(ParseResult line) =>
        line.GetValue(_sshClient)?.ToLowerInvariant() switch
        {
            null => null,
            "library" => SshClient.Library,
            "openssh" when line.GetValue(_askPassword) || line.GetValue(_askKeyPassphrase) => throw new UsageException(
                "--ssh-client openssh takes no password and no passphrase.",
                "Leave out --ssh-client, or --ask-password and --ask-key-passphrase."
            ),
            "openssh" => SshClient.OpenSsh,
            _ => throw new UsageException(
                $"--ssh-client cannot be '{line.GetValue(_sshClient)}'.",
                "Give one of openssh, library."
            ),
        };

    private WsManAuthentication? AuthenticationOf(ParseResult line) =>
        line.GetValue(_authentication) is not { } text ? null
        : Enum.GetValues<WsManAuthentication>()
            .Cast<WsManAuthentication?>()
            .FirstOrDefault(way => way.ToString()!.Equals(text, StringComparison.OrdinalIgnoreCase))
            is { } known
            ? known
        : throw new UsageException(
            $"--authentication cannot be '{text}'.",
            $"Give one of {string.Join(", ", Enum.GetNames<WsManAuthentication>().Select(Lower))}."
        );

    private static string Lower(string word) => word.ToLowerInvariant();

    private static string? CheckThumbprint(string? text) =>
        text is null || HostSettings.IsThumbprint(text)
            ? text
            : throw new UsageException(
                $"--certificate-thumbprint cannot be '{text}'.",
                "Give the 40 digits of the certificate's SHA-1 or the 64 of its SHA-256 thumbprint."
            );

    private static string? ExistingFile(ParseResult line, Option<string> option, string kind)
    {
        string? file = line.GetValue(option) is { } path ? HomePath.Expand(path) : null;
        return file is null || File.Exists(file)
            ? file
            : throw new UsageException($"There is no {kind} '{file}'.", $"Name a {kind} after {option.Name}.");
    }

    private static string? CheckUser(string? user) =>
        user is null || HostTarget.IsUserName(user)
            ? user
            : throw new UsageException($"--user cannot be '{user}'.", "Name an account of the hosts after --user.");

    private static string CheckSshOption(string text) =>
        text.Split('=', 2) is [var name, var value] && SshOption.FindFault(name.Trim(), value.Trim()) is null
            ? text
            : throw new UsageException(
                $"--ssh-option cannot be '{text}'.",
                "Give KEY=VALUE, such as --ssh-option ProxyJump=gate."
            );

    private static TimeSpan? SecondsOf(ParseResult line, Option<string> option) =>
        NumberOf(line, option, MaximumSeconds) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    private static int? NumberOf(ParseResult line, Option<string> option, int maximum)
    {
        string? text = line.GetValue(option);
        if (text is null)
        {
            return null;
        }

        return
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number >= 1
            && number <= maximum
            ? number
            : throw new UsageException(
                $"{option.Name} cannot be '{text}'.",
                $"Give a whole number from 1 to {maximum}."
            );
    }
}
