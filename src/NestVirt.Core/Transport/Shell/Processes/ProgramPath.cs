namespace NestVirt.Transport.Shell.Processes;

/// <summary>Finds a program by the absolute folders of PATH alone.</summary>
/// <remarks>
/// The runtime and Windows look in the current folder too, which may be a clone or a share that others write to; so does
/// a shell where PATH has an empty or a relative entry.
/// </remarks>
internal static class ProgramPath
{
    // A script (.bat, .cmd) would be run by cmd.exe, for which no argument can be quoted safely.
    private static readonly string[] s_windowsPrograms = [".EXE", ".COM"];

    /// <summary>Finds a program of this machine.</summary>
    /// <param name="program">A name, or an absolute path.</param>
    /// <returns>Its absolute path, or null.</returns>
    internal static string? Find(string program) =>
        Find(
            program,
            Environment.GetEnvironmentVariable("PATH"),
            OperatingSystem.IsWindows() ? Environment.GetEnvironmentVariable("PATHEXT") ?? string.Empty : null,
            IsProgram
        );

    /// <summary>Finds a program.</summary>
    /// <param name="program">A name, or an absolute path.</param>
    /// <param name="path">The value of PATH; null where there is none.</param>
    /// <param name="pathExtensions">The value of Windows' PATHEXT; null on other systems.</param>
    /// <param name="isProgram">Whether a path is that of a file that can be run.</param>
    /// <returns>The absolute path, or null.</returns>
    internal static string? Find(string program, string? path, string? pathExtensions, Predicate<string> isProgram)
    {
        bool isWindows = pathExtensions is not null;
        if (IsAbsolute(program, isWindows))
        {
            return Array.Find(Spellings(program, pathExtensions), isProgram);
        }

        return program.Length == 0 || program.AsSpan().ContainsAny('/', isWindows ? '\\' : '/', isWindows ? ':' : '/')
            ? null
            : Folders(path, isWindows)
                .SelectMany(folder => Spellings(Join(folder, program, isWindows), pathExtensions))
                .FirstOrDefault(file => isProgram(file));
    }

    /// <summary>Lists the folders of PATH in which programs are looked for.</summary>
    /// <param name="path">The value of PATH; null where there is none.</param>
    /// <param name="isWindows">Whether it is one of Windows.</param>
    /// <returns>The absolute ones.</returns>
    internal static string[] Folders(string? path, bool isWindows) =>
        [
            .. (path ?? string.Empty)
                .Split(isWindows ? ';' : ':')
                .Select(folder => isWindows ? folder.Trim().Trim('"') : folder)
                .Where(folder => IsAbsolute(folder, isWindows)),
        ];

    // X:\folder or \\server\share. Of C:folder and \folder it is the current folder or drive that says where they are.
    private static bool IsAbsolute(string path, bool isWindows) =>
        isWindows
            ? path is [var drive, ':', '\\' or '/', ..] && char.IsAsciiLetter(drive)
                || path is ['\\' or '/', '\\' or '/', ..]
            : path.StartsWith('/');

    private static string Join(string folder, string program, bool isWindows) =>
        isWindows ? $@"{folder.TrimEnd('\\', '/')}\{program}" : $"{folder.TrimEnd('/')}/{program}";

    private static string[] Spellings(string file, string? pathExtensions)
    {
        if (pathExtensions is null)
        {
            return [file];
        }

        string[] known =
        [
            .. pathExtensions
                .Split(';', StringSplitOptions.TrimEntries)
                .Where(static extension => s_windowsPrograms.Contains(extension, StringComparer.OrdinalIgnoreCase)),
        ];
        known = known.Length == 0 ? s_windowsPrograms : known;
        return Array.Exists(known, extension => file.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
            ? [file]
            : [.. known.Select(extension => file + extension.ToLowerInvariant())];
    }

    private static bool IsProgram(string path)
    {
        const UnixFileMode Runs = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        try
        {
            return File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Runs) != 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
