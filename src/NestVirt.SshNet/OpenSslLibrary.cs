using System.Runtime.InteropServices;

namespace NestVirt.SshNet;

/// <summary>OpenSSL, which .NET uses for cryptography on Linux, and which it does not bring along.</summary>
internal static class OpenSslLibrary
{
    // The names that .NET looks for (opensslshim.c), newest first.
    private static readonly string[] s_names =
    [
        "libssl.so.3",
        "libssl.so.1.1",
        "libssl.so.1.0.2",
        "libssl.so.1.0.0",
        "libssl.so.10",
        "libssl.so",
    ];

    /// <summary>Says what is missing: .NET itself ends the process.</summary>
    /// <exception cref="NestVirtException">It is not there.</exception>
    internal static void ThrowIfMissing()
    {
        if (
            OperatingSystem.IsLinux()
            && Environment.GetEnvironmentVariable("CLR_OPENSSL_VERSION_OVERRIDE") is null
            && !Array.Exists(s_names, IsThere)
        )
        {
            throw new NestVirtException(
                NestVirtErrorKind.ToolNotFound,
                "The built-in SSH client needs OpenSSL, and there is no libssl on this machine."
            )
            {
                Remedy =
                    "Install it (Debian: libssl3, Fedora: openssl-libs), or the OpenSSH client for hosts that are reached by a key.",
            };
        }
    }

    // Once loaded it is used, so it stays.
    private static bool IsThere(string name) => NativeLibrary.TryLoad(name, out _);
}
