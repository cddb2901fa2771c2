namespace NestVirt.Transport.Cim.WsMan;

/// <summary>What proves to a host who asks.</summary>
internal enum WsManLoginMethod
{
    /// <summary>The password, with each message.</summary>
    Basic,

    /// <summary>NTLM, for the connection. Over HTTP it encrypts the messages as well.</summary>
    Ntlm,

    /// <summary>Kerberos, for the connection.</summary>
    Kerberos,
}
