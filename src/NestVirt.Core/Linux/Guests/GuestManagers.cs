namespace NestVirt.Linux.Guests;

/// <summary>Tells what manages a guest, so that its definition is not changed behind the back of a manager that writes it anew.</summary>
internal static class GuestManagers
{
    // The namespaces that managers give to their own words in a definition's metadata.
    private static readonly (string Namespace, string Manager)[] s_known =
    [
        ("http://openstack.org/xmlns/libvirt/nova/", "OpenStack"),
        ("http://ovirt.org/vm/", "oVirt"),
        ("http://opennebula.org/xmlns/libvirt/", "OpenNebula"),
        ("http://kubevirt.io", "KubeVirt"),
    ];

    /// <summary>Finds the manager.</summary>
    /// <remarks>nova's driver writes <c>nova:instance</c> (nova/virt/libvirt/config.py), vdsm <c>ovirt-vm:vm</c>, KubeVirt <c>kubevirt</c>.</remarks>
    /// <param name="text">The definition, whole.</param>
    /// <returns>Its name; null where none is known.</returns>
    internal static string? Of(string text)
    {
        int begin = text.IndexOf("<metadata>", StringComparison.Ordinal);
        int end = begin < 0 ? -1 : text.IndexOf("</metadata>", begin, StringComparison.Ordinal);
        return end < 0
            ? null
            : Array
                .Find(
                    s_known,
                    known =>
                        text.AsSpan(begin, end - begin).Contains($"\"{known.Namespace}", StringComparison.Ordinal)
                        || text.AsSpan(begin, end - begin).Contains($"'{known.Namespace}", StringComparison.Ordinal)
                )
                .Manager;
    }
}
