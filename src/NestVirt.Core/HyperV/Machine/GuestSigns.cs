using NestVirt.Model;

namespace NestVirt.HyperV.Machine;

/// <summary>Knows virtual machines by the maker and model that their firmware tells Windows.</summary>
/// <remarks>
/// The strings are those of SMBIOS, which Linux shows as DMI, and which Win32_ComputerSystem takes Manufacturer and Model
/// from. A maker alone is no sign where it makes or rents real machines too.
/// </remarks>
internal static class GuestSigns
{
    // What maker and model must hold ("" is anything), and who that is.
    private static readonly (string Maker, string Model, string Vendor)[] s_signs =
    [
        ("Microsoft Corporation", "Virtual Machine", "Microsoft"),
        ("VMware", "", "VMware"),
        ("", "VMware", "VMware"),
        ("innotek", "", "Oracle"),
        ("", "VirtualBox", "Oracle"),
        ("Xen", "", "Xen"),
        ("", "HVM domU", "Xen"),
        ("Parallels", "", "Parallels"),
        ("", "BHYVE", "bhyve"),
        ("Nutanix", "AHV", "KVM"),
        ("oVirt", "", "KVM"),
        ("OpenStack Foundation", "", "KVM"),
        ("", "OpenStack", "KVM"),
        ("Google", "Google Compute Engine", "KVM"),
        ("Alibaba Cloud", "Alibaba Cloud ECS", "KVM"),
        ("", "KVM", "KVM"),
        ("QEMU", "", "QEMU"),
        // QEMU's own models, whatever maker a provider writes; those of providers that rent virtual machines alone.
        ("", "Standard PC (", "QEMU"),
        ("Red Hat", "RHEV Hypervisor", "KVM"),
        ("Red Hat", "OpenStack", "KVM"),
        ("Hetzner", "vServer", "KVM"),
        ("DigitalOcean", "Droplet", "KVM"),
    ];

    /// <summary>Tells where a machine stands.</summary>
    /// <param name="computer">The machine.</param>
    /// <returns>L1 with its hypervisor's vendor, L0, or unknown where neither maker nor model was told.</returns>
    internal static (HostLayer Layer, string? Vendor) Find(ComputerFacts computer)
    {
        string maker = computer.Manufacturer ?? string.Empty;
        string model = computer.Model ?? string.Empty;
        if (maker.Length + model.Length == 0)
        {
            return (HostLayer.Unknown, null);
        }

        if (maker.StartsWith("Amazon EC2", StringComparison.Ordinal))
        {
            // Nitro is KVM; a model such as c7i.metal is the machine itself.
            return model.Contains(".metal", StringComparison.Ordinal) ? (HostLayer.L0, null) : (HostLayer.L1, "KVM");
        }

        (_, _, string? vendor) = s_signs.FirstOrDefault(sign => Holds(maker, sign.Maker) && Holds(model, sign.Model));
        return vendor is null ? (HostLayer.L0, null) : (HostLayer.L1, vendor);
    }

    private static bool Holds(string text, string part) => text.Contains(part, StringComparison.Ordinal);
}
