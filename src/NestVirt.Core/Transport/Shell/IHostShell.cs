namespace NestVirt.Transport.Shell;

/// <summary>What a script left behind.</summary>
/// <param name="Output">Standard output, byte for byte.</param>
/// <param name="ErrorOutput">Standard error as text, bounded.</param>
/// <param name="ExitCode">The exit code of the script.</param>
public sealed record ShellResult(ReadOnlyMemory<byte> Output, string ErrorOutput, int ExitCode);

/// <summary>A POSIX shell on a host, open for many scripts, one at a time.</summary>
public interface IHostShell : IAsyncDisposable
{
    /// <summary>Runs a script in a subshell whose standard input is empty.</summary>
    /// <param name="script">A POSIX sh script. It is sent on standard input, never on a command line.</param>
    /// <param name="cancellationToken">Ends the script and the connection.</param>
    /// <returns>What the script left behind.</returns>
    /// <exception cref="NestVirtException">The host was not reached, was lost, or did not answer in time.</exception>
    Task<ShellResult> RunAsync(string script, CancellationToken cancellationToken);

    /// <summary>Runs a script that may take another time than the host's own.</summary>
    /// <param name="script">A POSIX sh script.</param>
    /// <param name="timeout">How long it may take, log-in included.</param>
    /// <param name="cancellationToken">Ends the script and the connection.</param>
    /// <returns>What the script left behind.</returns>
    /// <exception cref="NestVirtException">The host was not reached, was lost, or did not answer in time.</exception>
    Task<ShellResult> RunAsync(string script, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Gets a value indicating whether the shell is known to have ended, though nothing was asked of it.</summary>
    bool HasEnded { get; }
}
