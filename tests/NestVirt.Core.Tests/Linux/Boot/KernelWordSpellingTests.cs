using NestVirt.Linux.Boot;
using NestVirt.Linux.Kvm;

namespace NestVirt.Core.Tests.Linux.Boot;

public sealed class KernelWordSpellingTests
{
    [Theory]
    [InlineData("iommu_intel=on", "intel_iommu=on")]
    [InlineData("iommu-amd=force_enable", "amd_iommu=force_enable")]
    [InlineData("intel_iommmu=on", "intel_iommu=on")]
    [InlineData("intel_iomu=on", "intel_iommu=on")]
    [InlineData("intel_immou=on", "intel_iommu=on")]
    [InlineData("itnel_iommu=on,igfx_off", "intel_iommu=on,igfx_off")]
    [InlineData("inteliommu=on", "intel_iommu=on")]
    [InlineData("intel.iommu=on", "intel_iommu=on")]
    [InlineData("INTEL_IOMMU=ON", "intel_iommu=on")]
    [InlineData("Intel_iommu=on", "intel_iommu=on")]
    [InlineData("IOMMU=pt", "iommu=pt")]
    [InlineData("iomu=pt", "iommu=pt")]
    [InlineData("intel_iommu=On", "intel_iommu=on")]
    [InlineData("intel_iommu=ON,sm_on", "intel_iommu=on,sm_on")]
    [InlineData("intel_iommu=true", "intel_iommu=on")]
    [InlineData("intel_iommu=1", "intel_iommu=on")]
    [InlineData("intel_iommu=yes", "intel_iommu=on")]
    [InlineData("intel_iommu=enable", "intel_iommu=on")]
    [InlineData("intel_iommu=no", "intel_iommu=off")]
    [InlineData("amd_iommu=disable", "amd_iommu=off")]
    [InlineData("intel_iommu==on", "intel_iommu=on")]
    [InlineData("intel_iommu='on'", "intel_iommu=on")]
    [InlineData("'intel_iommu=on'", "intel_iommu=on")]
    [InlineData("\u201cintel_iommu=on\u201d", "intel_iommu=on")]
    [InlineData("intel\u2011iommu=on", "intel_iommu=on")]
    [InlineData("--intel_iommu=on", "intel_iommu=on")]
    [InlineData("intel_iommu", "intel_iommu=on")]
    [InlineData("intel_iommu-on", "intel_iommu=on")]
    [InlineData("intel_iommu_on", "intel_iommu=on")]
    [InlineData("intel_iommu:on", "intel_iommu=on")]
    [InlineData("iommu:pt", "iommu=pt")]
    [InlineData("iommu-pt", "iommu=pt")]
    [InlineData("iommu_pt", "iommu=pt")]
    [InlineData("iommu=PT", "iommu=pt")]
    [InlineData("iommu=passthrough", "iommu=pt")]
    [InlineData("iommu_passthrough=1", "iommu.passthrough=1")]
    [InlineData("iommu.passtrough=1", "iommu.passthrough=1")]
    [InlineData("iommu.passthrough=pt", "iommu.passthrough=1")]
    [InlineData("amd_iommu=forceenable", "amd_iommu=force_enable")]
    [InlineData("intel_iommu =on", "intel_iommu=on")]
    [InlineData("intel_iommu = on", "intel_iommu=on")]
    [InlineData("intel_iommu= on", "intel_iommu=on")]
    [InlineData("intel_iommu on", "intel_iommu=on")]
    [InlineData("intel_iommu=on;iommu=pt", "intel_iommu=on iommu=pt")]
    [InlineData("intel_iommu=on,iommu=pt", "intel_iommu=on iommu=pt")]
    [InlineData("iommu=pt;iommu_intel=on", "iommu=pt intel_iommu=on")]
    [InlineData("intel_iommu=on;iommu=pt;vfio-pci.ids=10de:1eb8", "intel_iommu=on iommu=pt vfio-pci.ids=10de:1eb8")]
    [InlineData("\"intel_iommu=on iommu=pt\"", "intel_iommu=on iommu=pt")]
    [InlineData("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet intel_iommu=on\"", "quiet intel_iommu=on")]
    [InlineData("vfio-pci.id=10de:1eb8", "vfio-pci.ids=10de:1eb8")]
    [InlineData("vfio_pci_ids=10de:1eb8", "vfio-pci.ids=10de:1eb8")]
    [InlineData("vfio-pci-ids=10de:1eb8,10de:10f0", "vfio-pci.ids=10de:1eb8,10de:10f0")]
    [InlineData("vfiopci.ids=10de:1eb8", "vfio-pci.ids=10de:1eb8")]
    [InlineData("vfio.ids=10de:1eb8", "vfio-pci.ids=10de:1eb8")]
    [InlineData("vifo-pci.ids=10de:1eb8", "vfio-pci.ids=10de:1eb8")]
    [InlineData("VFIO-PCI.IDS=10de:1eb8", "vfio-pci.ids=10de:1eb8")]
    [InlineData("vfio-pci ids=10de:1eb8", "vfio-pci.ids=10de:1eb8")]
    [InlineData("vfio-pci.ids:10de:1eb8", "vfio-pci.ids=10de:1eb8")]
    [InlineData("vfio-pci.ids= 10de:1eb8", "vfio-pci.ids=10de:1eb8")]
    [InlineData("vfio-pci.ids=10de:1eb8, 10de:10f0", "vfio-pci.ids=10de:1eb8,10de:10f0")]
    [InlineData("vfio_iommu_type1_allow_unsafe_interrupts=1", "vfio_iommu_type1.allow_unsafe_interrupts=1")]
    [InlineData("vfio_iommu_type1.allow_unsafe_interrupt=1", "vfio_iommu_type1.allow_unsafe_interrupts=1")]
    [InlineData("kvm_intel_nested=1", "kvm-intel.nested=1")]
    [InlineData("kvm-amd-nested=1", "kvm-amd.nested=1")]
    [InlineData("kvm_intel nested=1", "kvm-intel.nested=1")]
    [InlineData("kvm-amd.nestd=1", "kvm-amd.nested=1")]
    [InlineData("KVM_INTEL.nested=1", "kvm-intel.nested=1")]
    [InlineData("kvm_ignore_msrs=1", "kvm.ignore_msrs=1")]
    [InlineData("kvm-amd.ept=0", "kvm-amd.npt=0")]
    [InlineData("pci_acs_override=downstream", "pcie_acs_override=downstream")]
    [InlineData("pcie_acs_overide=downstream,multifunction", "pcie_acs_override=downstream,multifunction")]
    [InlineData("pcie_acs_override=downstream;multifunction", "pcie_acs_override=downstream,multifunction")]
    [InlineData("pcie_acs_override=Downstream,multifuntion", "pcie_acs_override=downstream,multifunction")]
    [InlineData("efifb=off", "video=efifb:off")]
    [InlineData("efifb:off", "video=efifb:off")]
    [InlineData("video=efifb=off", "video=efifb:off")]
    [InlineData("default_hugepagesize=1G", "default_hugepagesz=1G")]
    [InlineData("intremap=Off", "intremap=off")]
    public void Find_names_what_was_meant(string written, string meant)
    {
        MisspeltKernelWord word = Assert.Single(KernelWordSpelling.Find($"root=UUID=1 ro {written} quiet splash"));

        Assert.Equal((written, meant), (word.Written, word.Meant));
        Assert.Empty(KernelWordSpelling.Find($"root=UUID=1 ro {meant} quiet splash"));
    }

