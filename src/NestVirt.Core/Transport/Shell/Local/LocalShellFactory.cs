using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Transport.Shell.Local;

/// <summary>Opens <c>/bin/sh</c> on this machine, over the machine itself or over a directory tree.</summary>
/// <param name="program">The POSIX shell: a path, or a name to look up on PATH.</param>
/// <param name="arguments">What the shell is given, so that it reads from standard input.</param>
public sealed class LocalShellFactory(string program = "/bin/sh", params string[] arguments) : IHostShellFactory
{
    private const int ShownLength = 400;

    /// <inheritdoc/>
    public Task<IHostShell> OpenAsync(HostTarget target, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ShellProcess process = new(ChildProcess.Start(program, arguments, ("NESTVIRT_ROOT", RootOf(target))), Explain);
        return Task.FromResult<IHostShell>(new LocalShell(process, target.CommandTimeout));
    }

    private static string RootOf(HostTarget target)
    {
        if (target.Transport != HostTransport.Root)
        {
            return string.Empty;
        }

        string root = Path.GetFullPath(target.Path ?? ".");
        return Directory.Exists(root)
            ? Path.TrimEndingDirectorySeparator(root)
            : throw new NestVirtException(NestVirtErrorKind.SourceNotFound, $"There is no directory '{root}'.")
            {
                Remedy = "Name a directory that holds the proc/ and sys/ of a host.",
            };
    }

    private NestVirtException Explain(int exitCode, string said) =>
        new(
            NestVirtErrorKind.HostShellInvalid,
            $"{program} ended with code {exitCode}: {HostText.ForDisplay(said, ShownLength)}"
        );

    private sealed class LocalShell(ShellProcess process, TimeSpan timeout) : IHostShell
    {
        public Task<ShellResult> RunAsync(string script, CancellationToken cancellationToken) =>
            process.RunAsync(script, timeout, cancellationToken);

        public ValueTask DisposeAsync() => process.DisposeAsync();
    }
}
