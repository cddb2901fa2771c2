using NestVirt.Hosts;
using NestVirt.PowerShell.Cim;
using NestVirt.PowerShell.Errors;
using NestVirt.Text;

namespace NestVirt.PowerShell.Parameters;

/// <summary>How the hosts of a cmdlet are reached, as its parameters and its inventory say.</summary>
internal sealed class Connection
{
    private readonly ConnectingCommand _cmdlet;
    private readonly bool _noSudo;

    /// <summary>Initializes a new instance of the <see cref="Connection"/> class; ends the cmdlet when what is asked for cannot be.</summary>
    internal Connection(ConnectingCommand cmdlet, IConnectionParameters parameters)
    {
        _cmdlet = cmdlet;
        _noSudo = parameters.NoSudo;
        RefuseSecretsForSessions();
        HostSettings settings = ReadSettings(parameters);
        HostInventory? inventory = ReadInventory(parameters.InventoryPath, parameters.TrustInventory);
        Words = new HostWords(inventory, settings) { Warn = text => cmdlet.WriteWarning(HostText.ForDisplay(text)) };
    }

    /// <summary>Gets what makes hosts of words.</summary>
    internal HostWords Words { get; }

    /// <summary>Makes a host of a word, or ends the cmdlet when it names none or several.</summary>
    internal HostTarget HostOf(string word)
    {
        try
        {
            return WithLimits(Words.HostOf(word));
        }
        catch (HostWordException error)
        {
            _cmdlet.ThrowTerminatingError(ErrorRecords.FromHostWord(error, word));
            throw;
        }
    }

    /// <summary>Makes the hosts of a word, or ends the cmdlet when it names none.</summary>
    internal IEnumerable<HostTarget> HostsOf(string word)
    {
        try
        {
            return [.. Words.HostsOf(word).Select(WithLimits)];
        }
        catch (HostWordException error)
        {
            _cmdlet.ThrowTerminatingError(ErrorRecords.FromHostWord(error, word));
            throw;
        }
    }

    /// <summary>Gives a host the limits that hold for all.</summary>
    internal HostTarget WithLimits(HostTarget target) =>
        target with
        {
            CommandTimeout = ToTimeSpan(_cmdlet.CommandTimeout) ?? target.CommandTimeout,
            AllowSudo = target.AllowSudo && !_noSudo,
        };

    // What is silently left out would be taken for used.
    private void RefuseSecretsForSessions()
    {
        if (
            !(IsBound(nameof(LiveHostCommand.Session)) || IsBound(nameof(LiveHostCommand.CimSession)))
            || IsBound(nameof(LiveHostCommand.HostName))
            || IsBound(nameof(LiveHostCommand.ComputerName))
            || IsBound(nameof(LiveHostCommand.Target))
        )
        {
            return;
        }

        string? given = Array.Find(
            [
                nameof(IConnectionParameters.Credential),
                nameof(IConnectionParameters.KeyPassphrase),
                nameof(IConnectionParameters.SudoPassword),
            ],
            IsBound
        );
        if (given is not null)
        {
            _cmdlet.ThrowTerminatingError(
                ErrorRecords.RequestInvalid(
                    $"-{given} has no effect on a session, which is logged in already: give it to {(IsBound(nameof(LiveHostCommand.Session)) ? "New-NestSession" : "New-CimSession")}."
                )
            );
        }
    }

    private bool IsBound(string parameter) => _cmdlet.MyInvocation.BoundParameters.ContainsKey(parameter);

    private static TimeSpan? ToTimeSpan(int? milliseconds) =>
        milliseconds is int value ? TimeSpan.FromMilliseconds(value) : null;

    private HostInventory? ReadInventory(string? path, bool isTrusted)
    {
        if (path is null)
        {
            return null;
        }

        string file = _cmdlet.FilePath(path);
        try
        {
            return InventoryFile.Load(file, isTrusted, idle: null, _cmdlet.StopToken);
        }
        catch (NestVirtException error)
        {
            _cmdlet.ThrowTerminatingError(ErrorRecords.InventoryNotRead(error, file));
            throw;
        }
    }

