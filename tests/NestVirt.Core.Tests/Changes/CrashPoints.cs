using System.Globalization;
using System.Runtime.Versioning;

namespace NestVirt.Core.Tests.Changes;

/// <summary>Stands in for the tools that the worker runs, and ends the worker, or holds it, at the one that is wanted.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class CrashPoints : IDisposable
{
    private static readonly string[] s_tools =
    [
        "mv",
        "cp",
        "rm",
        "mkdir",
        "rmdir",
        "chmod",
        "sync",
        "sha256sum",
        "cat",
        "flock",
        "date",
        "tail",
        "readlink",
        "ln",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-crash-").FullName;

    /// <summary>Initializes a new instance of the <see cref="CrashPoints"/> class.</summary>
    public CrashPoints()
    {
        foreach (string tool in s_tools)
        {
            string path = Path.Combine(_folder, tool);
            File.WriteAllText(path, Script(_folder, $"/usr/bin/{tool}"));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Reset(0, "kill");
    }

    /// <summary>Gets the folder, which goes first on PATH.</summary>
    public string Folder => _folder;

    /// <summary>Gets how many tools were run since the last reset.</summary>
    public int Count => int.Parse(File.ReadAllText(Path.Combine(_folder, "count")), CultureInfo.InvariantCulture);

    /// <summary>Gets a value indicating whether the worker is held.</summary>
    public bool IsHeld => File.Exists(Path.Combine(_folder, "held"));

    /// <summary>Writes a stand-in for one tool.</summary>
    /// <param name="folder">Where it counts and looks what to do.</param>
    /// <param name="tool">The real tool.</param>
    /// <returns>A POSIX sh script.</returns>
    public static string Script(string folder, string tool) =>
        $$"""
            #!/bin/sh
            read -r n <{{folder}}/count
            n=$((n + 1))
            echo "$n" >{{folder}}/count
            read -r at how <{{folder}}/at
            if [ "$n" = "$at" ]; then
              read -r _ _ _ _ group _ </proc/$$/stat
              if [ "$how" = kill ]; then kill -9 "-$group"; fi
              : >{{folder}}/held
              while [ -e {{folder}}/at ] && [ ! -e {{folder}}/go ]; do sleep 0.02; done
            fi
            exec {{tool}} "$@"

            """;

    /// <summary>Starts to count anew.</summary>
    /// <param name="at">The tool, from 1 on, at which something happens; 0 for none.</param>
    /// <param name="how">What happens: kill ends the worker, hold stops it until <see cref="Release"/>.</param>
    public void Reset(int at, string how)
    {
        File.Delete(Path.Combine(_folder, "held"));
        File.Delete(Path.Combine(_folder, "go"));
        File.WriteAllText(Path.Combine(_folder, "count"), "0\n");
        File.WriteAllText(Path.Combine(_folder, "at"), string.Create(CultureInfo.InvariantCulture, $"{at} {how}\n"));
    }

    /// <summary>Lets a held worker go on.</summary>
    public void Release() => File.WriteAllText(Path.Combine(_folder, "go"), string.Empty);

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        Directory.Delete(_folder, recursive: true);
    }
}
