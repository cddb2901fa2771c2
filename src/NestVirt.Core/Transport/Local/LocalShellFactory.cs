using System.ComponentModel;
using System.Diagnostics;
using NestVirt.Model;

namespace NestVirt.Transport.Local;

/// <summary>Opens <c>/bin/sh</c> on this machine, over the machine itself or over a directory tree.</summary>
public sealed class LocalShellFactory : IHostShellFactory
{
    private const string ShellPath = "/bin/sh";

    /// <inheritdoc/>
    public Task<IHostShell> OpenAsync(HostTarget target, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ProcessStartInfo start = new(ShellPath)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NESTVIRT_ROOT"] = RootOf(target);
        try
        {
            Process process = Process.Start(start)!;
            return Task.FromResult<IHostShell>(new ShellProcess(process, ShellFraming.Prologue(ownsProcessGroup: false), target, Explain));
        }
        catch (Win32Exception error)
        {
            throw new NestVirtException(
                NestVirtErrorKind.ToolNotFound,
                $"{ShellPath} cannot be started on this machine: {error.Message}.",
                error)
            {
                Remedy = "Name a host to ask over SSH, or a snapshot.",
            };
        }
    }

    private static string RootOf(HostTarget target)
    {
        if (target.Transport != HostTransport.Root)
        {
            return string.Empty;
        }

        string root = System.IO.Path.GetFullPath(target.Path ?? ".");
        return Directory.Exists(root)
            ? System.IO.Path.TrimEndingDirectorySeparator(root)
            : throw new NestVirtException(NestVirtErrorKind.SourceNotFound, $"There is no directory '{root}'.")
            {
                Remedy = "Name a directory that holds the proc/ and sys/ of a host.",
            };
    }

    private static NestVirtException Explain(int exitCode, string said) => new(
        NestVirtErrorKind.HostShellInvalid,
        $"{ShellPath} ended with code {exitCode}: {HostText.ForDisplay(said, maximumLength: 400)}");
}
