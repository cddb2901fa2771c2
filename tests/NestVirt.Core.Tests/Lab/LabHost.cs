using System.Text;
using NestVirt.Model;
using NestVirt.Transport;
using NestVirt.Transport.Ssh;

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

    /// <summary>Gets the target of a host.</summary>
    internal static HostTarget Target(string variable)
    {
        string name = Environment.GetEnvironmentVariable(variable)!;
        Assert.True(HostTarget.TryParseSsh(name, out HostTarget? target), $"{variable}={name}");
        return target with
        {
            KeyFilePath = Environment.GetEnvironmentVariable("NESTVIRT_LAB_KEY"),
            SshOptions = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "IdentitiesOnly=yes"],
        };
    }

    /// <summary>Runs a script on a host, as the test's own look at it.</summary>
    internal static async Task<string> RunAsync(string variable, string script)
    {
        IHostShell shell = await new SshShellFactory().OpenAsync(Target(variable), CancellationToken.None);
        await using (shell)
        {
            ShellResult result = await shell.RunAsync(script, CancellationToken.None);
            Assert.True(result.ExitCode == 0, $"exit code {result.ExitCode}: {result.ErrorOutput}");
            return Encoding.UTF8.GetString(result.Output.Span);
        }
    }
}
