using System.Management.Automation;
using System.Runtime.InteropServices;
using System.Security;
using NestVirt.Hosts;

namespace NestVirt.PowerShell.Parameters;

/// <summary>Takes secrets out of what PowerShell keeps them in.</summary>
internal static class Secrets
{
    /// <summary>Makes what hosts are logged in to with.</summary>
    /// <param name="credential">The account and its password, or null.</param>
    /// <param name="keyPassphrase">What protects the private key, or null.</param>
    /// <returns>Both; null where nothing is given.</returns>
    internal static HostCredential? Of(PSCredential? credential, SecureString? keyPassphrase)
    {
        string? user = string.IsNullOrEmpty(credential?.UserName) ? null : credential.UserName;
        if (credential is null && keyPassphrase is null)
        {
            return null;
        }

        char[] password = CharactersOf(credential?.Password);
        char[] passphrase = CharactersOf(keyPassphrase);
        try
        {
            return new HostCredential(user, password, passphrase);
        }
        finally
        {
            Array.Clear(password);
            Array.Clear(passphrase);
        }
    }

    /// <summary>Makes the password that sudo is given.</summary>
    /// <param name="password">The password, or null.</param>
    /// <returns>The password; null where none is given.</returns>
    internal static HostSecret? Of(SecureString? password)
    {
        if (password is null)
        {
            return null;
        }

        char[] characters = CharactersOf(password);
        try
        {
            return new HostSecret(characters);
        }
        finally
        {
            Array.Clear(characters);
        }
    }

    private static char[] CharactersOf(SecureString? secret)
    {
        if (secret is null or { Length: 0 })
        {
            return [];
        }

        char[] characters = GC.AllocateUninitializedArray<char>(secret.Length, pinned: true);
        nint copy = Marshal.SecureStringToGlobalAllocUnicode(secret);
        Marshal.Copy(copy, characters, 0, characters.Length);
        Marshal.ZeroFreeGlobalAllocUnicode(copy);
        return characters;
    }
}
