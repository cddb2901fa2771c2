namespace NestVirt.Transport.Cim.WsMan;

/// <summary>A host that does not do what was asked.</summary>
/// <param name="fault">Why.</param>
/// <param name="kind">What that means.</param>
/// <param name="message">A sentence for the user.</param>
internal sealed class WsManFaultException(WsManFault fault, NestVirtErrorKind kind, string message)
    : CimFaultException(kind, message)
{
    /// <summary>Gets why.</summary>
    internal WsManFault Fault { get; } = fault;
}
