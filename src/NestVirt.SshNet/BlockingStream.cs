namespace NestVirt.SshNet;

/// <summary>Reads from a stream that blocks, each time on a thread of its own: none of the pool waits for a host.</summary>
/// <param name="shell">The shell, once it is there.</param>
/// <param name="choose">Picks the stream.</param>
internal sealed class BlockingStream(Task<SshShellStreams> shell, Func<SshShellStreams, Stream> choose) : Stream
{
    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Does what may block.</summary>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="work">The work.</param>
    /// <returns>What it gave.</returns>
    internal static Task<T> OnThread<T>(Func<T> work) =>
        Task.Factory.StartNew(
            work,
            CancellationToken.None,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default
        );

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Stream stream = choose(await shell.WaitAsync(cancellationToken).ConfigureAwait(false));

        // The library's streams know what is there (PipeStream.Length): that is read at once.
        if (stream.Length > 0)
        {
            return stream.Read(buffer.Span);
        }

        // Not cancelled under the read: the buffer is its reader's again only when it is over. The end of the shell ends it.
        return await OnThread(() => stream.Read(buffer.Span)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
