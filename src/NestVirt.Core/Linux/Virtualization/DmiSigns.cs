namespace NestVirt.Linux.Virtualization;

/// <summary>Knows virtual machines by the DMI strings that their firmware shows.</summary>
/// <remarks>
/// A vendor's name alone is no sign: Microsoft, Oracle, Google, Amazon and Alibaba make or rent real machines too.
/// </remarks>
internal static class DmiSigns
{
    private const string QemuVendor = "QEMU";
    private const string KvmVendor = "KVM";

    // What the system vendor and the product must hold ("" is anything), and who that is.
    private static readonly (string System, string Product, string Vendor)[] s_products =
    [
        ("VMware", "", "VMware"),
        ("", "VMware", "VMware"),
        ("", "VMW", "VMware"),
        ("innotek", "", "Oracle"),
        ("", "VirtualBox", "Oracle"),
        ("Xen", "", "Xen"),
        ("", "HVM domU", "Xen"),
        ("Microsoft Corporation", "Virtual Machine", "Microsoft"),
        ("Parallels", "", "Parallels"),
        ("", "Parallels Virtual", "Parallels"),
        ("", "Parallels ARM", "Parallels"),
        ("HITACHI", "LPAR", "Hitachi"),
        ("", "BHYVE", "bhyve"),
        ("OpenBSD", "VMM", "OpenBSD"),
        ("", "Apple Virtualization", "Apple"),
        ("", "VirtualMac", "Apple"),
        ("Nutanix", "AHV", KvmVendor),
        ("oVirt", "", KvmVendor),
        ("", "RHEV Hypervisor", KvmVendor),
        ("OpenStack Foundation", "", KvmVendor),
        ("", "OpenStack", KvmVendor),
        ("Google", "Google Compute Engine", KvmVendor),
        ("Alibaba Cloud", "Alibaba Cloud ECS", KvmVendor),
        ("", "KubeVirt", KvmVendor),
        ("KubeVirt", "", KvmVendor),
        ("DigitalOcean", "Droplet", KvmVendor),
        ("Hetzner", "vServer", KvmVendor),
        ("", "KVM", KvmVendor),
        ("Cloud Hypervisor", "", KvmVendor),
        ("QEMU", "", QemuVendor),
        ("Bochs", "Bochs", QemuVendor),
    ];

    /// <summary>Finds the sign in the DMI strings, or null.</summary>
    /// <param name="reading">What the machine shows.</param>
    /// <param name="hasHypervisorFlag">Whether the processor says that a hypervisor is there; null where it cannot
    /// say.</param>
    /// <returns>The sign.</returns>
    public static HypervisorSign? Find(HypervisorReading reading, bool? hasHypervisorFlag)
    {
        string system = reading["dmi.sys_vendor"];
        string product = reading["dmi.product_name"];
        string evidence = $"/sys/class/dmi/id: {system} {product}".TrimEnd();
        if (product.Contains("Bare Metal", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        // KVM sets the flag in CPUID; a real machine that is rented out has the same DMI without it.
        bool mayBeKvm = hasHypervisorFlag != false;
        if (system.StartsWith("Amazon EC2", StringComparison.Ordinal))
        {
            // Nitro is KVM; a product such as c7g.metal is the machine itself.
            return mayBeKvm && !product.EndsWith(".metal", StringComparison.Ordinal)
                ? new HypervisorSign(KvmVendor, HypervisorSign.Full, evidence)
                : null;
        }

        (_, _, string? vendor) = s_products.FirstOrDefault(row =>
            Holds(system, row.System) && Holds(product, row.Product) && (mayBeKvm || row.Vendor != KvmVendor)
        );
        return vendor is null ? FindInFirmware(reading) : new HypervisorSign(vendor, HypervisorSign.Full, evidence);
    }

    private static HypervisorSign? FindInFirmware(HypervisorReading reading)
    {
        string bios = reading["dmi.bios_vendor"];
        string? vendor = bios switch
        {
            _ when bios.StartsWith("Parallels", StringComparison.Ordinal) => "Parallels",
            _ when bios.StartsWith("innotek", StringComparison.Ordinal) => "Oracle",
            "BHYVE" => "bhyve",
            "Xen" => "Xen",
            _ when reading["dmi.board_name"] == "VirtualBox" => "Oracle",
            _ => null,
        };
        return vendor is null
            ? null
            : new HypervisorSign(vendor, HypervisorSign.Full, $"/sys/class/dmi/id: {bios} {reading["dmi.board_name"]}");
    }

    private static bool Holds(string text, string part) => text.Contains(part, StringComparison.Ordinal);
}
