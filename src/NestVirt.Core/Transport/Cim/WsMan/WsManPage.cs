namespace NestVirt.Transport.Cim.WsMan;

/// <summary>One answer of an enumeration.</summary>
/// <param name="Items">The instances; none is no sign of the end.</param>
/// <param name="Context">What the host knows the enumeration by from now on; null where it says nothing new of that.</param>
/// <param name="IsEnd">Whether these were the last.</param>
internal sealed record WsManPage(IReadOnlyList<CimInstance> Items, string? Context, bool IsEnd);
