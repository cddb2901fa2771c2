using NestVirt.Transport.Cim;
using NestVirt.Transport.Recorded;
using NestVirt.Transport.Shell;

namespace NestVirt.Transport;

/// <summary>A host that answers, in one of the ways that hosts do.</summary>
internal abstract record HostConnection : IAsyncDisposable
{
    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>A shell on the host, or over a directory tree.</summary>
    /// <param name="Shell">The shell, which this connection owns.</param>
    internal sealed record Live(IHostShell Shell) : HostConnection
    {
        /// <inheritdoc/>
        public override ValueTask DisposeAsync() => Shell.DisposeAsync();
    }

    /// <summary>The classes of a Hyper-V host.</summary>
    /// <param name="Session">The way to them, which this connection owns.</param>
    internal sealed record Classes(ICimSession Session) : HostConnection
    {
        /// <inheritdoc/>
        public override ValueTask DisposeAsync() => Session.DisposeAsync();
    }

    /// <summary>What the host answered once.</summary>
    /// <param name="Snapshot">The answers.</param>
    internal sealed record Recording(HostSnapshot Snapshot) : HostConnection
    {
        /// <inheritdoc/>
        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
