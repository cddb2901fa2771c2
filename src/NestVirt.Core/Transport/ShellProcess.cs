using System.Diagnostics;
using System.Text;

namespace NestVirt.Transport;

/// <summary>A shell behind the standard streams of a child process.</summary>
/// <param name="process">The started process; this object owns it.</param>
/// <param name="prologue">What the shell is given first.</param>
/// <param name="target">The host, for its timeouts and for messages.</param>
/// <param name="explain">Says why the process ended without a frame: its exit code and what it wrote.</param>
internal sealed class ShellProcess(
    Process process,
    string prologue,
    Model.HostTarget target,
    Func<int, string, NestVirtException> explain) : IHostShell
{
    private const int OutputLimit = 64 << 20;
    private const int ErrorLimit = 4 << 20;
    private const int ReadSize = 32 << 10;
    private const int ShownErrorLength = 4096;

    private static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(2);

    private string? _prologue = prologue;
    private bool _isBroken;

    /// <inheritdoc/>
    public async Task<ShellResult> RunAsync(string script, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(target.CommandTimeout);
        string token = ShellFraming.CreateToken();
        FrameReader output = new(token, OutputLimit);
        FrameReader error = new(token, ErrorLimit);
        try
        {
            _isBroken = true;
            Task sending = SendAsync(_prologue + ShellFraming.Wrap(script, token), deadline.Token);
            _prologue = null;
            Task<bool> errorRead = ReadAsync(process.StandardError.BaseStream, error, deadline.Token);
            bool isComplete = await ReadAsync(process.StandardOutput.BaseStream, output, deadline.Token).ConfigureAwait(false);
            if (!isComplete)
            {
                throw await FailureAsync(output, error, errorRead, deadline.Token).ConfigureAwait(false);
            }

            await sending.ConfigureAwait(false);
            await errorRead.ConfigureAwait(false);
            _isBroken = false;
            return new ShellResult(output.Content, Shown(error.Content), output.ExitCode);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(output, error);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using (process)
        {
            try
            {
                if (!_isBroken)
                {
                    process.StandardInput.Close();
                    using CancellationTokenSource patience = new(s_goodbye);
                    await process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
                }
            }
            catch (Exception error) when (error is OperationCanceledException or IOException)
            {
                // It did not take the hint; it is ended below.
            }

            Kill();
        }
    }

    private static string Shown(ReadOnlyMemory<byte> bytes)
    {
        ReadOnlySpan<byte> head = bytes.Span[..Math.Min(bytes.Length, ShownErrorLength)];
        return Encoding.UTF8.GetString(head).Trim();
    }

    private static async Task<bool> ReadAsync(Stream stream, FrameReader frame, CancellationToken cancellationToken)
    {
        while (!frame.IsComplete && !frame.IsOverLimit)
        {
            int count = await stream.ReadAsync(frame.GetMemory(ReadSize), cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                return false;
            }

            frame.Advance(count);
        }

        return frame.IsComplete;
    }

    private async Task SendAsync(string text, CancellationToken cancellationToken)
    {
        try
        {
            Stream input = process.StandardInput.BaseStream;
            await input.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken).ConfigureAwait(false);
            await input.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The process ended before it read all; what it wrote to its outputs says why.
        }
    }

    private async Task<NestVirtException> FailureAsync(
        FrameReader output, FrameReader error, Task<bool> errorRead, CancellationToken cancellationToken)
    {
        if (output.IsOverLimit)
        {
            return output.HasBegun
                ? new NestVirtException(NestVirtErrorKind.ProbeOutputInvalid, $"The host's answer is longer than {OutputLimit >> 20} MiB.")
                : new NestVirtException(NestVirtErrorKind.HostShellInvalid, $"What answers is no POSIX shell: it printed more than {OutputLimit >> 20} MiB of other output.");
        }

        if (output.HasBegun)
        {
            return new NestVirtException(NestVirtErrorKind.HostConnectionLost, "The connection ended in the middle of an answer.");
        }

        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);

        // A master connection that ssh left in the background may hold the stream open, so its end is not awaited for long.
        await Task.WhenAny(errorRead, Task.Delay(s_goodbye, cancellationToken)).ConfigureAwait(false);
        string said = Shown(error.Noise);
        return explain(process.ExitCode, said.Length > 0 ? said : Shown(output.Noise));
    }

    private NestVirtException TimedOut(FrameReader output, FrameReader error)
    {
        string seconds = $"{target.CommandTimeout.TotalSeconds:0.#} s";
        if (output.HasBegun)
        {
            return new NestVirtException(NestVirtErrorKind.HostTimeout, $"The host did not finish its answer within {seconds}.");
        }

        string said = HostText.ForDisplay(output.Noise.IsEmpty ? Shown(error.Noise) : Shown(output.Noise), maximumLength: 200);
        return new NestVirtException(
            NestVirtErrorKind.HostTimeout,
            $"The host did not answer within {seconds}" + (said.Length == 0 ? "." : $"; it only said: {said}"));
    }

    private void Kill()
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It ended by itself in the meantime.
        }
    }
}
