namespace NestVirt.Transport.Cim.WsMan;

/// <summary>An account as Windows takes it.</summary>
/// <param name="User">The user; with its domain where it was written <c>user@domain</c>, which Windows takes apart itself.</param>
/// <param name="Domain">The domain or the computer; empty where none was named.</param>
internal readonly record struct WsManUserName(string User, string Domain)
{
    /// <summary>Reads <c>DOMAIN\user</c>, <c>user@domain</c> or <c>user</c>.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <returns>The account.</returns>
    /// <exception cref="NestVirtException">It is none.</exception>
    internal static WsManUserName Read(string? text)
    {
        string whole = text ?? string.Empty;
        int mark = whole.IndexOf('\\', StringComparison.Ordinal);
        string user = whole[(mark + 1)..];
        if (user.Length == 0 || whole.Any(char.IsControl))
        {
            throw new NestVirtException(
                NestVirtErrorKind.HostAuthenticationFailed,
                "A password needs a user name that it is of."
            )
            {
                Remedy = @"Give it as DOMAIN\user, user@domain or user.",
            };
        }

        // A dot stands for the host's own accounts, which need no domain.
        string domain = mark < 0 ? string.Empty : whole[..mark];
        return new WsManUserName(user, domain == "." ? string.Empty : domain);
    }
}
