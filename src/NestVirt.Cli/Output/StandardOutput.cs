using System.Runtime.InteropServices;
using System.Text;

namespace NestVirt.Cli.Output;

/// <summary>Standard output, unbuffered. Unlike the framework's stream it says when nobody reads any more.</summary>
internal sealed partial class StandardOutput : Stream
{
    private const int Descriptor = 1;
    private const int Interrupted = 4;
    private const int WouldBlock = 11;
    private const int WouldBlockOnMac = 35;
    private const int BrokenPipe = 32;

    private readonly Stream? _windows = OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : null;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Writes one text, for output that needs no stream.</summary>
    /// <param name="text">The text.</param>
    internal static void Write(string text)
    {
        using StandardOutput output = new();
        output.Write(Encoding.UTF8.GetBytes(text));
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_windows is not null)
        {
            _windows.Write(buffer);
            return;
        }

        while (!buffer.IsEmpty)
        {
            nint written = WriteOnce(buffer);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
            }
            else
            {
                Recover(Marshal.GetLastPInvokeError());
            }
        }
    }

    /// <inheritdoc/>
    public override void Flush() => _windows?.Flush();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    private static void Recover(int error)
    {
        switch (error)
        {
            case Interrupted:
                return;
            case WouldBlock or WouldBlockOnMac:
                // Another program made the pipe non-blocking; there is no event to wait for that is worth the code.
                Thread.Sleep(1);
                return;
            case BrokenPipe:
                throw new BrokenPipeException();
            default:
                throw new IOException($"Standard output cannot be written: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
    }

    private static unsafe nint WriteOnce(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* first = buffer)
        {
            return WriteNative(Descriptor, first, (nuint)buffer.Length);
        }
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint WriteNative(int descriptor, byte* buffer, nuint count);
}
