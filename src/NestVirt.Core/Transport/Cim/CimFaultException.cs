namespace NestVirt.Transport.Cim;

/// <summary>A host that answers, and does not do what was asked.</summary>
/// <param name="kind">What that means.</param>
/// <param name="message">A sentence for the user.</param>
internal class CimFaultException(NestVirtErrorKind kind, string message) : NestVirtException(kind, message);
