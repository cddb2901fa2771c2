using NestVirt.Core.Tests.Linux.Machine;
using NestVirt.Linux.Machine;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Virtualization;

/// <summary>Holds our answers over virt-what's trees against virt-what's words.</summary>
/// <remarks>
/// virt-what also runs dmidecode and a program that executes CPUID; their recorded output is no part of the trees, so
/// what
/// only they show is unknown to us, and each such case is listed with what its files do show.
/// </remarks>
public sealed class VirtWhatTests
{
    private const string OnlyFlag =
        "Only CPUID and DMI name it, which the tree lacks; the flag hypervisor alone is there.";
    private const string OldKernel =
        "Only CPUID and DMI name it, and the kernel is too old (2.6.18) for the flag hypervisor.";
    private const string NoFirmware =
        "Only DMI names it; the tree of this ARM machine has neither DMI nor a device tree.";

    private static readonly Dictionary<string, (string? Vendor, HostLayer Layer, string Why)> s_disagreements = new()
    {
        ["alibaba-cloud-x86"] = (null, HostLayer.L1, OnlyFlag),
        ["aws-kvm-arm"] = (null, HostLayer.Unknown, NoFirmware),
        ["aws-xen-x86"] = (null, HostLayer.L1, OnlyFlag),
        ["bhyve"] = (null, HostLayer.Unknown, "The tree's cpuinfo is empty: only CPUID names it."),
        ["esx4.1"] = (null, HostLayer.Unknown, OldKernel),
        ["hyperv"] = (null, HostLayer.Unknown, OldKernel),
        ["lkvm"] = (null, HostLayer.L1, OnlyFlag),
        ["parallels-desktop"] = (null, HostLayer.L1, OnlyFlag),
        ["qemu-smbios"] = (null, HostLayer.Unknown, NoFirmware),
        ["qemu-smbios-kvm"] = (null, HostLayer.Unknown, NoFirmware),
        ["rhel5-xen-domU-hvm"] = (null, HostLayer.Unknown, OldKernel),
        ["rhev"] = (null, HostLayer.L1, OnlyFlag),
    };

    // virt-what's word, the vendor as lscpu names it, its type, and the container. The first row that fits decides.
    private static readonly (string Word, string? Vendor, string? Type, string? Container)[] s_words =
    [
        ("xen-dom0", "Xen", "none", null),
        ("xen-domU", "Xen", "para", null),
        ("xen-hvm", "Xen", "full", null),
        ("xen", "Xen", "full", null),
        ("vmware", "VMware", "full", null),
        ("hyperv", "Microsoft", "full", null),
        ("parallels", "Parallels", "full", null),
        ("bhyve", "bhyve", "full", null),
        ("linux_vserver", "Linux-VServer", "container", "linux-vserver"),
        ("powervm_lx86", "IBM", "full", null),
        ("ibm_systemz", "IBM", "full", null),
        ("ibm_power-lpar_dedicated", "pHyp", "para", null),
        ("ibm_power-lpar_shared", "pHyp", "para", null),
        ("ibm_power-kvm", "KVM", "para", null),
        ("qemu", "QEMU", "full", null),
        ("kvm", "KVM", "full", null),
        ("lkvm", "KVM", "full", null),
        ("docker", null, null, "docker"),
        ("lxc", null, null, "lxc"),
    ];

    [Fact]
    public async Task Every_tree_agrees_with_virt_what_but_for_those_that_lack_what_it_read()
    {
        Needs.Data("virt-what");
        string data = TestData.Folder("virt-what")!;
        foreach (IReadOnlyDictionary<string, string> row in MachineTrees.ReadTable(Path.Combine(data, "expected.tsv")))
        {
            string name = row["case"];
            string[] words = row["expected_virt_what_output"].Split(',');
            (_, string? vendor, string? type, string? container) = s_words.FirstOrDefault(entry =>
                words.Contains(entry.Word)
            );

            MachineFacts facts = await MachineTrees.AssessAsync(Path.Combine(data, "tests", name));

            if (s_disagreements.TryGetValue(name, out (string? Vendor, HostLayer Layer, string Why) known))
            {
                Assert.NotEqual(vendor, facts.Hypervisor.Vendor);
                Assert.Equal((name, known.Vendor, known.Layer), (name, facts.Hypervisor.Vendor, facts.Layer));
                continue;
            }

            Assert.Equal(
                (name, vendor, type, container),
                (name, facts.Hypervisor.Vendor, facts.Hypervisor.Type, facts.Container)
            );
        }
    }
}
