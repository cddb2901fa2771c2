using NestVirt.Hosts;
using NestVirt.SshNet.Config;
using NestVirt.Transport.Shell;
using NestVirt.Transport.Shell.OpenSsh;

namespace NestVirt.SshNet;

/// <summary>Opens a persistent <c>/bin/sh</c> on a host through the SSH.NET library: where a password is given, or there is no <c>ssh</c>.</summary>
public sealed class SshNetShellFactory : IHostShellFactory
{
    private readonly string _client;

    /// <summary>Initializes a new instance of the <see cref="SshNetShellFactory"/> class.</summary>
    public SshNetShellFactory()
        : this("ssh") { }

    /// <summary>Initializes a new instance of the <see cref="SshNetShellFactory"/> class.</summary>
    /// <param name="client">The ssh client that is asked what its configuration says: a name to look up on PATH, or an absolute path.</param>
    internal SshNetShellFactory(string client) => _client = client;

    /// <inheritdoc/>
    public async Task<IHostShell> OpenAsync(HostTarget target, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        OpenSslLibrary.ThrowIfMissing();
        SshShellFactory.ThrowIfOwn(target.SshOptions);
        SshFeatures.ThrowIfNotDone(target);
        HostCredential? credential = (target.Address as SshAddress)?.Credential is { IsGiven: true } given
            ? given
            : null;
        SshSettings settings = await SshSettingsReader
            .ReadAsync(target, UserOf(target, credential), _client, cancellationToken)
            .ConfigureAwait(false);
        return new SshShell(
            () =>
                new ShellConversation(
                    new SshNetChannel(SshLogin.Start(target, settings, credential)),
                    SshNetFailure.Explain,
                    sudoPassword: target.SudoPassword
                ),
            target
        );
    }

    // A password goes to nobody but the account that it is of.
    private static string? UserOf(HostTarget target, HostCredential? credential) =>
        credential?.UserName is not { } user || target.UserName is null || target.UserName == user
            ? credential?.UserName ?? target.UserName
            : throw new NestVirtException(
                NestVirtErrorKind.HostAuthenticationFailed,
                $"The password is that of '{user}', and the host is to be reached as '{target.UserName}'."
            )
            {
                Remedy = "Give the credential of that account, or leave the account out.",
            };
}
