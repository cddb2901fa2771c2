using System.Runtime.CompilerServices;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>One enumeration, from its first answer to its last.</summary>
internal sealed class WsManListing
{
    /// <summary>How many instances one enumeration may give; more come from a host that never ends.</summary>
    /// <remarks>A host of Hyper-V runs 1,024 virtual machines, with 50 checkpoints each at most: 52,000 of the largest class.</remarks>
    internal const int MostItems = 250_000;

    /// <summary>How many answers without an instance may come one after the other: a host that has nothing says so by the end, or by a fault.</summary>
    internal const int MostEmptyPages = 16;

    private static readonly TimeSpan s_releaseTimeout = TimeSpan.FromSeconds(2);

    private readonly WsManExchange _exchange;
    private readonly Func<WsManRequest> _start;
    private WsManRequest _first;
    private string? _context;
    private bool _isEnd;
    private bool _isOpen;
    private bool _isSecond;
    private int _count;
    private int _emptyPages;

    private WsManListing(WsManExchange exchange, Func<WsManRequest> start) =>
        (_exchange, _start, _first) = (exchange, start, start());

    /// <summary>Reads the instances. A host that is stopped before their end is told so.</summary>
    /// <param name="exchange">Sends the messages.</param>
    /// <param name="start">Writes the first message.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>The instances.</returns>
    internal static async IAsyncEnumerable<CimInstance> ReadAsync(
        WsManExchange exchange,
        Func<WsManRequest> start,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        WsManListing listing = new(exchange, start);
        try
        {
            while (!listing._isEnd)
            {
                foreach (CimInstance item in await listing.NextAsync(cancellationToken).ConfigureAwait(false))
                {
                    listing._count = listing._count < MostItems ? listing._count + 1 : throw listing.Endless();
                    yield return item;
                }
            }
        }
        finally
        {
            if (listing._isOpen)
            {
                await listing.ReleaseAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<IReadOnlyList<CimInstance>> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (NestVirtException error) when (MayStartAnew(error))
        {
            _isSecond = true;
            _context = null;
            _first = _start();
            return await AskAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (WsManFaultException error) when (_context is not null && error.Fault.IsContextGone)
        {
            throw new NestVirtException(
                NestVirtErrorKind.HostConnectionLost,
                $"The host was to {_first.Task}, and forgot it after {_count} instances: it does not keep for long what nobody asks on for.",
                error
            );
        }
    }

    // Reading changes nothing, so it may be done again; but nobody may be given an instance twice.
    private bool MayStartAnew(NestVirtException error) =>
        !_isSecond
        && _count == 0
        && (
            error.Kind == NestVirtErrorKind.HostConnectionLost
            || (_context is not null && error is WsManFaultException { Fault.IsContextGone: true })
        );

    private async Task<IReadOnlyList<CimInstance>> AskAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _isOpen = false;
        bool isFirst = _context is null;
        WsManRequest request = _context is null ? _first : _exchange.Writer.Pull(_first, _context);
        WsManPage page = await _exchange
            .AskAsync(request, WsManReader.ReadPage, cancellationToken)
            .ConfigureAwait(false);
        _isEnd = page.IsEnd;
        _context = page.Context ?? _context;
        _isOpen = !_isEnd && _context is not null;
        if (!_isEnd && _context is null)
        {
            throw new NestVirtException(
                NestVirtErrorKind.ProbeOutputInvalid,
                $"What came when the host was to {_first.Task} is not all of it, and does not tell how to go on."
            );
        }

        // The first answer holds nothing where a server does not know how to give more at once.
        _emptyPages = page.Items.Count == 0 && !isFirst ? _emptyPages + 1 : 0;
        return _emptyPages <= MostEmptyPages ? page.Items : throw Endless();
    }

    private NestVirtException Endless() =>
        new(
            NestVirtErrorKind.ProbeOutputInvalid,
            $"The host was to {_first.Task}, and comes to no end with it: {_count} instances so far."
        );

    private async Task ReleaseAsync()
    {
        using CancellationTokenSource wait = new(s_releaseTimeout);
        try
        {
            // What it answers is not looked at: the host forgets the rest by itself, if not now, then after a while.
            await _exchange
                .AskAsync(_exchange.Writer.Release(_first, _context!), static (_, reply) => reply, wait.Token)
                .ConfigureAwait(false);
        }
        catch (NestVirtException)
        {
            return;
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }
}
