namespace NestVirt.Transport.Shell;

/// <summary>The three streams of a shell, and its end: all that a conversation with it needs, whatever carries them.</summary>
internal interface IShellChannel : IAsyncDisposable
{
    /// <summary>Gets the shell's standard output.</summary>
    Stream Output { get; }

    /// <summary>Gets the shell's standard error.</summary>
    Stream Error { get; }

    /// <summary>Writes to the shell's standard input, all of it at once.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="cancellationToken">Stops writing.</param>
    /// <exception cref="IOException">The shell reads no more.</exception>
    ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Closes the shell's standard input.</summary>
    void CloseInput();

    /// <summary>Waits until the shell has ended.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Its exit code.</returns>
    Task<int> WaitForEndAsync(CancellationToken cancellationToken);

    /// <summary>Ends the shell and what it started, when it is not over yet. Its streams end with it.</summary>
    void Abort();
}
