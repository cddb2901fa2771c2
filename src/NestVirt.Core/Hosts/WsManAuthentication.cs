namespace NestVirt.Hosts;

/// <summary>How to log in over WS-Management, in the words of <c>New-CimSession -Authentication</c>.</summary>
public enum WsManAuthentication : long
{
    /// <summary>NTLM with a user name and a password; the user's Kerberos ticket without.</summary>
    Default,

    /// <summary>The password itself, which only HTTPS keeps secret.</summary>
    Basic,

    /// <summary>As the default.</summary>
    Negotiate,

    /// <summary>Kerberos, with the user's ticket or with a user name and a password.</summary>
    Kerberos,

    /// <summary>NTLM, for accounts of a domain and of the host alike.</summary>
    NtlmDomain,
}
