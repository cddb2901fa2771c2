using System.Globalization;
using System.Text;
using static NestVirt.StandIn.Protocol.XmlText;

namespace NestVirt.StandIn.Protocol;

/// <summary>Writes the body of a fault.</summary>
/// <param name="host">The host, which the fault names as its machine.</param>
/// <param name="resourceUri">The resource that was asked for; the provider's status is in its form.</param>
/// <param name="variants">What differs from the usual Windows.</param>
internal sealed class FaultWriter(string host, string? resourceUri, Variants variants)
{
    /// <summary>Writes it.</summary>
    internal string Write(WsManFault fault)
    {
        StringBuilder body = new StringBuilder("<s:Fault><s:Code><s:Value>").Append(fault.Code).Append("</s:Value>");
        if (fault.Subcode is not null)
        {
            body.Append("<s:Subcode><s:Value>").Append(fault.Subcode).Append("</s:Value></s:Subcode>");
        }

        body.Append(
            CultureInfo.InvariantCulture,
            $"</s:Code><s:Reason><s:Text xml:lang=\"{fault.ReasonLanguage}\">{Escape(fault.Message)}</s:Text></s:Reason>"
        );
        if (fault.Number is { } number)
        {
            body.Append("<s:Detail>");
            body.Append(variants.WritesErrorInstances ? ErrorInstance(fault, number) : WsManDetail(fault, number));
            body.Append("</s:Detail>");
        }

        return body.Append("</s:Fault>").ToString();
    }

    private string WsManDetail(WsManFault fault, uint number)
    {
        string message = Escape(fault.Message);
        string own = $"<f:WSManFault xmlns:f=\"{Uris.Fault}\" Code=\"{number}\" Machine=\"{Escape(host)}\"><f:Message>";
        return (fault.Detail is null ? "" : $"<w:FaultDetail>{Uris.FaultDetail}{fault.Detail}</w:FaultDetail>")
            + own
            + (fault.Provider is null ? message : Provider(fault.Provider, own, message))
            + "</f:Message></f:WSManFault>";
    }

    // Recorded with the types of properties in microsoft/omi's test_wsmanparser.cpp, for a resource in DMTF's form, and
    // without them in an event log of VMM (public code index 6091540196), for one in WMI's.
    private string Provider(ProviderStatus status, string own, string message)
    {
        bool isDmtf = resourceUri?.StartsWith(Uris.WmiResource, StringComparison.OrdinalIgnoreCase) != true;
        string space = isDmtf ? Uris.DmtfResource : resourceUri![..(resourceUri!.LastIndexOf('/') + 1)];
        string text = isDmtf ? " xsi:type=\"cim:cimString\"" : "";
        string number = isDmtf ? " xsi:type=\"cim:cimUnsignedInt\"" : "";
        return """<f:ProviderFault provider="WMI Provider" path="C:\Windows\system32\WsmWmiPl.dll">"""
            + $"{own}{message}</f:Message></f:WSManFault><f:ExtendedError>"
            + $"<p:__ExtendedStatus xmlns:xsi=\"{Uris.Instance}\" xmlns:p=\"{Escape(space)}__ExtendedStatus\" "
            + $"xmlns:cim=\"{Uris.Cim}\" xsi:type=\"p:__ExtendedStatus_Type\">"
            + (
                status.Description is null
                    ? $"<p:Description xsi:nil=\"true\"{text}/>"
                    : $"<p:Description{text}>{Escape(status.Description)}</p:Description>"
            )
            + $"<p:Operation{text}>{Escape(status.Operation)}</p:Operation>"
            + $"<p:ParameterInfo{text}>{Escape(status.Parameter)}</p:ParameterInfo>"
            + $"<p:ProviderName{text}>{Escape(status.Name)}</p:ProviderName>"
            + $"<p:StatusCode xsi:nil=\"true\"{number}/>"
            + "</p:__ExtendedStatus></f:ExtendedError></f:ProviderFault>";
    }

    // Recorded in pywinrm's test_protocol.py: what newer Windows gives some clients instead of a WSManFault.
    private static string ErrorInstance(WsManFault fault, uint number)
    {
        string Text(string name, string value) => $"<p:{name} xsi:type=\"cim:cimString\">{Escape(value)}</p:{name}>";
        string Null(string name) => $"<p:{name} xsi:type=\"cim:cimString\" xsi:nil=\"true\" />";
        string Number(string name, string type, uint value) => $"<p:{name} xsi:type=\"cim:{type}\">{value}</p:{name}>";
        return $"<p:MSFT_WmiError b:IsCIM_Error=\"true\" xmlns:xsi=\"{Uris.Instance}\" xmlns:b=\"{Uris.Binding}\" "
            + $"xmlns:p=\"{Uris.DmtfResource}MSFT_WmiError\" xmlns:cim=\"{Uris.Cim}\" xsi:type=\"p:MSFT_WmiError_Type\">"
            + Number("CIMStatusCode", "cimUnsignedInt", fault.CimStatus)
            + Null("CIMStatusCodeDescription")
            + Null("ErrorSource")
            + Number("ErrorSourceFormat", "cimUnsignedShort", 0)
            + Number("ErrorType", "cimUnsignedShort", 0)
            + Text("Message", fault.Message)
            + Text("MessageID", $"HRESULT 0x{number:x8}")
            + Null("OtherErrorSourceFormat")
            + Null("OtherErrorType")
            + Null("OwningEntity")
            + Number("PerceivedSeverity", "cimUnsignedShort", 0)
            + Number("ProbableCause", "cimUnsignedShort", 0)
            + Null("ProbableCauseDescription")
            + Number("error_Category", "cimUnsignedInt", 30)
            + Number("error_Code", "cimUnsignedInt", number)
            + Text("error_Type", "HRESULT")
            + Text("error_WindowsErrorMessage", fault.Message)
            + "</p:MSFT_WmiError>";
    }
}
