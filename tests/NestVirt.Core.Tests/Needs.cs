using System.Net;
using System.Net.Security;

namespace NestVirt.Core.Tests;

/// <summary>What a test needs of its machine. Where that is not there, the test is skipped with the reason.</summary>
internal static class Needs
{
    /// <summary>A POSIX shell.</summary>
    internal static void Shell() => Assert.SkipUnless(File.Exists("/bin/sh"), "this machine has no /bin/sh");

    /// <summary>The rights to change the root directory and the owners of files.</summary>
    internal static void Root() =>
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "runs as root on Linux");

    /// <summary>Programs.</summary>
    /// <param name="names">Their names.</param>
    internal static void Tools(params string[] names)
    {
        string[] missing = [.. names.Where(static name => !IsOnPath(name))];
        Assert.SkipWhen(missing.Length > 0, $"not installed: {string.Join(", ", missing)}");
    }

    /// <summary>A real sshd, and other programs.</summary>
    /// <param name="tools">The names of the other programs.</param>
    internal static void Sshd(params string[] tools) => Tools(["sshd", "ssh", "ssh-keygen", .. tools]);

    /// <summary>A set of captures, and the programs that unpack it.</summary>
    /// <param name="folder">The name of the set's folder.</param>
    /// <param name="tools">The names of the programs.</param>
    internal static void Data(string folder, params string[] tools)
    {
        Assert.SkipWhen(TestData.Folder(folder) is null, $"no captures: ../shared/data/{folder} is absent");
        Tools(tools);
    }

    /// <summary>NTLM, which .NET brings along but on Windows; Wine has none by itself.</summary>
    internal static void Ntlm()
    {
        if (!OperatingSystem.IsWindows())
        {
            return;
        }

        using NegotiateAuthentication login = new(
            new NegotiateAuthenticationClientOptions
            {
                Package = "NTLM",
                Credential = new NetworkCredential("user", "password"),
                TargetName = "HTTP/localhost",
            }
        );
        login.GetOutgoingBlob([], out NegotiateAuthenticationStatusCode status);
        Assert.SkipUnless(
            status == NegotiateAuthenticationStatusCode.ContinueNeeded,
            $"this Windows has no NTLM ({status})"
        );
    }

    /// <summary>Emulated hosts, each named by an environment variable that tests/lab/lab.sh sets.</summary>
    /// <remarks>A test that is not begun by the second (of Unix time) that NESTVIRT_LAB_END names is left out.</remarks>
    /// <param name="variables">The variables.</param>
    internal static void Lab(params string[] variables)
    {
        Assert.SkipWhen(
            long.TryParse(Environment.GetEnvironmentVariable("NESTVIRT_LAB_END"), out long end)
                && DateTimeOffset.UtcNow.ToUnixTimeSeconds() > end,
            "the time was up before it was begun (NESTVIRT_TEST_ALL=yes takes it)"
        );
        string[] missing =
        [
            .. variables.Where(static name => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))),
        ];
        string? reason = Environment.GetEnvironmentVariable("NESTVIRT_LAB_REASON");
        Assert.SkipWhen(
            missing.Length > 0,
            string.IsNullOrEmpty(reason) ? $"no lab host: {string.Join(", ", missing)} is not set" : reason
        );
    }

    /// <summary>Tells whether a program can be found, also in the folders that only root has on PATH.</summary>
    /// <param name="tool">The name.</param>
    /// <returns>True if it is there.</returns>
    internal static bool IsOnPath(string tool) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/local/sbin:/usr/sbin:/sbin"
            .Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, tool)));
}
