using NestVirt.StandIn.Cim;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Protocol;

/// <summary>Answers messages of WS-Management, without knowing how they came.</summary>
/// <param name="machine">The host.</param>
/// <param name="options">How it behaves.</param>
internal sealed class WsManServer(HyperVMachine machine, StandInOptions options)
{
    private readonly EnumerationTable _enumerations = new(options.EnumerationTimeout, options.Time);

    /// <summary>Answers a message.</summary>
    /// <param name="text">The message.</param>
    /// <param name="user">Who sent it; null for a stranger, who may ask for the identity alone.</param>
    internal WsManReply Answer(string text, string? user)
    {
        SoapRequest? request = SoapRequest.Parse(text);
        if (request is { IsIdentify: true })
        {
            return new WsManReply(200, Identity.Write(machine.Host, options.Variants, user is not null));
        }

        string language = string.IsNullOrEmpty(request?.Language) ? machine.Host.Language : request.Language;
        try
        {
            if (request is null)
            {
                throw new WsManFaultException(Faults.Schema(""));
            }

            if (user is null)
            {
                throw new WsManFaultException(Faults.AccessDenied());
            }

            request.Check();
            lock (machine.Gate)
            {
                string body = Dispatch(request, user, out string action);
                return new WsManReply(200, SoapWriter.Answer(language, action, request.MessageId, body));
            }
        }
        catch (WsManFaultException refused)
        {
            return Fault(language, refused.Fault, request);
        }
    }

    /// <summary>Answers that a message took too long.</summary>
    internal WsManReply TimedOut(string text)
    {
        SoapRequest? request = SoapRequest.Parse(text);
        return Fault(request?.Language ?? machine.Host.Language, Faults.TimedOut(), request);
    }

    /// <summary>Gets how long the client gives the operation.</summary>
    internal static TimeSpan TimeoutOf(string text)
    {
        try
        {
            return SoapRequest.Parse(text)?.OperationTimeout ?? TimeSpan.FromSeconds(60);
        }
        catch (WsManFaultException)
        {
            return TimeSpan.FromSeconds(60);
        }
    }

    private WsManReply Fault(string language, WsManFault fault, SoapRequest? request) =>
        new(
            500,
            SoapWriter.Fault(
                language,
                fault,
                request?.MessageId,
                new FaultWriter(machine.Host.Name, request?.ResourceUri, options.Variants)
            )
        );

    private string Dispatch(SoapRequest request, string user, out string action)
    {
        string asked = request.Action!;
        action = asked + "Response";
        if (options.DeniedUsers.Contains(user))
        {
            throw new WsManFaultException(Faults.AccessDenied());
        }

        if (options.DeniedNamespaces.Count > 0 && options.DeniedNamespaces.Contains(request.Resource.Namespace))
        {
            throw new WsManFaultException(Faults.AccessDenied());
        }

        var enumerations = new EnumerationOperations(machine, _enumerations, options.Variants);
        switch (asked)
        {
            case Uris.Enumeration + "/Enumerate":
                return enumerations.Enumerate(request);
            case Uris.Enumeration + "/Pull":
                return enumerations.Pull(request);
            case Uris.Enumeration + "/Release":
                return enumerations.Release(request);
            case Uris.Transfer + "/Get":
                return Get(request);
            default:
                break;
        }

        // The action of a method is the resource and the method's name.
        if (request.ResourceUri is not { } uri || !asked.StartsWith(uri + "/", StringComparison.Ordinal))
        {
            throw new WsManFaultException(Faults.InvalidAction());
        }

        action = options.Variants.OmitsResponseAction ? asked : action;
        return new InvokeOperation(machine, options.Variants).Invoke(request, asked[(uri.Length + 1)..]);
    }

    private string Get(SoapRequest request)
    {
        CimObject found = Resources.Find(machine, request.Resource, request.Keys, allowsFewer: false);
        machine.Jobs.Reading(found);
        return new InstanceWriter(request.Resource, options.Variants).Write(found);
    }
}
