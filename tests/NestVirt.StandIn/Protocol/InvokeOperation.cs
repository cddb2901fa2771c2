using System.Globalization;
using System.Text;
using System.Xml.Linq;
using NestVirt.StandIn.Cim;
using NestVirt.StandIn.Machine;
using NestVirt.StandIn.Methods;
using static NestVirt.StandIn.Protocol.XmlText;

namespace NestVirt.StandIn.Protocol;

/// <summary>
/// Calls a method. No answer of a real host is recorded whole: its shape rests on what libvirt reads of it, on a real
/// job's address in arcserve, and on the recorded form of addresses.
/// </summary>
/// <param name="machine">The host.</param>
/// <param name="variants">What differs from Windows.</param>
internal sealed class InvokeOperation(HyperVMachine machine, Variants variants)
{
    private static readonly XNamespace s_addressing = Uris.Addressing;
    private static readonly XNamespace s_wsman = Uris.WsMan;

    internal string Invoke(SoapRequest request, string methodName)
    {
        ResourceName resource = request.Resource;
        Resources.Check(machine, resource);
        CimClass @class =
            machine.Classes.Find(resource.Namespace, resource.ClassName)
            ?? throw new WsManFaultException(Faults.BadClass(resource.ClassName, resource.Namespace));
        if (MethodTable.Find(@class, methodName) is not { } method)
        {
            throw new WsManFaultException(Faults.BadMethod(@class.Name, methodName));
        }

        // Measured: services are singletons, and their methods yet want to be told on which instance (r4sd).
        if (request.Keys.Count == 0)
        {
            throw new WsManFaultException(Faults.MethodNeedsSelectors(@class.Name, methodName));
        }

        CimObject target = Resources.Find(machine, resource, request.Keys, allowsFewer: true);
        MethodCall call = Read(request, resource, methodName, method, target);
        return Write(resource, methodName, method.Run(call));
    }

    private MethodCall Read(SoapRequest request, ResourceName resource, string name, Method method, CimObject target)
    {
        XNamespace own = request.ResourceUri!;
        XElement[] given = [.. request.Body.Elements()];
        // A method without parameters may have an empty body.
        if (given.Length > 1 || given.Any(element => element.Name != own + $"{name}_INPUT"))
        {
            throw new WsManFaultException(Faults.Schema(""));
        }

        var texts = new Dictionary<string, IReadOnlyList<string>>();
        var references = new Dictionary<string, IReadOnlyList<CimObject?>>();
        foreach (IGrouping<XName, XElement> group in given.Elements().GroupBy(static element => element.Name))
        {
            MethodParameter? parameter = method.Parameters.FirstOrDefault(known => own + known.Name == group.Key);
            if (parameter is null || (!parameter.IsArray && group.Count() > 1))
            {
                throw new WsManFaultException(Faults.Schema(""));
            }

            XElement[] values =
            [
                .. group.Where(static element =>
                    element.Attribute(XName.Get("nil", Uris.Instance))?.Value is not ("true" or "1")
                ),
            ];
            if (parameter.Type == CimType.Reference)
            {
                references[parameter.Name] = [.. values.Select(value => Referenced(value, resource))];
            }
            else
            {
                texts[parameter.Name] = [.. values.Select(Text)];
            }
        }

        return new MethodCall(machine, target, texts, references);
    }

    // Measured: an embedded instance is text; as elements it is refused (r4sd #81).
    private static string Text(XElement element) =>
        element.HasElements ? throw new WsManFaultException(Faults.Schema("")) : element.Value;

    // Measured: the address stands right in the parameter; an EndpointReference around it is refused (r4sd).
    private CimObject? Referenced(XElement element, ResourceName resource)
    {
        XElement parameters =
            element.Element(s_addressing + "ReferenceParameters") ?? throw new WsManFaultException(Faults.Schema(""));
        KeyValuePair<string, string>[] selectors =
        [
            .. parameters
                .Elements(s_wsman + "SelectorSet")
                .Elements(s_wsman + "Selector")
                .Select(static selector =>
                    KeyValuePair.Create(selector.Attribute("Name")?.Value ?? "", selector.Value)
                ),
        ];
        string? namespaceName = selectors
            .Where(static one => one.Key == Uris.NamespaceSelector)
            .Select(static one => one.Value)
            .FirstOrDefault();
        ResourceName named = ResourceName.Read(
            parameters.Element(s_wsman + "ResourceURI")?.Value.Trim() ?? "",
            namespaceName ?? (resource.IsDmtf ? resource.Namespace : null)
        );
        return machine
            .Instances(named.Namespace, named.ClassName)
            .FirstOrDefault(found => found.Matches(selectors.Where(static one => one.Key != Uris.NamespaceSelector)));
    }

    private string Write(ResourceName resource, string name, MethodResult result)
    {
        string element = variants.OmitsOutputSuffix ? name : $"{name}_OUTPUT";
        var text = new StringBuilder($"<p:{element} xmlns:xsi=\"{Uris.Instance}\" ");
        text.Append(
            CultureInfo.InvariantCulture,
            $"xmlns:p=\"{resource.UriOf(resource.Namespace, resource.ClassName)}\" xmlns:cim=\"{Uris.Cim}\">"
        );
        foreach ((string parameter, IReadOnlyList<string> values) in result.Texts)
        {
            text.Append(string.Concat(values.Select(value => $"<p:{parameter}>{Escape(value)}</p:{parameter}>")));
        }

        var writer = new InstanceWriter(resource, variants);
        foreach ((string parameter, IReadOnlyList<CimObject> instances) in result.Instances)
        {
            text.Append(string.Concat(instances.Select(instance => writer.WriteEmbedded(parameter, instance))));
        }

        foreach ((string parameter, CimObject instance) in result.References)
        {
            text.Append(writer.WriteReference(parameter, instance));
        }

        text.Append(result.Job is null ? "" : writer.WriteReference("Job", result.Job));

        return text.Append(
                CultureInfo.InvariantCulture,
                $"<p:ReturnValue>{result.ReturnValue}</p:ReturnValue></p:{element}>"
            )
            .ToString();
    }
}
