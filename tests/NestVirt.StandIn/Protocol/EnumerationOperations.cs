using System.Globalization;
using System.Xml.Linq;
using NestVirt.StandIn.Cim;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Protocol;

/// <summary>Enumerate, Pull and Release (DSP0226 8).</summary>
/// <param name="machine">The host.</param>
/// <param name="table">The enumerations under way.</param>
/// <param name="variants">What differs from Windows.</param>
internal sealed class EnumerationOperations(HyperVMachine machine, EnumerationTable table, Variants variants)
{
    private static readonly XNamespace s_enumeration = Uris.Enumeration;
    private static readonly XNamespace s_wsman = Uris.WsMan;

    internal string Enumerate(SoapRequest request)
    {
        XElement body =
            request.Body.Element(s_enumeration + "Enumerate") ?? throw new WsManFaultException(Faults.Schema(""));
        ResourceName resource = request.Resource;
        Resources.Check(machine, resource);
        Enumeration enumeration = Open(body, request, resource);
        if (body.Element(s_wsman + "OptimizeEnumeration") is null)
        {
            string context = table.Keep(enumeration, variants, lastContext: null);
            return $"<n:EnumerateResponse><n:EnumerationContext>{context}</n:EnumerationContext></n:EnumerateResponse>";
        }

        // Items and the end are in the namespace of WS-Management here, unlike those of Pull.
        string items = Take(enumeration, request, body.Element(s_wsman + "MaxElements"));
        (string? next, bool isEnd) = Next(enumeration, items, lastContext: null);
        return $"<n:EnumerateResponse><n:EnumerationContext>{next}</n:EnumerationContext><w:Items>{items}</w:Items>"
            + $"{(isEnd ? "<w:EndOfSequence/>" : "")}</n:EnumerateResponse>";
    }

    internal string Pull(SoapRequest request)
    {
        XElement body =
            request.Body.Element(s_enumeration + "Pull") ?? throw new WsManFaultException(Faults.Schema(""));
        string? context = body.Element(s_enumeration + "EnumerationContext")?.Value.Trim();
        Enumeration enumeration = table.Take(context);
        string items = Take(enumeration, request, body.Element(s_enumeration + "MaxElements"));
        (string? next, bool isEnd) = Next(enumeration, items, context);
        return "<n:PullResponse>"
            + (next is null ? "" : $"<n:EnumerationContext>{next}</n:EnumerationContext>")
            + $"<n:Items>{items}</n:Items>{(isEnd ? "<n:EndOfSequence/>" : "")}</n:PullResponse>";
    }

    // The empty body is that of DSP0226 8.8; not recorded.
    internal string Release(SoapRequest request)
    {
        XElement? body = request.Body.Element(s_enumeration + "Release");
        table.Take(body?.Element(s_enumeration + "EnumerationContext")?.Value.Trim());
        return "";
    }

    // The last item and the end come in one answer, which then has no context (recorded).
    private (string? Context, bool IsEnd) Next(Enumeration enumeration, string items, string? lastContext)
    {
        bool isEnd = enumeration.IsAtEnd && !(variants.EndsWithEmptyPull && items.Length > 0);
        return isEnd && !variants.WritesContextAtEnd
            ? (null, true)
            : (table.Keep(enumeration, variants, lastContext), isEnd);
    }

    // Without MaxElements an answer holds one item (DSP0226 8.6, recorded).
    private string Take(Enumeration enumeration, SoapRequest request, XElement? maxElements)
    {
        int count = 1;
        if (
            maxElements is not null
            && (!int.TryParse(maxElements.Value, CultureInfo.InvariantCulture, out count) || count < 1)
        )
        {
            throw new WsManFaultException(Faults.Schema(""));
        }

        return enumeration.Take(count, request.MaxEnvelopeSize - SoapWriter.Overhead, variants, machine.Jobs.Reading);
    }

    private Enumeration Open(XElement body, SoapRequest request, ResourceName resource)
    {
        EnumerationMode mode = body.Element(s_wsman + "EnumerationMode")?.Value.Trim() switch
        {
            "EnumerateEPR" => EnumerationMode.Reference,
            "EnumerateObjectAndEPR" => EnumerationMode.ObjectAndReference,
            _ => EnumerationMode.Object,
        };
        if (body.Element(s_wsman + "Filter") is not { } filter)
        {
            return resource.IsWildcard
                ? throw new WsManFaultException(Faults.BadFilter(""))
                : new Enumeration([.. machine.Instances(resource.Namespace, resource.ClassName)], [], mode, resource);
        }

        // WQL is the dialect; without one it would be XPath (DSP0226 8.3), which WMI has not.
        if (filter.Attribute("Dialect")?.Value != Uris.Wql)
        {
            throw new WsManFaultException(Faults.BadDialect());
        }

        if (!resource.IsWildcard || request.Keys.Count > 0)
        {
            throw new WsManFaultException(Faults.FilterNeedsWildcard());
        }

        IReadOnlyList<CimObject> found = Resources.Query(
            machine,
            resource,
            filter.Value,
            out IReadOnlyList<string> selected
        );
        return new Enumeration(found, selected, mode, resource);
    }
}
