namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Who answers.</summary>
/// <param name="Vendor">Who made it, as in <c>Microsoft Corporation</c>.</param>
/// <param name="Version">Its version, as in <c>OS: 10.0.20348 SP: 0.0 Stack: 3.0</c>.</param>
/// <param name="Protocol">The protocol that it speaks.</param>
internal sealed record WsManIdentity(string Vendor, string Version, string Protocol);
