using System.Text;
using Renci.SshNet;

namespace NestVirt.SshNet;

/// <summary>A shell on a host, and the connection that carries it.</summary>
internal sealed class SshShellStreams : IDisposable
{
    private readonly SshClient _client;
    private readonly SshCommand _command;
    private readonly Task _execution;
    private int _isDisposed;

    private SshShellStreams(SshClient client, SshCommand command)
    {
        (_client, _command) = (client, command);
        _execution = command.ExecuteAsync();
        Input = InputOf(command);
    }

    /// <summary>Gets the shell's standard input.</summary>
    internal Stream Input { get; }

    /// <summary>Gets the shell's standard output; it ends when this object does.</summary>
    internal Stream Output => _command.OutputStream;

    /// <summary>Gets the shell's standard error; it ends when this object does.</summary>
    internal Stream Error => _command.ExtendedOutputStream;

    /// <summary>Starts a shell. Blocks until the host gave one.</summary>
    /// <param name="client">The connection; the new object owns it.</param>
    /// <param name="command">The command.</param>
    /// <returns>The shell.</returns>
    internal static SshShellStreams Open(SshClient client, string command) =>
        new(client, client.CreateCommand(command, Encoding.UTF8));

    /// <summary>Waits until the shell has ended.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Its exit code; null where the connection ended, or a signal ended it.</returns>
    internal async Task<int?> WaitForEndAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _execution.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (SshNetFailure.IsExpected(error) && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }

        return _command.ExitStatus;
    }

    /// <summary>Ends the streams at once, and the connection soon: the library waits for the host when it closes one.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        Output.Dispose();
        Error.Dispose();
        new Thread(Close) { IsBackground = true, Name = "SSH end" }.Start();
    }

    // A shell that is over already takes no input; what it wrote and its exit code say why.
    private static Stream InputOf(SshCommand command)
    {
        try
        {
            return command.CreateInputStream();
        }
        catch (InvalidOperationException)
        {
            return Stream.Null;
        }
    }

    private void Close()
    {
        try
        {
            // First, so that a shell that does not end by itself is not waited for.
            _client.Dispose();
            _command.Dispose();
        }
        catch (Exception error) when (SshNetFailure.IsExpected(error))
        {
            // The connection is gone already.
        }
    }
}
