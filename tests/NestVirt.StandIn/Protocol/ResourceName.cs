namespace NestVirt.StandIn.Protocol;

/// <summary>A resource: a class of a namespace, or all classes of it, in one of two forms of URI.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="ClassName">The class; <c>*</c> for all.</param>
/// <param name="IsDmtf">Whether it is in the form of DMTF, which the answer then is in too.</param>
internal sealed record ResourceName(string Namespace, string ClassName, bool IsDmtf)
{
    /// <summary>Gets whether it is all classes.</summary>
    internal bool IsWildcard => ClassName == "*";

    /// <summary>Reads the URI and the selector that belongs to it.</summary>
    /// <param name="uri">The URI.</param>
    /// <param name="namespaceSelector">The selector <c>__cimnamespace</c>; null where there is none.</param>
    internal static ResourceName Read(string uri, string? namespaceSelector)
    {
        if (uri.StartsWith(Uris.WmiResource, StringComparison.OrdinalIgnoreCase))
        {
            string path = uri[Uris.WmiResource.Length..];
            int slash = path.LastIndexOf('/');
            if (slash < 0)
            {
                throw new WsManFaultException(Faults.InvalidResourceUri());
            }

            string namespaceName = path[..slash];
            // microsoft/omi #398: the two must say the same.
            return
                namespaceSelector is null
                || Normal(namespaceSelector).Equals(namespaceName, StringComparison.OrdinalIgnoreCase)
                ? new ResourceName(namespaceName, path[(slash + 1)..], IsDmtf: false)
                : throw new WsManFaultException(Faults.DifferentNamespaces());
        }

        if (uri.Equals(Uris.DmtfAll, StringComparison.OrdinalIgnoreCase))
        {
            return new ResourceName(Normal(namespaceSelector ?? "root/cimv2"), "*", IsDmtf: true);
        }

        return uri.StartsWith(Uris.DmtfResource, StringComparison.OrdinalIgnoreCase)
            ? new ResourceName(Normal(namespaceSelector ?? "root/cimv2"), uri[Uris.DmtfResource.Length..], IsDmtf: true)
            : throw new WsManFaultException(Faults.InvalidResourceUri());
    }

    /// <summary>Gets the URI of a class in the form of this one.</summary>
    internal string UriOf(string namespaceName, string className) =>
        IsDmtf ? Uris.DmtfResource + className : $"{Uris.WmiResource}{namespaceName}/{className}";

    private static string Normal(string namespaceName) => namespaceName.Replace('\\', '/');
}
