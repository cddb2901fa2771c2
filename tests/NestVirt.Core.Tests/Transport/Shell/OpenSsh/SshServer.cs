using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using NestVirt.Hosts;
using NestVirt.Transport.Shell.OpenSsh;

namespace NestVirt.Core.Tests.Transport.Shell.OpenSsh;

/// <summary>A real sshd on loopback, started by tests/fakes/sshd.sh; it ends with this object, or with this process.</summary>
internal sealed class SshServer : IDisposable
{
    private static readonly Lazy<SshServer> s_shared = new(static () => new SshServer("MaxStartups 200"));

    private readonly Process _process;
    private readonly object _gate = new();
    private int _keyCount;

    /// <summary>Initializes a new instance of the <see cref="SshServer"/> class.</summary>
    /// <param name="directives">Lines of sshd_config.</param>
    public SshServer(params string[] directives)
    {
        Folder = Directory.CreateTempSubdirectory("nestvirt-sshd-").FullName;
        _process = Script("run", directives);
        string? line = _process.StandardOutput.ReadLine();
        if (line is null)
        {
            throw new InvalidOperationException($"sshd does not start: {_process.StandardError.ReadToEnd()}");
        }

        // port=N user=NAME
        string[] words = line.Split(' ', '=');
        Port = int.Parse(words[1], CultureInfo.InvariantCulture);
        UserName = words[3];
    }

    /// <summary>Gets a server that many tests use; it ends with the process.</summary>
    public static SshServer Shared => s_shared.Value;

    public string Folder { get; }

    public int Port { get; }

    public string UserName { get; }

    /// <summary>Gets the host, logged in to with the key that may do anything.</summary>
    public HostTarget Target => TargetWith("key");

    /// <summary>Gets the file of ssh options that know the server as "loopback".</summary>
    public string ConfigPath => Path.Combine(Folder, "ssh_config");

    /// <summary>Gets how many log-ins with the key that may do anything were let in.</summary>
    public int LogInCount => CountLogIns("key");

    /// <summary>Counts the log-ins that were let in with a key.</summary>
    /// <param name="key">The name of the key.</param>
    /// <returns>How many.</returns>
    public int CountLogIns(string key)
    {
        string blob = File.ReadAllText(Path.Combine(Folder, $"{key}.pub")).Split(' ')[1];
        string print = Convert.ToBase64String(SHA256.HashData(Convert.FromBase64String(blob))).TrimEnd('=');
        return File.ReadLines(Path.Combine(Folder, "sshd.log"))
            .Count(line =>
                line.StartsWith("Accepted publickey for ", StringComparison.Ordinal)
                && line.EndsWith($" SHA256:{print}", StringComparison.Ordinal)
            );
    }

    /// <summary>Makes a key with options, as authorized_keys has them, and gets the host logged in to with it.</summary>
    /// <param name="options">The options, such as <c>command="exec yes"</c>.</param>
    /// <returns>The host.</returns>
    public HostTarget TargetWithOptions(string options)
    {
        lock (_gate)
        {
            string name = $"key{++_keyCount}";
            using Process process = Script("key", name, options);
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            return TargetWith(name);
        }
    }

    /// <summary>Gets the host, logged in to with a forced command.</summary>
    /// <param name="command">The command; it may hold double quotes, and no newline.</param>
    /// <returns>The host.</returns>
    public HostTarget TargetWithCommand(string command) =>
        TargetWithOptions($"command=\"{command.Replace("\"", "\\\"", StringComparison.Ordinal)}\"");

    /// <summary>Gets the host, logged in to with a key of the server's folder.</summary>
    /// <param name="key">The name of the key.</param>
    /// <returns>The host.</returns>
    public HostTarget TargetWith(string key) =>
        new(
            "127.0.0.1",
            new SshAddress("127.0.0.1")
            {
                Port = Port,
                UserName = UserName,
                KeyFilePath = Path.Combine(Folder, key),
                Options =
                [
                    $"UserKnownHostsFile={Path.Combine(Folder, "known_hosts")}",
                    "GlobalKnownHostsFile=none",
                    "IdentitiesOnly=yes",
                    "IdentityAgent=none",
                ],
            }
        );

    /// <summary>Writes a file of ssh options, and gets shells that read it as if it were the user's own.</summary>
    /// <param name="config">The text of the file.</param>
    /// <returns>The shells.</returns>
    public SshShellFactory ShellsWithConfig(string config)
    {
        string path = Path.Combine(Folder, Path.GetRandomFileName());
        File.WriteAllText($"{path}.config", config);
        File.WriteAllText(path, $"#!/bin/sh\nexec ssh -F '{path}.config' \"$@\"\n");
        MakeExecutable(path);
        return new SshShellFactory(path);
    }

    /// <summary>Starts a server that the accounts of this machine log in to with the key of <see cref="Target"/>.</summary>
    /// <param name="directives">Lines of sshd_config.</param>
    /// <returns>The server.</returns>
    public static SshServer ForOthers(params string[] directives)
    {
        SshServer server = new(["UsePAM yes", .. directives]);
        LetOthersEnter(server.Folder);
        LetOthersEnter(Path.Combine(server.Folder, "authorized_keys"));
        return server;
    }

    /// <summary>Lets other users run a program, or reach what is in a folder.</summary>
    /// <param name="path">The program or folder.</param>
    public static void LetOthersEnter(string path)
    {
        const UnixFileMode ThoseOfOthers =
            UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | ThoseOfOthers);
        }
    }

    /// <summary>Lets a file be run as a program.</summary>
    /// <param name="path">The file.</param>
    public static void MakeExecutable(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string ScriptPath()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "NestVirt.PowerShell.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder!.FullName, "tests", "fakes", "sshd.sh");
    }

    private Process Script(string command, params string[] arguments) =>
        Process.Start(
            new ProcessStartInfo("/bin/sh", [ScriptPath(), command, Folder, .. arguments])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
}
