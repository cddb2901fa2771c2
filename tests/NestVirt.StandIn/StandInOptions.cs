using System.Security.Cryptography.X509Certificates;
using NestVirt.StandIn.Authentication;

namespace NestVirt.StandIn;

/// <summary>How a stand-in behaves as a server.</summary>
public sealed class StandInOptions
{
    /// <summary>Gets the port on the loopback address; 0 for a free one.</summary>
    public int Port { get; init; }

    /// <summary>Gets the certificate, which makes it HTTPS; null for HTTP.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Gets who may come in; everybody by default, which is for tests alone.</summary>
    public IStandInAuthentication Authentication { get; init; } = new OpenAuthentication();

    /// <summary>Gets users who are known and yet may do nothing: every operation is a fault with code 5.</summary>
    public ISet<string> DeniedUsers { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Gets namespaces that nobody may use: a namespace of WMI has rights of its own (Microsoft, "Access to WMI Namespaces").
    /// That the fault is the same as for a user without any rights is not recorded.
    /// </summary>
    public ISet<string> DeniedNamespaces { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets what differs from Windows.</summary>
    public Variants Variants { get; init; } = new();

    /// <summary>
    /// Gets how long an enumeration may rest: EnumerationTimeoutms of WinRM is 60000 (240000 was seen).
    /// </summary>
    public TimeSpan EnumerationTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets the clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
