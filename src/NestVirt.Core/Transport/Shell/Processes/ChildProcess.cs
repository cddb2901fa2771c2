using System.ComponentModel;
using System.Diagnostics;

namespace NestVirt.Transport.Shell.Processes;

/// <summary>Starts programs of this machine with their standard streams in our hands.</summary>
internal static class ChildProcess
{
    private const string PathVariable = "PATH";

    /// <summary>Starts a program in a session of its own, where there is a <c>setsid</c>.</summary>
    /// <remarks>
    /// So a Ctrl+C on the terminal reaches only this program, which then ends its children in order; no child can
    /// ask a question on the terminal; and a shell leads its process group and can end all of it. What the program
    /// starts in its turn is looked for in absolute folders, too.
    /// </remarks>
    /// <param name="program">A name to look up on PATH, or an absolute path.</param>
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
        string file = ProgramPath.Find(program) ?? throw NotFound(program);
        ProcessStartInfo start =
            !OperatingSystem.IsWindows() && ProgramPath.Find("setsid") is { } setsid
                ? new ProcessStartInfo(setsid, [file, .. arguments])
                : new ProcessStartInfo(file, arguments);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.Environment[PathVariable] = string.Join(Path.PathSeparator, Folders());
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
            throw new NestVirtException(
                NestVirtErrorKind.ToolNotFound,
                $"'{file}' cannot be started on this machine: {error.Message.TrimEnd('.')}.",
                error
            );
        }
    }

    private static string[] Folders() =>
        ProgramPath.Folders(Environment.GetEnvironmentVariable(PathVariable), OperatingSystem.IsWindows());

    private static NestVirtException NotFound(string program) =>
        new(
            NestVirtErrorKind.ToolNotFound,
            Path.IsPathFullyQualified(program) ? $"There is no program '{program}' on this machine."
                : Folders() is { Length: > 0 } folders
                    ? $"There is no '{program}' on this machine in {string.Join(", ", folders)}."
                : $"'{program}' was not looked for: PATH has no absolute folder."
        )
        {
            Remedy =
                $"Install '{program}', and put its folder on PATH as an absolute path; the current folder is never looked in.",
        };
}
