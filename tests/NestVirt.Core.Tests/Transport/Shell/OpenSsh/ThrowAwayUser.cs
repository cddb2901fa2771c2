using System.Diagnostics;
using System.Text;

namespace NestVirt.Core.Tests.Transport.Shell.OpenSsh;

/// <summary>An account of this machine with a password, for as long as a test needs it.</summary>
internal sealed class ThrowAwayUser : IDisposable
{
    private ThrowAwayUser() { }

    /// <summary>Gets the name.</summary>
    public string Name { get; } = $"nv{Guid.NewGuid().ToString("N")[..12]}";

    /// <summary>Gets the password.</summary>
    public string Password { get; } = $"pw {Guid.NewGuid():N} ü";

    /// <summary>Adds an account, or skips the test where that cannot be.</summary>
    /// <returns>The account.</returns>
    public static ThrowAwayUser Create()
    {
        Needs.Root();
        Needs.Sshd("useradd", "userdel", "chpasswd");
        ThrowAwayUser user = new();
        Run(string.Empty, "useradd", "--no-create-home", "--home-dir", "/", "--shell", "/bin/sh", user.Name);
        Run($"{user.Name}:{user.Password}\n", "chpasswd");
        return user;
    }

    public void Dispose() => Run(string.Empty, "userdel", "--force", Name);

    /// <summary>Looks for a secret in what processes show of themselves: their arguments and their environment.</summary>
    /// <param name="secret">The secret.</param>
    internal static void AssertInNoProcess(string secret)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(secret);
        foreach (
            string folder in Directory.EnumerateDirectories("/proc").Where(static path => char.IsAsciiDigit(path[6]))
        )
        {
            foreach (string file in new[] { "cmdline", "environ" })
            {
                try
                {
                    Assert.Equal(-1, File.ReadAllBytes(Path.Combine(folder, file)).AsSpan().IndexOf(bytes));
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException)
                {
                    // It has ended in the meantime.
                }
            }
        }
    }

    private static void Run(string input, string program, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        string said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0 || program == "userdel", $"{program}: {said}");
    }
}
