namespace NestVirt.StandIn.Protocol;

/// <summary>A fault, as Windows writes it.</summary>
/// <param name="Action">The action of the answer.</param>
/// <param name="Code"><c>s:Sender</c> or <c>s:Receiver</c>.</param>
/// <param name="Subcode">The subcode; null for none.</param>
/// <param name="Number">The code of the WSManFault; null for a fault without detail.</param>
/// <param name="Message">The sentence.</param>
internal sealed record WsManFault(string Action, string Code, string? Subcode, uint? Number, string Message)
{
    /// <summary>Gets the last part of the FaultDetail; null for none.</summary>
    internal string? Detail { get; init; }

    /// <summary>Gets the language of the reason: empty in most recorded faults.</summary>
    internal string ReasonLanguage { get; init; } = "";

    /// <summary>
    /// Gets CIMStatusCode (DSP0200): 1 failed, 2 access denied, 3 no namespace, 5 no class, 6 not found.
    /// </summary>
    internal uint CimStatus { get; init; } = 1;

    /// <summary>Gets what the provider says; null where the fault is the service's own.</summary>
    internal ProviderStatus? Provider { get; init; }

    /// <summary>Gets the header that was not understood: its name and namespace.</summary>
    internal (string Name, string Namespace)? NotUnderstood { get; init; }
}

/// <summary>What the provider of WMI adds to a fault: an __ExtendedStatus.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Parameter">What it was about.</param>
/// <param name="Name">The provider.</param>
/// <param name="Description">Its sentence; null for NULL.</param>
internal sealed record ProviderStatus(string Operation, string Parameter, string Name, string? Description = null);

/// <summary>Ends the handling of a request with a fault.</summary>
/// <param name="fault">The fault.</param>
internal sealed class WsManFaultException(WsManFault fault) : Exception(fault.Message)
{
    internal WsManFault Fault { get; } = fault;
}
