namespace NestVirt.Transport.Cim.WsMan;

/// <summary>The NTLM that .NET brings along. Without it .NET has none on Linux, unless a library of the system does it.</summary>
/// <remarks>
/// .NET reads the switch once for the process, when the first login of any kind needs it (learn.microsoft.com, "Runtime
/// configuration options for networking"). So a program that may log in elsewhere, too, sets it when it starts.
/// </remarks>
public static class ManagedNtlm
{
    private const string Switch = "System.Net.Security.UseManagedNtlm";

    /// <summary>Chooses it for this process, unless the process was told already which NTLM to use. Windows has its own.</summary>
    /// <example><code>
    /// ManagedNtlm.Use();
    /// </code></example>
    public static void Use()
    {
        if (!AppContext.TryGetSwitch(Switch, out _))
        {
            AppContext.SetSwitch(Switch, isEnabled: true);
        }
    }
}
