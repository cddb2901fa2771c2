using System.Diagnostics;
using System.IO.Pipes;
using Microsoft.Win32.SafeHandles;

namespace NestVirt.Transport.Shell.Processes;

/// <summary>The standard streams of a child process.</summary>
/// <param name="process">The started process; this object owns it.</param>
internal sealed class ProcessChannel(Process process) : IShellChannel
{
    private const int PipeCapacity = 64 << 10;

    /// <inheritdoc/>
    public Stream Output => process.StandardOutput.BaseStream;

    /// <inheritdoc/>
    public Stream Error => process.StandardError.BaseStream;

    /// <inheritdoc/>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Stream input = process.StandardInput.BaseStream;
        if (OperatingSystem.IsLinux() && bytes.Length <= PipeCapacity && input is PipeStream pipe)
        {
            // An empty pipe takes it at once. Written as a file it needs no sockets, so the shell begins while the
            // runtime sets those up to read with.
            using SafeFileHandle handle = new(pipe.SafePipeHandle.DangerousGetHandle(), ownsHandle: false);
            using FileStream file = new(handle, FileAccess.Write, bufferSize: 0);
            file.Write(bytes.Span);
        }
        else
        {
            await input.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        }

        await input.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void CloseInput() => process.StandardInput.Close();

    /// <inheritdoc/>
    public async Task<int> WaitForEndAsync(CancellationToken cancellationToken)
    {
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return process.ExitCode;
    }

    /// <inheritdoc/>
    public void Abort()
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception error)
            when (error is InvalidOperationException or System.ComponentModel.Win32Exception or AggregateException)
        {
            // It ended by itself in the meantime.
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        process.Dispose();
        return ValueTask.CompletedTask;
    }
}
