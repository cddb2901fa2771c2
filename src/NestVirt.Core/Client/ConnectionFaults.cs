using System.Globalization;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Text;
using NestVirt.Transport.Shell;
using NestVirt.Transport.Shell.OpenSsh;

namespace NestVirt.Client;

/// <summary>Tells of the failure of a connection which step it was, and which command comes next.</summary>
internal static class ConnectionFaults
{
    /// <summary>Finds the step.</summary>
    /// <param name="error">The failure.</param>
    /// <returns>The step; null where it cannot be told.</returns>
    internal static ConnectionStepName? StepOf(NestVirtException error) =>
        SshFailure.FaultOf(error) switch
        {
            SshFault.NameUnknown => ConnectionStepName.Name,
            SshFault.NoRoute or SshFault.NoAnswer or SshFault.JumpFailed or SshFault.NotReached =>
                ConnectionStepName.Route,
            SshFault.PortClosed or SshFault.NoSshServer or SshFault.SaysNothing or SshFault.NothingInCommon =>
                ConnectionStepName.Port,
            SshFault.ClosedAfterLogin => ConnectionStepName.Shell,
            _ when error is SshRefusedException => ConnectionStepName.Port,
            _ when error is SudoFailedException => ConnectionStepName.Sudo,
            _ => error.Kind switch
            {
                NestVirtErrorKind.HostKeyMismatch or NestVirtErrorKind.HostKeyUnknown => ConnectionStepName.HostKey,
                NestVirtErrorKind.HostAuthenticationFailed => ConnectionStepName.LogIn,
                NestVirtErrorKind.HostShellInvalid or NestVirtErrorKind.HostConnectionLost => ConnectionStepName.Shell,
                NestVirtErrorKind.HostUnreachable => ConnectionStepName.Route,
                _ => null,
            },
        };

    /// <summary>Writes the command that mends a step, or that shows what must be compared before anybody mends it.</summary>
    /// <param name="error">The failure.</param>
    /// <param name="address">The host.</param>
    /// <returns>The command; null where there is none.</returns>
    internal static string? CommandOf(NestVirtException error, SshAddress address)
    {
        string port = address.Port is int number
            ? string.Create(CultureInfo.InvariantCulture, $" -p {number}")
            : string.Empty;
        string key = ShellQuote.Word(address.KeyFilePath ?? string.Empty);
        return SshFailure.FaultOf(error) switch
        {
            SshFault.NameUnknown => LookUp(address.Host, OperatingSystem.IsWindows()),
            SshFault.KeyFileOpenToOthers when OperatingSystem.IsWindows() => null,
            SshFault.KeyFileOpenToOthers when address.KeyFilePath is not null => $"chmod 600 {key}",
            _ => error.Kind switch
            {
                // Whoever answers there may be another: the fingerprints are for comparing, and nothing is accepted by it.
                NestVirtErrorKind.HostKeyMismatch or NestVirtErrorKind.HostKeyUnknown =>
                    $"ssh-keyscan{port} {address.Host} | ssh-keygen -lf -",
                _ when error is SudoFailedException => null,
                NestVirtErrorKind.HostAuthenticationFailed when SshKeyFile.HasPassphrase(address.KeyFilePath) =>
                    $"ssh-add {key}",
                NestVirtErrorKind.HostAuthenticationFailed when OperatingSystem.IsWindows() => null,
                NestVirtErrorKind.HostAuthenticationFailed =>
                    $"ssh-copy-id{(address.KeyFilePath is null ? string.Empty : $" -i {key}")}{port} {(address.UserName is { } user ? $"{Quoted(user)}@" : string.Empty)}{address.Host}",
                _ => null,
            },
        };
    }

    /// <summary>Writes the command that asks this machine for the address of a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="isWindows">Whether this machine runs Windows, which has no getent.</param>
    /// <returns>The command.</returns>
    internal static string LookUp(string name, bool isWindows) =>
        isWindows ? $"Resolve-DnsName {name}" : $"getent hosts {name}";

    private static string Quoted(string user) =>
        user.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-')
            ? user
            : ShellQuote.Word(user);
}
