using NestVirt.Hosts;
using NestVirt.SshNet.Config;
using NestVirt.SshNet.HostKeys;
using NestVirt.SshNet.Keys;
using NestVirt.Transport.Shell;
using Renci.SshNet;
using Renci.SshNet.Common;
using SshClient = Renci.SshNet.SshClient;

namespace NestVirt.SshNet;

/// <summary>Logs in to a host and starts its shell, on a thread of its own since the library blocks.</summary>
internal sealed class SshLogin : IDisposable
{
    private const int StackBytes = 256 << 10;

    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(15);

    // The library ends a wait by itself in time, and knows better what it waited for.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource<SshShellStreams> _result = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private readonly CancellationTokenSource _connecting = new();
    private readonly HostTarget _target;
    private readonly SshSettings _settings;
    private readonly HostCredential? _credential;
    private readonly Thread _thread;
    private volatile SshStage _stage;
    private NestVirtException? _fault;
    private NestVirtException? _keyFault;
    private bool _hasNothing;

    private SshLogin(HostTarget target, SshSettings settings, HostCredential? credential)
    {
        (_target, _settings, _credential) = (target, settings, credential);
        _thread = new Thread(Run, StackBytes) { IsBackground = true, Name = "SSH log-in" };
    }

    /// <summary>Gets the shell, once the host gave one.</summary>
    internal Task<SshShellStreams> Shell => _result.Task;

    /// <summary>Begins to log in.</summary>
    /// <param name="target">The host, for its timeouts.</param>
    /// <param name="settings">How it is reached.</param>
    /// <param name="credential">What the user gave to log in with; null for keys alone.</param>
    /// <returns>The log-in under way.</returns>
    internal static SshLogin Start(HostTarget target, SshSettings settings, HostCredential? credential)
    {
        SshLogin login = new(target, settings, credential);
        login._connecting.Token.Register(login.GiveUpConnecting);
        login._connecting.CancelAfter(target.ConnectTimeout + s_grace);
        login._thread.Start();
        return login;
    }

    /// <summary>Gives the log-in up, if it is not over: whoever waits for the shell is told at once.</summary>
    internal void Abort()
    {
        if (_result.TrySetException(new OperationCanceledException()))
        {
            Interrupt();
        }
    }

    /// <summary>Gives the log-in up, if it is not over.</summary>
    public void Dispose()
    {
        Abort();
        _connecting.Dispose();
    }

    private void GiveUpConnecting()
    {
        if (_stage < SshStage.Authenticating && _result.TrySetException(SshNetFailure.TooSlow(_stage)))
        {
            Interrupt();
        }
    }

    // The thread waits for the host in the library, which then closes the connection.
    private void Interrupt()
    {
        try
        {
            _thread.Interrupt();
        }
        catch (PlatformNotSupportedException)
        {
            // It ends by itself when the library's own time is over.
        }
    }

    private void Run()
    {
        SshShellStreams? streams = null;
        try
        {
            streams = Open();
            if (_result.TrySetResult(streams))
            {
                return;
            }
        }
        catch (ThreadInterruptedException)
        {
            _result.TrySetException(new OperationCanceledException());
        }
        catch (NestVirtException error)
        {
            _result.TrySetException(error);
        }
        catch (SshAuthenticationException) when (_keyFault is not null || _hasNothing)
        {
            _result.TrySetException(_keyFault ?? SshNetFailure.NoKey(_settings));
        }
        catch (Exception error) when (SshNetFailure.IsExpected(error))
        {
            _result.TrySetException(_fault ?? SshNetFailure.Explain(error, _stage, _settings));
        }
        catch (Exception error)
        {
            _result.TrySetException(error);
        }

        // Nobody waits for it any more.
        streams?.Dispose();
    }

    private SshShellStreams Open()
    {
        List<KeyFile> keys = [];
        byte[]? password = _credential?.CopyPassword();
        using PasswordOnce? once = password is null ? null : new PasswordOnce(_settings.UserName, password);
        SshClient? client = null;
        try
        {
            keys.AddRange(OpenKeys(password is not null));
            _hasNothing = keys.Count == 0 && once is null;
            ConnectionInfo info = new(
                _settings.HostName,
                _settings.Port,
                _settings.UserName,
                [.. MethodsOf(keys, once)]
            )
            {
                Timeout = _target.ConnectTimeout,
                // Nothing is lost if the host does not answer to the end of its shell.
                ChannelCloseTimeout = s_grace,
            };
            client = new SshClient(info) { KeepAliveInterval = s_keepAlive };
            Watch(client, info);
            client.Connect();
            _stage = SshStage.LoggedIn;
            return SshShellStreams.Open(client, ShellFraming.RemoteCommand);
        }
        catch
        {
            _fault ??= once?.Fault;
            client?.Dispose();
            throw;
        }
        finally
        {
            keys.ForEach(static key => key.Dispose());
        }
    }

    // Where the user gave a password, only a key that he named is tried before it: each counts as a try.
    private IEnumerable<KeyFile> OpenKeys(bool hasPassword)
    {
        byte[]? passphrase = _credential?.CopyKeyPassphrase();
        try
        {
            return _target.KeyFilePath is { } named ? [KeyFile.Open(named, passphrase)]
                : hasPassword ? []
                :
                [
                    .. _settings
                        .KeyFiles.Where(File.Exists)
                        .Select(path => TryOpen(path, passphrase))
                        .OfType<KeyFile>(),
                ];
        }
        finally
        {
            Array.Clear(passphrase ?? []);
        }
    }

    // As with ssh, a key that nobody named is left out where it cannot be used, which is said where the host refuses all else.
    private KeyFile? TryOpen(string path, byte[]? passphrase)
    {
        try
        {
            return KeyFile.Open(path, passphrase);
        }
        catch (NestVirtException error)
        {
            _keyFault ??= error;
            return null;
        }
    }

    private IEnumerable<AuthenticationMethod> MethodsOf(List<KeyFile> keys, PasswordOnce? once)
    {
        // With nothing at hand the host is asked all the same: what is wrong with the way to it comes first.
        if (keys.Count > 0 || once is null)
        {
            yield return new PrivateKeyAuthenticationMethod(_settings.UserName, [.. keys]);
        }

        foreach (AuthenticationMethod method in once?.Methods ?? [])
        {
            yield return method;
        }
    }

    private void Watch(SshClient client, ConnectionInfo info)
    {
        HostKeyCheck check = new(_settings);
        SshAlgorithms.Limit(info, check.Order);
        client.ServerIdentificationReceived += (_, _) => _stage = SshStage.Exchanging;
        client.HostKeyReceived += (_, host) =>
        {
            _fault = check.FindFault(host.HostKey);
            host.CanTrust = _fault is null;
            if (host.CanTrust && _stage < SshStage.Authenticating)
            {
                // A host may take its time over a log-in, as with ssh.
                _stage = SshStage.Authenticating;
                info.Timeout = _target.CommandTimeout;
            }
        };
    }
}
