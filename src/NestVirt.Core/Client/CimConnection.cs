using System.Diagnostics;
using System.Net.Sockets;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Text;
using NestVirt.Transport;
using NestVirt.Transport.Cim;

namespace NestVirt.Client;

/// <summary>Tells which steps on the way to a Hyper-V host stand: the last of them is that the classes of Hyper-V answer.</summary>
/// <param name="target">The host.</param>
internal sealed class CimConnection(HostTarget target)
{
    // Null for this machine, and for a session that the user made: nothing is on the way there that is ours.
    private readonly WsManAddress? _address = target.Address is WsManAddress { Session: null } address ? address : null;

    private const string Namespace = "root/virtualization/v2";

    // There is one of it on each host with the role, whatever runs there.
    private const string Service = "SELECT * FROM Msvm_VirtualSystemManagementService";

    private const string NoHyperV =
        "Hyper-V does not answer: the role is not installed, its service does not run, or the account may not see it.";
    private const string NoRight = "The account is let in, and may not ask Hyper-V.";

    /// <summary>Tries the steps, each after the other.</summary>
    /// <param name="cancellationToken">Stops trying.</param>
    /// <returns>How they went.</returns>
    /// <exception cref="NestVirtException">What the user asks for cannot be tried at all.</exception>
    internal async Task<ConnectionCheck> CheckAsync(CancellationToken cancellationToken)
    {
        CimLogin.ThrowIfUseless(target);
        long began = Stopwatch.GetTimestamp();
        try
        {
            ICimSession session = await CimLogin.OpenAsync(target, cancellationToken).ConfigureAwait(false);
            await using (session.ConfigureAwait(false))
            {
                return await AskAsync(session, Elapsed(began), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (NestVirtException error) when (StepOf(error) is { } step)
        {
            return Checked(
                step,
                new ConnectionStep(step, ConnectionStepState.Failed)
                {
                    Detail = error.Message.ReplaceLineEndings(" "),
                    TimeMilliseconds = Elapsed(began),
                },
                error.Remedy?.ReplaceLineEndings(" "),
                CommandOf(step)
            );
        }
    }

    /// <summary>Finds the step that a failure is of.</summary>
    /// <param name="error">The failure.</param>
    /// <returns>The step; null where nothing was tried.</returns>
    internal static ConnectionStepName? StepOf(NestVirtException error) =>
        (error.Kind, (error.InnerException as SocketException)?.SocketErrorCode) switch
        {
            (_, SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery) =>
                ConnectionStepName.Name,
            (_, SocketError.ConnectionRefused) => ConnectionStepName.Port,
            (NestVirtErrorKind.HostUnreachable or NestVirtErrorKind.HostTimeout, not null) => ConnectionStepName.Route,
            (NestVirtErrorKind.HostUnreachable, null) => ConnectionStepName.Port,
            (NestVirtErrorKind.HostCertificateUntrusted, _) => ConnectionStepName.HostKey,
            (
                NestVirtErrorKind.HostAuthenticationFailed
                    or NestVirtErrorKind.HostPermissionDenied
                    or NestVirtErrorKind.HostConnectionLost
                    or NestVirtErrorKind.HostTimeout
                    or NestVirtErrorKind.ProbeOutputInvalid,
                _
            ) => ConnectionStepName.LogIn,
            _ => null,
        };

    private async Task<ConnectionCheck> AskAsync(ICimSession session, long time, CancellationToken cancellationToken)
    {
        long began = Stopwatch.GetTimestamp();
        string? fault = NoHyperV;
        string? remedy =
            "Install the role (Install-WindowsFeature Hyper-V on a server, Enable-WindowsOptionalFeature on a client), or start the service vmms.";
        try
        {
            await foreach (
                CimInstance _ in session.QueryAsync(Namespace, Service, cancellationToken).ConfigureAwait(false)
            )
            {
                (fault, remedy) = (null, null);
            }
        }
        catch (NestVirtException error) when (error.Kind == NestVirtErrorKind.HostPermissionDenied)
        {
            (fault, remedy) = (
                NoRight,
                "Use an administrator of the host, or add the account to its group Hyper-V Administrators."
            );
        }
        catch (NestVirtException error) when (error.Kind == NestVirtErrorKind.FeatureNotSupported)
        {
            // Where the role is not installed there is no such namespace.
        }
        catch (NestVirtException error)
        {
            (fault, remedy) = (error.Message.ReplaceLineEndings(" "), error.Remedy?.ReplaceLineEndings(" "));
        }

        ConnectionStep tools = new(
            ConnectionStepName.Tools,
            fault is null ? ConnectionStepState.Passed : ConnectionStepState.Failed
        )
        {
            Detail = fault,
            TimeMilliseconds = Elapsed(began),
        };
        return Checked(ConnectionStepName.Tools, tools, remedy, command: null, time);
    }

    private ConnectionCheck Checked(
        ConnectionStepName at,
        ConnectionStep tried,
        string? remedy,
        string? command,
        long? logInTime = null
    ) =>
        new([
            .. Enum.GetValues<ConnectionStepName>()
                .Select(name =>
                    name == at ? tried
                    : !Has(name) ? new ConnectionStep(name, ConnectionStepState.NotApplicable)
                    : name < at
                        ? new ConnectionStep(name, ConnectionStepState.Passed)
                        {
                            TimeMilliseconds = name == ConnectionStepName.LogIn ? logInTime : null,
                        }
                    : new ConnectionStep(name, ConnectionStepState.NotTried)
                ),
        ])
        {
            Target = target,
            Message = tried.State == ConnectionStepState.Failed ? tried.Detail : null,
            Remedy = remedy,
            Command = command,
        };

    // A host over HTTP shows nothing to know it again by, and nobody becomes another one to ask CIM.
    private bool Has(ConnectionStepName name) =>
        name switch
        {
            ConnectionStepName.Tools => true,
            ConnectionStepName.HostKey => _address is { IsSecure: true },
            ConnectionStepName.Shell or ConnectionStepName.Sudo => false,
            _ => _address is not null,
        };

    private string? CommandOf(ConnectionStepName step) =>
        (step, _address) switch
        {
            (ConnectionStepName.Name, { } address) => ConnectionFaults.LookUp(
                address.Host,
                OperatingSystem.IsWindows()
            ),
            (ConnectionStepName.HostKey or ConnectionStepName.LogIn, _) when OperatingSystem.IsWindows() => null,
            (_, null) => null,
            // Whoever answers there may be another: the thumbprint is for comparing, and nothing is accepted by it.
            (ConnectionStepName.HostKey, { } address) =>
                $"openssl s_client -connect {Place(address)} </dev/null | openssl x509 -noout -fingerprint -sha256",
            (ConnectionStepName.LogIn, { Credential: not { HasPassword: true } } address)
                when CimClientChoice.Of(address).Client == CimClient.WsMan => "kinit",
            _ => null,
        };

    private static string Place(WsManAddress address) =>
        ShellQuote.Word(new SshAddress(address.Host) { Port = address.Port ?? WsManAddress.HttpsPort }.ToString());

    private static long Elapsed(long began) => (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds;
}
