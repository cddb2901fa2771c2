using System.Diagnostics;
using System.Globalization;
using System.Text;
using NestVirt.Hosts;
using NestVirt.Linux.Worker;
using NestVirt.Transport;
using NestVirt.Transport.Shell;
using NestVirt.Transport.Shell.OpenSsh;

namespace NestVirt.Core.Tests.Lab;

/// <summary>Reaches the emulated hosts that tests/lab/lab.sh starts. They are disposable, so their keys are not pinned.</summary>
internal static class LabHost
{
    /// <summary>The AMD host: root ports with and without ACS, a switch, multi-function, a PCI bridge, SR-IOV.</summary>
    internal const string Amd = "NESTVIRT_LAB_AMD";

    /// <summary>The Intel host: VT-x, no IOMMU.</summary>
    internal const string Intel = "NESTVIRT_LAB_INTEL";

    /// <summary>An AMD host with a switch below a switch, and conventional PCI below that.</summary>
    internal const string Deep = "NESTVIRT_LAB_DEEP";

    /// <summary>An AMD host with multi-function root ports, root-complex endpoints and a second root bus.</summary>
    internal const string Flat = "NESTVIRT_LAB_FLAT";

    /// <summary>The AMD host once more, started by GRUB from its own disk: it can be restarted.</summary>
    internal const string Boot = "NESTVIRT_LAB_BOOT";

    /// <summary>The same again: whatever it writes and flushes is logged.</summary>
    internal const string Cuts = "NESTVIRT_LAB_CUTS";

    /// <summary>That one with /var on a file system of its own.</summary>
    internal const string CutsApart = "NESTVIRT_LAB_CUTS_VAR";

    /// <summary>The folder of Debian packages that tests bring along: the hosts do not have them.</summary>
    internal const string Packages = "NESTVIRT_LAB_PACKAGES";

    private const string Prefix = "NESTVIRT_LAB_";

    /// <summary>Gets the variable of a host that the lab knows by this name.</summary>
    internal static string VariableOf(string name) => Prefix + name.ToUpperInvariant().Replace('-', '_');

    /// <summary>Gets the folder of what belongs to a running host.</summary>
    internal static string FolderOf(string variable) =>
        Path.Combine(
            Environment.GetEnvironmentVariable("NESTVIRT_LAB_FOLDER")!,
            variable[Prefix.Length..].ToLowerInvariant().Replace('_', '-')
        );

    /// <summary>Starts one more host by the loader on a disk, which is left as it is.</summary>
    internal static async Task StartAsync(string name, string disk)
    {
        await RunLabAsync("start-host", name, "disk", string.Empty, disk);
        string variable = VariableOf(name);
        string port = await File.ReadAllTextAsync(Path.Combine(FolderOf(variable), "port"));
        Environment.SetEnvironmentVariable(variable, $"root@127.0.0.1:{port.Trim()}");
    }

    /// <summary>Runs a command of the lab, which has to succeed.</summary>
    internal static async Task RunLabAsync(params string[] words)
    {
        using Process lab = Process.Start(Path.Combine(Repository.Folder, "tests/lab/lab.sh"), words);
        await lab.WaitForExitAsync();
        Assert.True(lab.ExitCode == 0, $"lab {string.Join(' ', words)}: exit code {lab.ExitCode}");
    }

    /// <summary>Gets the target of a host, over the connection that the lab keeps to it, if there is one.</summary>
    /// <remarks>Another account than root's has no such connection, and so one of its own each time (%r, ssh_config(5)).</remarks>
    internal static HostTarget Target(string variable)
    {
        string control = Path.Combine(FolderOf(variable), "control");
        return File.Exists($"{control}-root")
            ? OwnTarget(variable).WithSsh(ssh => ssh with { Options = [.. ssh.Options, $"ControlPath={control}-%r"] })
            : OwnTarget(variable);
    }

    /// <summary>Gets the target of a host, over a connection of its own each time.</summary>
    internal static HostTarget OwnTarget(string variable)
    {
        string name = Environment.GetEnvironmentVariable(variable)!;
        Assert.True(HostTarget.TryParseSsh(name, out HostTarget? target), $"{variable}={name}");
        // An emulated host that starts, on a machine that is busy, takes its time to say who it is.
        return (target with { ConnectTimeout = TimeSpan.FromMinutes(1) }).WithSsh(static ssh =>
            ssh with
            {
                KeyFilePath = Environment.GetEnvironmentVariable("NESTVIRT_LAB_KEY"),
                Options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "IdentitiesOnly=yes"],
            }
        );
    }

    /// <summary>Runs a script on a host, as the test's own look at it.</summary>
    internal static async Task<string> RunAsync(string variable, string script)
    {
        IHostShell shell = await OpenAsync(variable);
        await using (shell)
        {
            return await shell.LookAsync(script);
        }
    }

    /// <summary>Installs packages, without others that they depend on.</summary>
    internal static async Task InstallAsync(string variable, params string[] packages)
    {
        StringBuilder script = new("mkdir /tmp/packages\n");
        foreach (string package in packages)
        {
            byte[] file = await File.ReadAllBytesAsync(
                Path.Combine(Environment.GetEnvironmentVariable(Packages)!, $"{package}.deb")
            );
            string text = Convert
                .ToBase64String(file, Base64FormattingOptions.InsertLineBreaks)
                .ReplaceLineEndings("\n");
            script.Append(
                CultureInfo.InvariantCulture,
                $"base64 -d >/tmp/packages/{package}.deb <<'END'\n{text}\nEND\n"
            );
        }

        script.Append(
            "dpkg -i --force-depends /tmp/packages/*.deb >/dev/null 2>&1; e=$?; rm -r /tmp/packages; exit $e"
        );
        await RunAsync(variable, script.ToString());
    }

    /// <summary>Restarts a host, and waits until it is back.</summary>
    /// <param name="target">The host.</param>
    /// <param name="bootId">The id of the boot that is to end.</param>
    internal static async Task RestartAsync(HostTarget target, string bootId)
    {
        await using IHostShell shell = await HostConnector.Default.OpenAsync(target, CancellationToken.None);
        await new HostRestart(HostConnector.Default).RunAsync(target, shell, bootId, CancellationToken.None);
    }

    /// <summary>Opens a shell on a host for many looks: a log-in takes an emulated host its time.</summary>
    internal static Task<IHostShell> OpenAsync(string variable) =>
        new SshShellFactory().OpenAsync(
            Target(variable) with
            {
                CommandTimeout = TimeSpan.FromMinutes(10),
            },
            CancellationToken.None
        );

    /// <summary>Runs a script, which has to succeed.</summary>
    internal static async Task<string> LookAsync(this IHostShell shell, string script)
    {
        ShellResult result = await shell.RunAsync(script, CancellationToken.None);
        Assert.True(result.ExitCode == 0, $"exit code {result.ExitCode}: {result.ErrorOutput}");
        return Encoding.UTF8.GetString(result.Output.Span);
    }
}
