using NestVirt.Transport.Cim;

namespace NestVirt.Probing;

/// <summary>A question to a host with CIM: a constant query of WMI, whose answer is the instances that it gives.</summary>
/// <param name="Name">The name of the answer in snapshots: lower-case letters and digits.</param>
/// <param name="Namespace">The namespace, with slashes.</param>
/// <param name="Query">
/// The query. It takes all properties, since a host whose class lacks one that is named refuses it whole (WMI,
/// WBEM_E_INVALID_QUERY), and classes grow from release to release.
/// </param>
/// <param name="Properties">What is kept of each instance. An instance that lacks one is kept without it.</param>
internal sealed record CimProbe(string Name, string Namespace, string Query, IReadOnlyList<string> Properties)
    : HostProbe(Name)
{
    /// <summary>Gets what tells, of the answers before it, which instances of the answer are kept: an answer is as long as what is kept of it. Null for all.</summary>
    internal Func<ProbeAnswers, Func<CimInstance, bool>>? Keeps { get; init; }

    /// <summary>Gets the method that is called on each instance, whose results follow all instances in the answer; null where none is.</summary>
    internal CimCall? Call { get; init; }
}