    [Theory]
    [InlineData("intel-iommu=on")]
    [InlineData("\"intel_iommu=on\"")]
    [InlineData("intel_iommu=\"on\"")]
    [InlineData("intel_iommu=on,igfx_off,sm_on iommu=pt,force iommu.passthrough=0 iommu.strict=Y")]
    [InlineData("amd_iommu=on amd_iommu_dump amd_iommu_intr=legacy ivrs_ioapic[32]=00:14.0 amd-iommu=pgtbl_v2")]
    [InlineData("iommu=memaper=3 iommu=64 iommu=soft")]
    [InlineData(
        "vfio-pci.ids=10de:1eb8,10de:10f0:1043:8672 vfio_pci.ids=8086:15b7 pci-stub.ids=8086:10fb xen-pciback.hide=(00:02.0)"
    )]
    [InlineData("pcie_acs_override=downstream,multifunction,id:8086:1234 intremap=no_x2apic_optout,nosid")]
    [InlineData("pci=nommconf,noaer,resource_alignment=20@pci:8086:9c22:103c:198f;pci:1234:5678,realloc")]
    [InlineData("video=efifb:off video=vesafb:off,efifb:off video=HDMI-A-1:1920x1080@60e video=DP-1:d fbcon=map:1")]
    [InlineData(
        "kvm.ignore_msrs=1 kvm_intel.nested=1 kvm-amd.npt=0 kvm_amd.avic=1 kvm-arm.mode=nested kvm_hv.nested=1 kvm.nested=1"
    )]
    [InlineData("hugepagesz=1G hugepages=4 hugepagesz=2M hugepages=512 default_hugepagesz=1G hugetlb_cma=4G")]
    [InlineData(
        "rd.driver.pre=vfio-pci rd.driver.blacklist=nouveau modprobe.blacklist=nouveau,nvidia module_blacklist=i915"
    )]
    [InlineData("dyndbg=\"file x.c +p; amd_iommu=on\" systemd.unit=multi-user.target -- iommu_intel=on")]
    [InlineData(
        "s390_iommu=strict iommu.forcedac=1 swiotlb=force arm-smmu.disable_bypass=0 intel_idle.max_cstate=1 intel_pstate=disable"
    )]
    [InlineData(
        "BOOT_IMAGE=/vmlinuz-intel_iommu=on root=LABEL=iommu_intel initrd=\\EFI\\x initrd=/vfio-pci.img vga=off"
    )]
    [InlineData(
        "i915.enable_gvt=1 nvidia-drm.modeset=1 amdgpu.gpu_recovery=1 amd_pstate=active intel_iommu=on; mitigations=off"
    )]
    public void Find_leaves_words_that_the_kernel_or_somebody_else_takes(string line) =>
        Assert.Empty(KernelWordSpelling.Find(line));

