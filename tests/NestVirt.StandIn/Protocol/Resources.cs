using NestVirt.StandIn.Cim;
using NestVirt.StandIn.Machine;
using NestVirt.StandIn.Wql;

namespace NestVirt.StandIn.Protocol;

/// <summary>Finds the instances that a request is about.</summary>
internal static class Resources
{
    /// <summary>Refuses a namespace or class that is not there.</summary>
    internal static void Check(HyperVMachine machine, ResourceName resource)
    {
        if (!machine.Classes.HasNamespace(resource.Namespace) || IsWithoutHyperV(machine, resource.Namespace))
        {
            throw new WsManFaultException(Faults.BadNamespace(resource.Namespace));
        }

        if (!resource.IsWildcard && !machine.Classes.Derived(resource.Namespace, resource.ClassName).Any())
        {
            throw new WsManFaultException(Faults.BadClass(resource.ClassName, resource.Namespace));
        }
    }

    /// <summary>Finds the one instance that selectors name.</summary>
    /// <param name="machine">The host.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="keys">The selectors.</param>
    /// <param name="allowsFewer">Whether some keys are enough, as for methods (r4sd, measured).</param>
    internal static CimObject Find(
        HyperVMachine machine,
        ResourceName resource,
        IReadOnlyList<KeyValuePair<string, string>> keys,
        bool allowsFewer
    )
    {
        Check(machine, resource);
        CimClass @class =
            machine.Classes.Find(resource.Namespace, resource.ClassName)
            ?? throw new WsManFaultException(Faults.BadClass(resource.ClassName, resource.Namespace));
        if (keys.Any(key => @class.Find(key.Key) is not { IsKey: true }))
        {
            throw new WsManFaultException(Faults.UnexpectedSelectors());
        }

        if (keys.Count < (allowsFewer ? 1 : @class.Keys.Count()))
        {
            throw new WsManFaultException(Faults.InsufficientSelectors());
        }

        CimObject? found = machine
            .Instances(resource.Namespace, resource.ClassName)
            .FirstOrDefault(instance => instance.Matches(keys));
        return found
            ?? throw new WsManFaultException(
                Faults.NotFound(
                    "GetObject",
                    $"{resource.ClassName}.{string.Join(",", keys.Select(static key => $"{key.Key}=\"{key.Value}\""))}",
                    resource.Namespace == Names.Virtualization ? "VmmsWmiInstanceAndMethodProvider" : "CIMWin32"
                )
            );
    }

    /// <summary>Finds what a query asks for.</summary>
    /// <param name="machine">The host.</param>
    /// <param name="resource">The resource, which is all classes of a namespace.</param>
    /// <param name="text">The query.</param>
    /// <param name="selected">The properties that it selects; empty for all.</param>
    internal static IReadOnlyList<CimObject> Query(
        HyperVMachine machine,
        ResourceName resource,
        string text,
        out IReadOnlyList<string> selected
    )
    {
        try
        {
            WqlQuery query = WqlQuery.Parse(text);
            selected = query is WqlSelect { Properties: var properties } ? properties : [];
            return query is WqlSelect select
                ? Select(machine, resource, select, text)
                : Associators(machine, resource, (WqlAssociators)query, text);
        }
        catch (WqlException)
        {
            throw new WsManFaultException(Faults.BadFilter(text));
        }
    }

    private static IReadOnlyList<CimObject> Select(
        HyperVMachine machine,
        ResourceName resource,
        WqlSelect query,
        string text
    )
    {
        Check(machine, resource with { ClassName = query.ClassName });
        CimClass[] classes = [.. machine.Classes.Derived(resource.Namespace, query.ClassName)];
        // A name that the class does not have makes the query invalid (WBEM_E_INVALID_QUERY).
        if (
            query
                .Properties.Concat(query.Condition?.Properties ?? [])
                .Any(name => !classes.Any(found => found.Find(name) is not null))
        )
        {
            throw new WsManFaultException(Faults.BadFilter(text));
        }

        return
        [
            .. machine
                .Instances(resource.Namespace, query.ClassName)
                .Where(instance => query.Condition?.IsMetBy(instance) ?? true),
        ];
    }

    private static IReadOnlyList<CimObject> Associators(
        HyperVMachine machine,
        ResourceName resource,
        WqlAssociators query,
        string text
    )
    {
        Check(machine, resource with { ClassName = query.ClassName });
        CimObject? from = machine
            .Instances(resource.Namespace, query.ClassName)
            .FirstOrDefault(instance => instance.Matches(query.Keys));
        if (from is null)
        {
            // An instance that is not there: WBEM_E_NOT_FOUND; the fault is that of Get. Not recorded.
            throw new WsManFaultException(Faults.NotFound("ExecQuery", text, "VmmsWmiInstanceAndMethodProvider"));
        }

        return
        [
            .. Associations
                .Of(machine, from, query.AssociationClass)
                .Where(found => query.ResultClass is null || found.Class.IsA(query.ResultClass)),
        ];
    }

    // Without the feature, Windows has no namespace of Hyper-V.
    private static bool IsWithoutHyperV(HyperVMachine machine, string namespaceName) =>
        machine.Host.HyperVInstallState != 1
        && namespaceName.Equals(Names.Virtualization, StringComparison.OrdinalIgnoreCase);
}
