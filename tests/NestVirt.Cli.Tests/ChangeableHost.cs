using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text.Json;
using NestVirt.Core.Tests;
using NestVirt.Core.Tests.Transport.Shell.OpenSsh;
using NestVirt.Hosts;

namespace NestVirt.Cli.Tests;

/// <summary>A host that can be changed: a directory tree behind a real sshd, whose every session starts its paths there.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class ChangeableHost : IDisposable
{
    /// <summary>Where an administrator's settings are; the last line does not end.</summary>
    internal const string OthersFile = "etc/modprobe.d/kvm.conf";

    /// <summary>Where ours are.</summary>
    internal const string OwnFile = "etc/modprobe.d/nestvirt.conf";

    private const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly HostTarget _target;

    /// <summary>Initializes a new instance of the <see cref="ChangeableHost"/> class.</summary>
    /// <param name="tools">A folder of programs that take the place of the machine's own; null for none.</param>
    internal ChangeableHost(string? tools = null) =>
        _target = SshServer.Shared.TargetWithCommand(
            $"PATH={(tools is null ? string.Empty : $"{tools}:")}/usr/sbin:/usr/bin:/sbin:/bin NESTVIRT_ROOT={Tree.Path} exec /bin/sh"
        );

    /// <summary>Gets the tree.</summary>
    internal HostTree Tree { get; } = new HostTree().Add("amd-unloaded");

    /// <summary>Gets the word that names the host.</summary>
    internal string Name => $"{_target.UserName}@{_target.Name}:{_target.Port}";

    /// <summary>Gets how many log-ins with the key of this host were let in.</summary>
    internal int LogInCount => SshServer.Shared.CountLogIns(Path.GetFileName(_target.KeyFilePath!));

    /// <summary>Gets the options that log in.</summary>
    internal IEnumerable<string> LogIn =>
        [
            "--identity",
            _target.KeyFilePath!,
            .. _target.SshOptions.SelectMany(static option => new[] { "--ssh-option", option }),
        ];

    /// <summary>Writes an inventory that has the host under another name, with all that it takes to log in.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The name.</param>
    internal void WriteInventory(string path, string name) =>
        File.WriteAllText(
            path,
            JsonSerializer.Serialize(
                new
                {
                    hosts = new[]
                    {
                        new
                        {
                            name,
                            address = _target.Name,
                            user = _target.UserName,
                            port = _target.Port,
                            identity = _target.KeyFilePath,
                        },
                    },
                    sshOptions = _target
                        .SshOptions.Select(static option => option.Split('=', 2))
                        .ToDictionary(static pair => pair[0], static pair => pair[1]),
                }
            )
        );

    /// <summary>Loads kvm_amd, as the kernel shows it; another module uses it, so it cannot be loaded again.</summary>
    internal void LoadModuleInUse()
    {
        Tree.Write("proc/modules", "kvm_amd 200704 1 other, Live 0x0\nkvm 1400832 1 kvm_amd, Live 0x0\n")
            .Write("sys/module/kvm_amd/initstate", "live\n")
            .Write("sys/module/kvm_amd/parameters/nested", "1\n")
            .Write("sys/module/kvm/initstate", "live\n");
        File.SetUnixFileMode(Path.Combine(Tree.Path, "sys/module/kvm_amd/parameters/nested"), ReadOnly);
    }

    /// <summary>Runs the program with the options that log in; nobody can be asked.</summary>
    /// <param name="arguments">The other arguments.</param>
    /// <returns>What it left behind.</returns>
    internal Task<CliResult> RunAsync(params string[] arguments) => CliProgram.RunAsync([.. arguments, .. LogIn]);

    /// <summary>Runs the program on a terminal of its own, where somebody types.</summary>
    /// <param name="typed">What is typed.</param>
    /// <param name="arguments">The arguments.</param>
    /// <returns>What it left behind; the terminal shows both streams, and what is typed.</returns>
    internal async Task<CliResult> TypeAsync(string typed, params string[] arguments)
    {
        string line = string.Join(' ', [CliProgram.Path, .. arguments, .. LogIn]);
        return await CliProgram.FinishAsync(
            CliProgram.Start(["-c", $"printf '{typed}\\n' | script -qec '{line}' /dev/null"], "/bin/sh")
        );
    }

    /// <summary>Reads a file of the tree; null when there is none.</summary>
    internal string? Text(string path) =>
        File.Exists(Path.Combine(Tree.Path, path)) ? File.ReadAllText(Path.Combine(Tree.Path, path)) : null;

    /// <summary>Lists every file of the host with its mode and a hash of its bytes, but for the journal and the lock.</summary>
    internal string[] Files() =>
        [
            .. Directory
                .EnumerateFiles(Tree.Path, "*", SearchOption.AllDirectories)
                .Select(path => (Name: Path.GetRelativePath(Tree.Path, path), Path: path))
                .Where(static file =>
                    !file.Name.StartsWith("var/lib/nestvirt/", StringComparison.Ordinal)
                    && !file.Name.StartsWith("run/nestvirt/", StringComparison.Ordinal)
                )
                .Select(static file =>
                    $"{file.Name} {File.GetUnixFileMode(file.Path)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file.Path)))}"
                )
                .Order(StringComparer.Ordinal),
        ];

    /// <inheritdoc/>
    public void Dispose() => Tree.Dispose();
}