    [Fact]
    public void Find_doubts_no_word_of_the_kernels_own_list()
    {
        string[] names = File.ReadAllText(
                Path.Combine(Repository.Folder, "tests", "NestVirt.Core.Tests", "Linux", "Boot", "kernel-words.txt")
            )
            .Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);

        Assert.True(names.Length > 1000);
        Assert.Empty(
            names
                .SelectMany(static name => new[] { $"{name}=1 quiet", $"{name} quiet", $"{name}=on quiet" })
                .SelectMany(KernelWordSpelling.Find)
                .Where(static word =>
                    !KernelWordTable.Names.ContainsKey(KernelWordTable.Key(word.Written.Split('=')[0]))
                )
                .Select(static word => word.Written)
        );
    }

    [Fact]
    public void Find_doubts_no_parameter_of_KVMs_modules() =>
        Assert.Empty(
            KvmParameterCatalog
                .Modules.SelectMany(static module =>
                    KvmParameterCatalog.Names(module).Select(name => $"{module}.{name}=1")
                )
                .SelectMany(KernelWordSpelling.Find)
                .Select(static word => word.Written)
        );

    [Fact]
    public void Find_doubts_no_word_of_captured_command_lines()
    {
        string? folder = TestData.Folder("libvirt");
        Assert.SkipWhen(folder is null, "no captures are there");
        string[] lines =
        [
            .. Directory
                .EnumerateFiles(folder!, "*.xml", SearchOption.AllDirectories)
                .SelectMany(File.ReadLines)
                .Where(static line => line.Contains("<cmdline>", StringComparison.Ordinal))
                .Select(static line => line.Trim().Replace("<cmdline>", "", StringComparison.Ordinal)),
        ];

        Assert.NotEmpty(lines);
        Assert.Empty(lines.SelectMany(KernelWordSpelling.Find).Select(static word => word.Written));
    }

    [Fact]
    public void Find_survives_anything() =>
        Mutation.Check(
            "intel_iommu =on \"iommu=pt x\" vfio-pci.ids=1:2, 10de:1eb8 efifb:off = : =on -- ;=; ..=, \u2011",
            static text => KernelWordSpelling.Find(text)
        );
}
