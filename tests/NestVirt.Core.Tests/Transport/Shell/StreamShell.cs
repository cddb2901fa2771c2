using System.IO.Pipelines;
using System.Text;
using NestVirt.Transport.Shell;

namespace NestVirt.Core.Tests.Transport.Shell;

/// <summary>A shell that is three streams in memory: what it is sent can be read, and what it says is written by the test.</summary>
internal sealed class StreamShell : IShellChannel
{
    private readonly Pipe _output = new();
    private readonly Pipe _error = new();
    private readonly TaskCompletionSource<int> _end = new();
    private readonly TaskCompletionSource<string> _sent = new();

    public Stream Output => _output.Reader.AsStream();

    public Stream Error => _error.Reader.AsStream();

    internal bool IsAborted { get; private set; }

    internal bool IsInputClosed { get; private set; }

    /// <summary>Gets the token of the script that was sent.</summary>
    internal async Task<string> TokenAsync() => (await _sent.Task).Split("printf '\\n%s begin\\n' ")[1][..32];

    internal Task SayAsync(string output, string error = "") =>
        Task.WhenAll(WriteAsync(_output, output), WriteAsync(_error, error));

    /// <summary>Says more than a pipe holds, on standard output; it ends when all of it was read.</summary>
    internal async Task SayMuchAsync(string output) => await _output.Writer.WriteAsync(Encoding.UTF8.GetBytes(output));

    internal void End(int exitCode)
    {
        _output.Writer.Complete();
        _error.Writer.Complete();
        _end.TrySetResult(exitCode);
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _sent.TrySetResult(Encoding.UTF8.GetString(bytes.Span));
        return ValueTask.CompletedTask;
    }

    public void CloseInput()
    {
        IsInputClosed = true;
        End(0);
    }

    public Task<int> WaitForEndAsync(CancellationToken cancellationToken) => _end.Task.WaitAsync(cancellationToken);

    public void Abort()
    {
        IsAborted = true;
        End(137);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task WriteAsync(Pipe pipe, string text)
    {
        foreach (byte one in Encoding.UTF8.GetBytes(text))
        {
            await pipe.Writer.WriteAsync(new[] { one });
        }
    }
}
