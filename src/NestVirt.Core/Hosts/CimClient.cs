namespace NestVirt.Hosts;

/// <summary>What speaks CIM with a Hyper-V host.</summary>
public enum CimClient
{
    /// <summary>MMI, the client that PowerShell has on Windows: with Windows' own log-in, trusted hosts and policy, as <c>Get-CimInstance</c>.</summary>
    Mi,

    /// <summary>The client that is built in, which speaks WS-Management from any system.</summary>
    WsMan,
}
