using System.Net.Sockets;
using NestVirt.Guidance;
using NestVirt.SshNet.Config;
using NestVirt.Text;
using NestVirt.Transport.Shell.OpenSsh;
using Renci.SshNet.Common;
using Renci.SshNet.Messages.Transport;

namespace NestVirt.SshNet;

/// <summary>Says in the words of the OpenSSH client's errors why the library failed.</summary>
internal static class SshNetFailure
{
    /// <summary>Tells whether an exception is the library's way to say that a host does not work.</summary>
    /// <param name="error">The exception.</param>
    /// <returns>True if so.</returns>
    internal static bool IsExpected(Exception error) =>
        error
            is SshException
                or SocketException
                or IOException
                or InvalidOperationException
                or OperationCanceledException;

    /// <summary>Makes the error of a host that is too slow to connect.</summary>
    /// <param name="stage">How far it is.</param>
    /// <returns>The error.</returns>
    internal static NestVirtException TooSlow(SshStage stage) =>
        SshFailure.Of(
            SshFault.SaysNothing,
            stage == SshStage.Connecting
                ? "it has not said which version of SSH it speaks."
                : "it does not finish the exchange of keys."
        );

    /// <summary>Makes the error of a shell that gave no frame.</summary>
    /// <param name="exitCode">Its exit code.</param>
    /// <param name="said">What it wrote.</param>
    /// <returns>The error.</returns>
    internal static NestVirtException Explain(int exitCode, string said) =>
        exitCode == SshNetChannel.NoExitCode
            ? SshFailure.Of(SshFault.ClosedAfterLogin, said.Length == 0 ? "it was closed." : said)
            : SshFailure.NoShell(exitCode, said);

    /// <summary>Makes the error of a log-in that failed.</summary>
    /// <param name="error">What the library says.</param>
    /// <param name="stage">How far it was.</param>
    /// <param name="settings">How the host is reached.</param>
    /// <returns>The error.</returns>
    internal static NestVirtException Explain(Exception error, SshStage stage, SshSettings settings) =>
        error switch
        {
            SshAuthenticationException => Denied(error.Message, settings),
            SocketException socket => Explain(socket, stage),
            SshOperationTimeoutException => Explain(stage, IsOfTcp(error)),
            SshConnectionException connection => Explain(connection, stage, settings),
            _ when stage == SshStage.LoggedIn => SshFailure.Of(SshFault.ClosedAfterLogin, error.Message),
            _ => SshFailure.Of(SshFault.NotReached, error.Message),
        };

    /// <summary>Makes the error of a log-in that has nothing to log in with.</summary>
    /// <param name="settings">How the host is reached.</param>
    /// <returns>The error.</returns>
    internal static NestVirtException NoKey(SshSettings settings) =>
        Denied("there is no key to offer, and no password was given.", settings);

    private static NestVirtException Denied(string said, SshSettings settings) =>
        new(
            NestVirtErrorKind.HostAuthenticationFailed,
            SshFailure
                .Of(SshFault.LoginRefused, $"{settings.UserName}@{settings.HostName}: {said}{NotDone(settings)}")
                .Message
        )
        {
            Remedy = Advice.Of(
                $"Name a key that the host accepts by {HostSetting.KeyFile}, or give the right password by {HostSetting.Credential}, which is tried once. Keys of an agent are used by the OpenSSH client alone ({HostSetting.SshClient})."
            ),
        };

    private static string NotDone(SshSettings settings) =>
        settings.LoginNotDone.Count == 0
            ? string.Empty
            : $" The ssh configuration also names {string.Join(", ", settings.LoginNotDone)}, which the built-in SSH client does not use.";

    private static NestVirtException Explain(SocketException error, SshStage stage) =>
        error.SocketErrorCode switch
        {
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => SshFailure.Of(
                SshFault.NameUnknown,
                error.Message
            ),
            SocketError.ConnectionRefused => SshFailure.Of(SshFault.PortClosed, error.Message),
            SocketError.HostUnreachable
            or SocketError.NetworkUnreachable
            or SocketError.NetworkDown
            or SocketError.HostDown => SshFailure.Of(SshFault.NoRoute, error.Message),
            SocketError.TimedOut when stage == SshStage.Connecting => SshFailure.Of(SshFault.NoAnswer, error.Message),
            _ when stage < SshStage.LoggedIn => SshFailure.Refused(error.Message),
            _ => SshFailure.Of(SshFault.ClosedAfterLogin, error.Message),
        };

    private static NestVirtException Explain(SshStage stage, bool isOfTcp) =>
        isOfTcp ? SshFailure.Of(SshFault.NoAnswer, "the connection timed out.")
        : stage < SshStage.Authenticating ? TooSlow(stage)
        : SshFailure.Of(SshFault.SaysNothing, "it does not finish the log-in.");

    private static NestVirtException Explain(SshConnectionException error, SshStage stage, SshSettings settings) =>
        error.DisconnectReason switch
        {
            DisconnectReason.KeyExchangeFailed => SshFailure.Of(SshFault.NothingInCommon, error.Message),
            DisconnectReason.ProtocolVersionNotSupported => SshFailure.Of(SshFault.NoSshServer, error.Message),
            DisconnectReason.ProtocolError when stage == SshStage.Connecting => SshFailure.Of(
                SshFault.NoSshServer,
                error.Message
            ),
            DisconnectReason.ProtocolError
            or DisconnectReason.NoMoreAuthenticationMethodsAvailable when stage == SshStage.Authenticating => Denied(
                error.Message,
                settings
            ),
            _ when stage < SshStage.LoggedIn => SshFailure.Refused(HostText.ForDisplay(error.Message)),
            _ => SshFailure.Of(SshFault.ClosedAfterLogin, error.Message),
        };

    // The library has one exception for both; only its words tell that TCP was not answered.
    private static bool IsOfTcp(Exception error) =>
        error.Message.StartsWith("Connection failed to establish", StringComparison.Ordinal);
}
