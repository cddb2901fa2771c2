using NestVirt.Linux.Kvm;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Kvm;

public sealed class KvmModuleProbeTests
{
    private const string Sample = """
        module	kvm
        loadable	kvm
        module	kvm_intel
        mode	crw-rw----+ 1 root kvm 10, 232 Nov 21 11:48 /dev/kvm
        mode	-r--r--r-- 1 root root 4096 Nov 21 11:48 /sys/module/kvm_intel/parameters/nested
        mode	-rw------- 1 root root 4096 Nov 21 11:48 /sys/module/kvm_intel/parameters/secret
        device	present
        usable	no
        misc	present
        group	kvm:x:106:alice,bob
        @/sys/module/kvm_intel/parameters/nested
        |Y
        @/proc/modules
        |kvm_intel 380928 4 - Live 0x0000000000000000
        |kvm 1146880 1 kvm_intel,kvmgt, Live 0x0000000000000000
        |ext4 983040
        @/usr/lib/modules/6.12.1/modules.builtin
        |kernel/arch/x86/kvm/kvm-amd.ko
        @/usr/lib/modules/6.12.1/modules.dep
        |kernel/arch/x86/kvm/kvm-intel.ko.zst:
        |updates/vboxdrv.ko:
        """;

    [Fact]
    public void Parse_reads_modules_parameters_and_the_device()
    {
        KvmModuleListing listing = KvmModuleProbe.Parse(Sample);

        Assert.Equal(4, listing.FindLoaded("kvm_intel")!.UseCount);
        Assert.Equal(["kvm_intel", "kvmgt"], listing.FindLoaded("kvm")!.UsedBy);
        Assert.Equal(
            [new ListedParameter("nested", "Y", false), new ListedParameter("secret", null, true)],
            listing.Parameters["kvm_intel"]
        );
        Assert.Equal(
            (true, false, true, "crw-rw----+", "root", "kvm"),
            (
                listing.Device.IsPresent,
                listing.Device.IsUsable,
                listing.Device.HasStarted,
                listing.Device.Mode,
                listing.Device.Owner,
                listing.Device.Group
            )
        );
        Assert.Equal(["alice", "bob"], listing.Device.KvmGroupMembers);
    }

    [Theory]
    [InlineData("kvm_intel", ModuleState.Loaded)]
    [InlineData("kvm_amd", ModuleState.BuiltIn)]
    [InlineData("vboxdrv", ModuleState.NotLoaded)]
    [InlineData("kvm_hv", ModuleState.Missing)]
    public void StateOf_tells_the_four_states_apart(string module, ModuleState expected) =>
        Assert.Equal(expected, KvmModuleProbe.Parse(Sample).StateOf(module));

    [Fact]
    public void StateOf_is_unknown_without_an_index() =>
        Assert.Equal(
            ModuleState.Unknown,
            KvmModuleProbe.Parse("@/proc/modules\n|ext4 1 0 - Live 0x0\n").StateOf("kvm_intel")
        );

    [Fact]
    public void Parse_survives_damaged_output() =>
        Mutation.Check(Sample, static text => KvmModuleProbe.Parse(text).StateOf("kvm"));

    [Fact]
    public async Task The_probe_reads_a_tree()
    {
        Needs.Shell();
        using HostTree tree = new();
        tree.Write("proc/sys/kernel/osrelease", "6.12.1\n")
            .Write("dev/null", string.Empty)
            .Write("proc/modules", "ext4 983040 1 - Live 0x0\n")
            .Write("sys/module/kvm/parameters/halt_poll_ns", "200000\n")
            .Write("sys/module/kvm_amd/parameters/nested", "1")
            .Write(
                "lib/modules/6.12.1/modules.dep",
                "kernel/arch/x86/kvm/kvm-intel.ko.xz: kernel/virt/lib/irqbypass.ko.xz\nkernel/fs/ext4.ko:\n"
            )
            .Write("lib/modules/6.12.1/modules.builtin", "kernel/arch/x86/kvm/kvm.ko\n");

        KvmModuleListing listing = KvmModuleProbe.Parse(
            (await tree.ReadAsync(KvmModuleProbe.Probe))[KvmModuleProbe.Probe].Text
        );

        Assert.Equal(["kvm_intel"], listing.Installed);
        Assert.Equal(["kvm"], listing.BuiltIn);
        Assert.Equal(new ListedParameter("nested", "1", true), listing.FindParameter("kvm_amd", "nested"));
        Assert.Equal(
            (false, ModuleState.BuiltIn, ModuleState.NotLoaded),
            (listing.Device.IsPresent, listing.StateOf("kvm_amd"), listing.StateOf("kvm_intel"))
        );
    }
}
