using System.Globalization;
using NestVirt.Hosts;

namespace NestVirt.PowerShell.Hosting;

/// <summary>Names and writes the snapshot files of one command.</summary>
/// <param name="path">The full path of a file, or of a directory: one that exists, or ends in a separator.</param>
internal sealed class SnapshotFolder(string path)
{
    private readonly bool _isDirectory = Directory.Exists(path) || System.IO.Path.EndsInDirectorySeparator(path);
    private readonly HashSet<string> _named = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Says whether a file exists and may not be written.</summary>
    internal static bool IsReadOnly(string file) => new FileInfo(file) is { Exists: true, IsReadOnly: true };

    /// <summary>Writes a file whole or not at all. What root alone may read on a host, others may not read here.</summary>
    internal static void Write(string file, ReadOnlySpan<byte> content)
    {
        string folder = System.IO.Path.GetDirectoryName(file)!;
        Directory.CreateDirectory(folder);
        string partial = System.IO.Path.Join(folder, $".{System.IO.Path.GetRandomFileName()}.partial");
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using (FileStream stream = new(partial, options))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            if (IsReadOnly(file))
            {
                File.Delete(file);
            }

            File.Move(partial, file, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>Names the file of a host.</summary>
    /// <param name="target">The host.</param>
    /// <param name="isRedacted">Whether the name must not tell the host either.</param>
    /// <param name="file">The file.</param>
    /// <returns>False if the path is one file, and a host has it already.</returns>
    internal bool TryName(HostTarget target, bool isRedacted, out string file)
    {
        if (!_isDirectory)
        {
            file = path;
            return _named.Add(path);
        }

        string stem = isRedacted ? "host" : StemOf(target);
        file = System.IO.Path.Join(path, $"{stem}.json");
        for (int number = 2; !_named.Add(file); number++)
        {
            file = System.IO.Path.Join(path, string.Create(CultureInfo.InvariantCulture, $"{stem}-{number}.json"));
        }

        return true;
    }

    private static string StemOf(HostTarget target)
    {
        string name = target.Port is int port
            ? string.Create(CultureInfo.InvariantCulture, $"{target.Name}_{port}")
            : target.Name;
        char[] safe = [.. name.Select(static c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_')];
        return new string(safe).TrimStart('.', '-');
    }
}
