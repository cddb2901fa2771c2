using System.Diagnostics;
using System.Net.Sockets;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Text;
using NestVirt.Transport.Cim;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.Client;

/// <summary>Tells which steps on the way to a Hyper-V host stand: the last of them is that the classes of Hyper-V answer.</summary>
/// <param name="target">The host.</param>
/// <param name="address">Where it is.</param>
internal sealed class CimConnection(HostTarget target, WsManAddress address)
{
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
        WsManLogin.ThrowIfUseless(address, target);
        long began = Stopwatch.GetTimestamp();
        try
        {
            ICimSession session = await WsManLogin.OpenAsync(address, target, cancellationToken).ConfigureAwait(false);
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
            ConnectionStepName.HostKey => address.IsSecure,
            ConnectionStepName.Shell or ConnectionStepName.Sudo => false,
            _ => true,
        };

    private string? CommandOf(ConnectionStepName step) =>
        step switch
        {
            ConnectionStepName.Name => $"getent hosts {address.Host}",

            // Whoever answers there may be another: the thumbprint is for comparing, and nothing is accepted by it.
            ConnectionStepName.HostKey =>
                $"openssl s_client -connect {Place()} </dev/null | openssl x509 -noout -fingerprint -sha256",
            ConnectionStepName.LogIn when address.Credential is not { HasPassword: true } => "kinit",
            _ => null,
        };

    private string Place() =>
        ShellQuote.Word(new SshAddress(address.Host) { Port = address.Port ?? WsManAddress.HttpsPort }.ToString());

    private static long Elapsed(long began) => (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds;
}
