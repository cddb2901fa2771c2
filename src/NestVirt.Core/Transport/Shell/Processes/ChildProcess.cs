using System.ComponentModel;
using System.Diagnostics;

namespace NestVirt.Transport.Shell.Processes;

/// <summary>Starts programs of this machine with their standard streams in our hands.</summary>
internal static class ChildProcess
{
    // Part of util-linux and of BusyBox, and so of every Linux that has a shell to run it from.
    private const string SetsidPath = "/usr/bin/setsid";

    private static readonly bool s_hasSetsid = File.Exists(SetsidPath);

    /// <summary>Starts a program in a session of its own, where that is possible.</summary>
    /// <remarks>
    /// So a Ctrl+C on the terminal reaches only this program, which then ends its children in order; no child can
    /// ask a question on the terminal; and a shell leads its process group and can end all of it.
    /// </remarks>
    /// <param name="program">A name to look up on PATH, or a path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">What its environment has that ours has not.</param>
    /// <returns>The process.</returns>
    /// <exception cref="NestVirtException">There is no such program.</exception>
    internal static Process Start(
        string program,
        IReadOnlyList<string> arguments,
        params ReadOnlySpan<(string Name, string Value)> environment
    )
    {
        // setsid would report a missing program only in words.
        if (s_hasSetsid && !IsOnPath(program))
        {
            throw Missing(program, new Win32Exception(2));
        }

        ProcessStartInfo start = s_hasSetsid
            ? new ProcessStartInfo(SetsidPath, [program, .. arguments])
            : new ProcessStartInfo(program, arguments);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw Missing(program, error);
        }
    }

    private static bool IsOnPath(string program) =>
        program.Contains('/', StringComparison.Ordinal)
            ? File.Exists(program)
            : (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
                .Split(':', StringSplitOptions.RemoveEmptyEntries)
                .Any(folder => File.Exists(Path.Combine(folder, program)));

    private static NestVirtException Missing(string program, Win32Exception error) =>
        new(
            NestVirtErrorKind.ToolNotFound,
            $"'{program}' cannot be started on this machine: {error.Message.TrimEnd('.')}.",
            error
        );
}
