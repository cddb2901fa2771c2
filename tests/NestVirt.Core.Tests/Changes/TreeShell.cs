using System.Diagnostics;

namespace NestVirt.Core.Tests.Changes;

/// <summary>Puts a shell into a tree, so that its scripts can run there.</summary>
internal static class TreeShell
{
    /// <summary>Copies /bin/sh and the libraries that it needs.</summary>
    /// <param name="host">The tree.</param>
    /// <returns>The end of it.</returns>
    internal static async Task WithShellAsync(this TreeChange host)
    {
        using Process ldd = Process.Start(new ProcessStartInfo("ldd", ["/bin/sh"]) { RedirectStandardOutput = true })!;
        string text = await ldd.StandardOutput.ReadToEndAsync();
        await ldd.WaitForExitAsync();
        foreach (string path in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(static word => word[0] == '/').Append("/bin/sh"))
        {
            string copy = host.Tree.Path + path;
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy, overwrite: true);
        }
    }
}
