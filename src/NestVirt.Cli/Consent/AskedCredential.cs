using NestVirt.Hosts;

namespace NestVirt.Cli.Consent;

/// <summary>What somebody types to log in with, asked for once and cleared at the end.</summary>
internal static class AskedCredential
{
    private static HostCredential? s_asked;
    private static HostSecret? s_sudoPassword;

    /// <summary>Asks for what a command line says is asked for.</summary>
    /// <param name="asksPassword">Whether a password is.</param>
    /// <param name="asksKeyPassphrase">Whether the passphrase of the private key is.</param>
    /// <returns>What was typed; null where nothing is asked for.</returns>
    internal static HostCredential? Ask(bool asksPassword, bool asksKeyPassphrase)
    {
        if (!asksPassword && !asksKeyPassphrase)
        {
            return null;
        }

        char[] password = asksPassword ? HiddenLine.Ask("Password of the hosts: ") : [];
        char[] passphrase = asksKeyPassphrase ? HiddenLine.Ask("Passphrase of the private key: ") : [];
        s_asked = new HostCredential(userName: null, password, passphrase);
        Array.Clear(password);
        Array.Clear(passphrase);
        return s_asked;
    }

    /// <summary>Asks for the password that sudo asks for.</summary>
    /// <param name="asksPassword">Whether it is asked for.</param>
    /// <returns>What was typed; null where nothing is asked for.</returns>
    internal static HostSecret? AskSudo(bool asksPassword)
    {
        if (!asksPassword)
        {
            return null;
        }

        char[] password = HiddenLine.Ask("Password for sudo on the hosts: ");
        s_sudoPassword = new HostSecret(password);
        Array.Clear(password);
        return s_sudoPassword;
    }

    /// <summary>Clears what was typed.</summary>
    internal static void Clear()
    {
        s_asked?.Dispose();
        s_sudoPassword?.Dispose();
    }
}
