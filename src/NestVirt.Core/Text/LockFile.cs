namespace NestVirt.Text;

/// <summary>A file that one process at a time has to itself. Nothing is written to it.</summary>
internal static class LockFile
{
    // Whoever looks whether somebody has it holds it for a moment.
    private const int Attempts = 5;
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(100);

    /// <summary>Takes it.</summary>
    /// <param name="path">The file, in a folder that is there.</param>
    /// <returns>What gives it back when it is disposed; null where somebody has it.</returns>
    /// <exception cref="IOException">There can be no such file.</exception>
    internal static IDisposable? TryTake(string path)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (attempt < Attempts)
            {
                Thread.Sleep(s_between);
            }
            catch (IOException) when (IsHeld(path))
            {
                return null;
            }
        }
    }

    /// <summary>Tells whether somebody has it.</summary>
    /// <param name="path">The file.</param>
    /// <returns>True if so; false also where there is none.</returns>
    internal static bool IsHeld(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            Open(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite).Dispose();
            return false;
        }
        catch (IOException)
        {
            // What somebody has to himself cannot even be read.
            return true;
        }
    }

    private static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share) =>
        new(path, mode, access, share, bufferSize: 1);
}