    private HostSettings ReadSettings(IConnectionParameters parameters)
    {
        // Where hosts of both kinds are named, those over SSH have keys: no password goes to whom it was not meant for.
        bool isOfHyperV = IsBound(nameof(LiveHostCommand.ComputerName));
        HostSettings settings = new()
        {
            SshOptions = SshOptions.From(parameters.Options, out string? invalid),
            UserName = parameters.UserName,
            KeyFilePath = parameters.KeyFilePath is null ? null : _cmdlet.FilePath(parameters.KeyFilePath),
            Port = parameters.Port,
            ConnectTimeout = ToTimeSpan(parameters.ConnectingTimeout),
            Credential = _cmdlet.Keep(Secrets.Of(isOfHyperV ? null : parameters.Credential, parameters.KeyPassphrase)),
            HyperVCredential = isOfHyperV ? _cmdlet.Keep(Secrets.Of(parameters.Credential, keyPassphrase: null)) : null,
            SudoPassword = _cmdlet.Keep(Secrets.Of(parameters.SudoPassword)),
            SshClient = parameters.SshClient,
            CimClient = parameters.CimClient,
            UseSsl = parameters.UseSSL.IsPresent ? parameters.UseSSL.ToBool() : null,
            Authentication = parameters.Authentication,
            CertificateThumbprint = parameters.CertificateThumbprint,
            AuthorityFilePath = parameters.AuthorityFilePath is null
                ? null
                : _cmdlet.FilePath(parameters.AuthorityFilePath),
        };
        if (settings is { Credential: not null, SshClient: SshClient.OpenSsh })
        {
            _cmdlet.ThrowTerminatingError(
                ErrorRecords.RequestInvalid(
                    "-SshClient cannot be OpenSsh with -Credential or -KeyPassphrase: that client is never given a secret."
                )
            );
        }

        if (settings.CimClient == CimClient.Mi && !MiClient.IsHere)
        {
            _cmdlet.ThrowTerminatingError(
                ErrorRecords.RequestInvalid(
                    "-CimClient cannot be Mi here: Windows' own client of CIM (MMI) opens sessions on Windows alone. Take WsMan, or leave it out."
                )
            );
        }

        if (parameters is { SudoPassword: not null, NoSudo.IsPresent: true })
        {
            _cmdlet.ThrowTerminatingError(
                ErrorRecords.RequestInvalid("-NoSudo and -SudoPassword contradict each other: leave one out.")
            );
        }

        if (parameters.SudoPassword is { Length: 0 })
        {
            _cmdlet.ThrowTerminatingError(ErrorRecords.RequestInvalid("-SudoPassword is empty."));
        }

        if (invalid is not null)
        {
            _cmdlet.ThrowTerminatingError(ErrorRecords.OptionInvalid(invalid));
        }

        if (settings.UserName is not null && !HostTarget.IsUserName(settings.UserName))
        {
            _cmdlet.ThrowTerminatingError(
                ErrorRecords.RequestInvalid($"-UserName cannot be '{settings.UserName}': that is no account of a host.")
            );
        }

        if (settings.CertificateThumbprint is { } digits && !HostSettings.IsThumbprint(digits))
        {
            _cmdlet.ThrowTerminatingError(
                ErrorRecords.RequestInvalid(
                    $"-CertificateThumbprint cannot be '{digits}': give the 40 digits of the certificate's SHA-1 or the 64 of its SHA-256 thumbprint."
                )
            );
        }

        if (settings.AuthorityFilePath is { } authorities && !File.Exists(authorities))
        {
            _cmdlet.ThrowTerminatingError(
                ErrorRecords.RequestInvalid($"-AuthorityFilePath: there is no file '{authorities}'.")
            );
        }

        if (settings.KeyFilePath is not null && !File.Exists(settings.KeyFilePath))
        {
            _cmdlet.ThrowTerminatingError(ErrorRecords.KeyFileNotFound(settings.KeyFilePath));
        }

        return settings;
    }
}
