using System.Runtime.InteropServices;

namespace NestVirt.Text;

/// <summary>Writes a file whole or not at all. What root alone may read on a host, others may not read here.</summary>
public static partial class WholeFile
{
    private const string Ending = ".partial";

    /// <summary>Says whether a file exists and may not be written.</summary>
    /// <param name="path">The file.</param>
    /// <returns>True if so.</returns>
    public static bool IsReadOnly(string path) => new FileInfo(path) is { Exists: true, IsReadOnly: true };

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file; its folder must be there.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="overwrite">Whether a file that is there is replaced, a read-only one too.</param>
    /// <exception cref="IOException">It cannot be written, is there already, or is no file of its own: a link, a device.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, bool overwrite)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? path;
        RefuseOthers(path, folder);
        string partial = Path.Join(folder, $".{Path.GetRandomFileName()}{Ending}");
        try
        {
            WriteNew(partial, content);
            if (overwrite && OperatingSystem.IsWindows() && IsReadOnly(path))
            {
                File.SetAttributes(path, FileAttributes.Normal);
            }

            File.Move(partial, path, overwrite);
            Flush(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The name of the file that was to be is what the user knows.
            string message = error.Message.Replace(partial, path, StringComparison.Ordinal);
            throw new IOException($"{message.TrimEnd('.')}.", error);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    // To rename onto a link or a device would take it away from whoever else uses it.
    private static void RefuseOthers(string path, string folder)
    {
        if (new FileInfo(path).LinkTarget is { } target)
        {
            throw new IOException($"'{path}' is a link to '{target}'.");
        }

        if (Directory.Exists(path))
        {
            throw new IOException($"'{path}' is a directory.");
        }

        if (folder == "/dev")
        {
            throw new IOException($"'{path}' is a device.");
        }

        if (!Directory.Exists(folder))
        {
            throw new IOException($"There is no directory '{folder}'.");
        }
    }

    private static void WriteNew(string path, ReadOnlySpan<byte> content)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using FileStream stream = new(path, options);
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Sees to it that the names in a folder are on the disk, which they are not by their files alone. Some file systems do not offer that, and that is no failure.</summary>
    /// <param name="folder">The folder.</param>
    internal static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(folder, flags: 0);
        if (descriptor >= 0)
        {
            _ = Flush(descriptor);
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
