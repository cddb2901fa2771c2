namespace NestVirt.Transport.Cim.WsMan;

/// <summary>The way to the classes of one host over WS-Management.</summary>
/// <param name="channel">Carries the messages.</param>
/// <param name="timeout">How long each answer may take.</param>
internal sealed class WsManSession(IWsManChannel channel, TimeSpan timeout) : ICimSession
{
    // It knows the names of the DMTF alone, and wants the namespace beside them.
    private const string Omi = "Open Management Infrastructure";

    // With it a host may work on a message for as long as WinRM lets it when nothing is configured.
    private static readonly TimeSpan s_usualTimeout = TimeSpan.FromSeconds(75);

    private readonly WsManExchange _exchange = new(channel, timeout);

    /// <summary>Initializes a new instance of the <see cref="WsManSession"/> class that waits for answers as long as is usual.</summary>
    /// <param name="channel">Carries the messages.</param>
    internal WsManSession(IWsManChannel channel)
        : this(channel, s_usualTimeout) { }

    /// <summary>Asks who answers, and names classes as that one knows them from now on.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Who answers.</returns>
    internal async Task<WsManIdentity> IdentifyAsync(CancellationToken cancellationToken)
    {
        WsManIdentity identity = await _exchange
            .AskAsync(WsManWriter.Identify(), WsManReader.ReadIdentity, cancellationToken)
            .ConfigureAwait(false);
        _exchange.Writer.Form = identity.Vendor == Omi ? WsManForm.Dmtf : WsManForm.Windows;
        return identity;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<CimInstance> QueryAsync(
        string @namespace,
        string wql,
        CancellationToken cancellationToken
    ) => WsManListing.ReadAsync(_exchange, () => _exchange.Writer.Query(@namespace, wql), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<CimInstance> EnumerateAsync(
        string @namespace,
        string className,
        CancellationToken cancellationToken
    ) => WsManListing.ReadAsync(_exchange, () => _exchange.Writer.Enumerate(@namespace, className), cancellationToken);

    /// <inheritdoc/>
    public async Task<CimInstance?> GetAsync(CimPath path, CancellationToken cancellationToken)
    {
        try
        {
            return await GetOnceAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (NestVirtException error) when (error.Kind == NestVirtErrorKind.HostConnectionLost)
        {
            // A server closes a connection that nothing went over for a while; reading changes nothing, so it may be done again.
            return await GetOnceAsync(path, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task<CimMethodResult> InvokeAsync(
        CimPath path,
        string method,
        IReadOnlyList<CimArgument> arguments,
        CancellationToken cancellationToken
    ) =>
        _exchange.AskAsync(_exchange.Writer.Invoke(path, method, arguments), WsManReader.ReadMethod, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _exchange.DisposeAsync();

    private async Task<CimInstance?> GetOnceAsync(CimPath path, CancellationToken cancellationToken)
    {
        try
        {
            return await _exchange
                .AskAsync(_exchange.Writer.Get(path), WsManReader.ReadInstance, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (WsManFaultException error) when (error.Fault.IsNotFound)
        {
            return null;
        }
    }
}
