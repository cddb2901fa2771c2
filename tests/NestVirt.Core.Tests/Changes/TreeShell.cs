using System.Diagnostics;

namespace NestVirt.Core.Tests.Changes;

/// <summary>Puts real programs into a tree, so that scripts can run there.</summary>
internal static class TreeShell
{
    /// <summary>Copies /bin/sh and the libraries that it needs.</summary>
    /// <param name="host">The tree.</param>
    /// <returns>The end of it.</returns>
    internal static Task WithShellAsync(this TreeChange host) => host.Tree.WithProgramAsync("/bin/sh");

    /// <summary>Copies a program and the libraries that it needs.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="program">Its path, which is the same in the tree.</param>
    /// <returns>The end of it.</returns>
    internal static async Task WithProgramAsync(this HostTree tree, string program)
    {
        using Process ldd = Process.Start(new ProcessStartInfo("ldd", [program]) { RedirectStandardOutput = true })!;
        string text = await ldd.StandardOutput.ReadToEndAsync();
        await ldd.WaitForExitAsync();
        foreach (
            string path in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                .Where(static word => word[0] == '/')
                .Append(program)
        )
        {
            string copy = tree.Path + path;
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy, overwrite: true);
        }
    }
}
