using NestVirt.Hosts;
using NestVirt.Text;
using NestVirt.Transport.Shell.Processes;

namespace NestVirt.Transport.Shell.Local;

/// <summary>Opens <c>/bin/sh</c> on this machine, over the machine itself or over a directory tree.</summary>
/// <param name="program">The POSIX shell: an absolute path, or a name to look up on PATH.</param>
/// <param name="arguments">What the shell is given, so that it reads from standard input.</param>
internal sealed class LocalShellFactory(string program = "/bin/sh", params string[] arguments) : IHostShellFactory
{
    private const int ShownLength = 400;

    /// <inheritdoc/>
    public Task<IHostShell> OpenAsync(HostTarget target, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ProcessChannel channel = new(ChildProcess.Start(program, arguments, ("NESTVIRT_ROOT", RootOf(target))));
        HostSecret? sudoPassword = target.Address is TreeAddress ? null : target.SudoPassword;
        return Task.FromResult<IHostShell>(
            new LocalShell(new ShellConversation(channel, Explain, sudoPassword: sudoPassword), target.CommandTimeout)
        );
    }

    private static string RootOf(HostTarget target)
    {
        if (target.Address is not TreeAddress tree)
        {
            return string.Empty;
        }

        string root = Path.GetFullPath(tree.Path);
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

    private sealed class LocalShell(ShellConversation conversation, TimeSpan timeout) : IHostShell
    {
        public Task<ShellResult> RunAsync(string script, CancellationToken cancellationToken) =>
            RunAsync(script, timeout, cancellationToken);

        public Task<ShellResult> RunAsync(string script, TimeSpan time, CancellationToken cancellationToken) =>
            conversation.RunAsync(script, time, cancellationToken);

        public bool HasEnded => conversation.HasEnded;

        public ValueTask DisposeAsync() => conversation.DisposeAsync();
    }
}
