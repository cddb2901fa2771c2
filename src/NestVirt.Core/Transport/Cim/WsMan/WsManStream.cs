using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Authentication.ExtendedProtection;
using NestVirt.Guidance;
using NestVirt.Text;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>A connection of TCP, with TLS around it where the user wants that.</summary>
internal sealed class WsManStream : IDisposable
{
    private const int ShownLength = 200;

    private WsManStream(Stream stream, ChannelBinding? binding) => (Stream, Binding) = (stream, binding);

    /// <summary>Gets what carries the bytes.</summary>
    internal Stream Stream { get; }

    /// <summary>Gets the hash of the host's certificate, in the form that logins take (RFC 5929, 4); null without TLS.</summary>
    internal ChannelBinding? Binding { get; }

    /// <summary>Connects.</summary>
    /// <param name="options">The host.</param>
    /// <param name="cancellationToken">Stops connecting.</param>
    /// <returns>The connection.</returns>
    /// <exception cref="NestVirtException">The host cannot be reached, or is not the one that is trusted.</exception>
    internal static async Task<WsManStream> OpenAsync(
        WsManConnectionOptions options,
        CancellationToken cancellationToken
    )
    {
        // What the user typed is judged before anybody is called.
        ServerCertificateCheck? check = ServerCertificateCheck.Of(options);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.ConnectTimeout);
        try
        {
            NetworkStream network = await ConnectAsync(options, limit.Token).ConfigureAwait(false);
            return check is null
                ? new WsManStream(network, null)
                : await SecureAsync(network, options, check, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NestVirtException(
                NestVirtErrorKind.HostTimeout,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Port {options.EffectivePort} of the host did not answer within {DurationText.Of(options.ConnectTimeout)}."
                ),
                new SocketException((int)SocketError.TimedOut)
            )
            {
                Remedy = Advice.Of(
                    $"Check that the host is up and that no firewall drops the port; give a host that is far away more time with {HostSetting.ConnectTimeout}."
                ),
            };
        }
    }

    /// <summary>Ends the connection.</summary>
    public void Dispose()
    {
        Binding?.Dispose();
        Stream.Dispose();
    }

    private static async Task<NetworkStream> ConnectAsync(
        WsManConnectionOptions options,
        CancellationToken cancellationToken
    )
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(options.Host, options.EffectivePort, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw Unreachable(options, error);
        }
        catch (OperationCanceledException)
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<WsManStream> SecureAsync(
        NetworkStream network,
        WsManConnectionOptions options,
        ServerCertificateCheck check,
        CancellationToken cancellationToken
    )
    {
        SslStream secure = new(network, leaveInnerStreamOpen: false);
        bool isKept = false;
        try
        {
            await secure.AuthenticateAsClientAsync(check.ToOptions(), cancellationToken).ConfigureAwait(false);
            ChannelBinding? binding = secure.TransportContext.GetChannelBinding(ChannelBindingKind.Endpoint);
            isKept = true;
            return new WsManStream(secure, binding);
        }
        catch (Exception error) when (error is AuthenticationException or IOException)
        {
            throw check.Fault
                ?? new NestVirtException(
                    NestVirtErrorKind.HostUnreachable,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"No TLS comes about at port {options.EffectivePort} of the host: {HostText.ForDisplay(error.Message, ShownLength)}"
                    ),
                    error
                )
                {
                    Remedy = "Check that the host has an HTTPS listener there (winrm enumerate winrm/config/listener).",
                };
        }
        finally
        {
            if (!isKept)
            {
                await secure.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static NestVirtException Unreachable(WsManConnectionOptions options, SocketException error)
    {
        string port = options.EffectivePort.ToString(CultureInfo.InvariantCulture);
        return error.SocketErrorCode switch
        {
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery =>
                Unreachable(
                    "No address is known for the host's name.",
                    "Check the name, and that DNS or the hosts file has it."
                ),
            SocketError.ConnectionRefused => Unreachable(
                $"Nothing listens at port {port} of the host, or a firewall refuses.",
                "Enable Windows Remote Management on the host (Enable-PSRemoting), or give the port that it listens at."
            ),
            SocketError.TimedOut => new NestVirtException(
                NestVirtErrorKind.HostTimeout,
                $"Port {port} of the host did not answer.",
                error
            ),
            _ => Unreachable(
                $"Port {port} of the host cannot be reached: {HostText.ForDisplay(error.Message, ShownLength)}.",
                "Check that the host is up and that there is a route to it."
            ),
        };

        NestVirtException Unreachable(string message, string remedy) =>
            new(NestVirtErrorKind.HostUnreachable, message, error) { Remedy = remedy };
    }
}
