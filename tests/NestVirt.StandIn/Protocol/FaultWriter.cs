using System.Text;
using static NestVirt.StandIn.Protocol.XmlText;

namespace NestVirt.StandIn.Protocol;

/// <summary>Writes the body of a fault.</summary>
internal static class FaultWriter
{
    /// <summary>Writes it.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="host">The host, which the fault names as its machine.</param>
    internal static string Write(WsManFault fault, string host)
    {
        string message = Escape(fault.Message);
        var body = new StringBuilder("<s:Fault><s:Code><s:Value>").Append(fault.Code).Append("</s:Value>");
        if (fault.Subcode is not null)
        {
            body.Append("<s:Subcode><s:Value>").Append(fault.Subcode).Append("</s:Value></s:Subcode>");
        }

        // The language is empty in most recorded faults.
        body.Append("</s:Code><s:Reason><s:Text xml:lang=\"\">").Append(message).Append("</s:Text></s:Reason>");
        if (fault.Number is not null)
        {
            body.Append("<s:Detail>");
            if (fault.Detail is not null)
            {
                body.Append($"<w:FaultDetail>{Uris.FaultDetail}{fault.Detail}</w:FaultDetail>");
            }

            string own = $"<f:WSManFault xmlns:f=\"{Uris.Fault}\" Code=\"{fault.Number}\" Machine=\"{Escape(host)}\"><f:Message>";
            body.Append(own);
            body.Append(fault.Provider is null ? message : Provider(fault.Provider, own, message));
            body.Append("</f:Message></f:WSManFault></s:Detail>");
        }

        return body.Append("</s:Fault>").ToString();
    }

    // Recorded in microsoft/omi, test_wsmanparser.cpp, for a resource in the form of DMTF.
    private static string Provider(ProviderStatus status, string own, string message) =>
        """<f:ProviderFault provider="WMI Provider" path="C:\Windows\system32\WsmWmiPl.dll">"""
        + $"{own}{message}</f:Message></f:WSManFault><f:ExtendedError>"
        + $"<p:__ExtendedStatus xmlns:xsi=\"{Uris.Instance}\" xmlns:p=\"{Uris.DmtfResource}__ExtendedStatus\" "
        + $"xmlns:cim=\"{Uris.Cim}\" xsi:type=\"p:__ExtendedStatus_Type\">"
        + (
            status.Description is null
                ? "<p:Description xsi:nil=\"true\" xsi:type=\"cim:cimString\"/>"
                : $"<p:Description xsi:type=\"cim:cimString\">{Escape(status.Description)}</p:Description>"
        )
        + $"<p:Operation xsi:type=\"cim:cimString\">{Escape(status.Operation)}</p:Operation>"
        + $"<p:ParameterInfo xsi:type=\"cim:cimString\">{Escape(status.Parameter)}</p:ParameterInfo>"
        + $"<p:ProviderName xsi:type=\"cim:cimString\">{Escape(status.Name)}</p:ProviderName>"
        + "<p:StatusCode xsi:nil=\"true\" xsi:type=\"cim:cimUnsignedInt\"/>"
        + "</p:__ExtendedStatus></f:ExtendedError></f:ProviderFault>";
}
