using System.Management.Automation;

namespace NestVirt.PowerShell.Parameters;

/// <summary>Gives a cmdlet that connects to hosts its limits, and a token that Ctrl+C signals.</summary>
public abstract class ConnectingCommand : PSCmdlet, IDisposable
{
    private const int DefaultThrottleLimit = 32;

    private readonly CancellationTokenSource _stop = new();
    private bool _isDisposed;
    private readonly List<IDisposable> _kept = [];

    /// <summary>Gets or sets how long a host may take to answer, log-in included, in milliseconds.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? CommandTimeout { get; set; }

    /// <summary>Gets or sets how many hosts are asked at once.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = DefaultThrottleLimit;

    /// <summary>Gets the token that ends when the pipeline stops, or a downstream cmdlet wants no more.</summary>
    protected internal CancellationToken StopToken => _stop.Token;

    /// <summary>Abandons whatever still runs: Select-Object -First skips EndProcessing, but not this.</summary>
    public void Dispose()
    {
        Dispose(isDisposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Abandons whatever still runs.</summary>
    /// <param name="isDisposing">Whether this is a call of <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool isDisposing)
    {
        // The source itself is not disposed: hosts that are being left behind still look at its token.
        if (isDisposing && !_isDisposed)
        {
            _isDisposed = true;
            _stop.Cancel();
            _kept.ForEach(static kept => kept.Dispose());
        }
    }

    // It ends when the pipeline does, and not with this cmdlet's part in it: hosts that it wrote may be asked again further down.
    internal T Keep<T>(T kept)
        where T : IDisposable?
    {
        if (kept is not null)
        {
            _kept.Add(kept);
        }

        return kept;
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stop.Cancel();
}
