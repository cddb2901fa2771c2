using NestVirt.Transport.Shell;

namespace NestVirt.SshNet;

/// <summary>The streams of a shell on a host; until the log-in is over they wait for it.</summary>
/// <param name="login">The log-in under way; this object owns the shell that it gives.</param>
internal sealed class SshNetChannel(SshLogin login) : IShellChannel
{
    /// <summary>What <see cref="WaitForEndAsync"/> gives where the connection ended and not the shell.</summary>
    internal const int NoExitCode = -1;

    /// <inheritdoc/>
    public Stream Output { get; } = new BlockingStream(login.Shell, static shell => shell.Output);

    /// <inheritdoc/>
    public Stream Error { get; } = new BlockingStream(login.Shell, static shell => shell.Error);

    /// <inheritdoc/>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            SshShellStreams shell = await login.Shell.WaitAsync(cancellationToken).ConfigureAwait(false);
            await BlockingStream
                .OnThread(() =>
                {
                    shell.Input.Write(bytes.Span);
                    return 0;
                })
                .WaitAsync(cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception error) when (error is NestVirtException || SshNetFailure.IsExpected(error))
        {
            // Whoever reads is told why.
            throw new IOException(error.Message, error);
        }
    }

    /// <inheritdoc/>
    public void CloseInput()
    {
        if (!login.Shell.IsCompletedSuccessfully)
        {
            return;
        }

        try
        {
            login.Shell.Result.Input.Dispose();
        }
        catch (Exception error) when (SshNetFailure.IsExpected(error))
        {
            // The shell has ended.
        }
    }

    /// <inheritdoc/>
    public async Task<int> WaitForEndAsync(CancellationToken cancellationToken)
    {
        SshShellStreams shell = await login.Shell.WaitAsync(cancellationToken).ConfigureAwait(false);
        return await shell.WaitForEndAsync(cancellationToken).ConfigureAwait(false) ?? NoExitCode;
    }

    /// <inheritdoc/>
    public void Abort()
    {
        login.Abort();
        if (login.Shell.IsCompletedSuccessfully)
        {
            login.Shell.Result.Dispose();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Abort();
        login.Dispose();
        return ValueTask.CompletedTask;
    }
}
