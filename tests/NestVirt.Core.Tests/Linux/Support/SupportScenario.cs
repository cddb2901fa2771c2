using NestVirt.Hosts;
using NestVirt.Linux.Boot;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Modprobe;
using NestVirt.Linux.Support;
using NestVirt.Linux.Virtualization;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Linux.Support;

/// <summary>A bare-metal host whose answers can be changed one by one.</summary>
internal sealed class SupportScenario
{
    private const string IntelCpu = """
        processor	: 0
        vendor_id	: GenuineIntel
        cpu family	: 6
        model		: 85
        model name	: Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz
        flags		: fpu vme de pse tsc msr pae mce cx8 apic lm vmx ept vpid tpr_shadow
        vmx flags	: vnmi preemption_timer invvpid ept_x_only ept_ad flexpriority unrestricted_guest

        """;

    private const string AmdCpu = """
        processor	: 0
        vendor_id	: AuthenticAMD
        cpu family	: 23
        model		: 1
        model name	: AMD EPYC 7451 24-Core Processor
        flags		: fpu vme de pse tsc msr pae mce cx8 apic lm svm npt

        """;

    private static readonly Lazy<Task<ProbeAnswers>> s_intel = new(() => AskAsync(IntelCpu));
    private static readonly Lazy<Task<ProbeAnswers>> s_amd = new(() => AskAsync(AmdCpu));

    private readonly ProbeAnswers _answers = new();

    private SupportScenario(ProbeAnswers machine)
    {
        foreach ((string name, ProbeAnswer answer) in machine.All)
        {
            _answers.Set(name, answer);
        }

        System("ro quiet").Set(ModprobeConfigProbe.Probe, string.Empty);
    }

    public static async Task<SupportScenario> IntelAsync() =>
        new SupportScenario(await s_intel.Value).Loaded("kvm_intel", "Y");

    public static async Task<SupportScenario> AmdAsync() =>
        new SupportScenario(await s_amd.Value).Loaded("kvm_amd", "1");

    public SupportScenario Set(HostProbe probe, string text)
    {
        _answers.Set(probe.Name, new ProbeAnswer(text));
        return this;
    }

    public SupportScenario System(string commandLine, string release = "6.12.1-amd64", string machine = "x86_64") =>
        Set(
            SystemProbe.Probe,
            $"ostype\tLinux\nrelease\t{release}\nmachine\t{machine}\ncmdline\t{commandLine}\nuid\t0\n"
        );

    public SupportScenario Loaded(string module, string nested) =>
        Set(
            KvmModuleProbe.Probe,
            $"""
            module	kvm
            module	{module}
            mode	-r--r--r-- 1 root root 4096 Nov 21 11:48 /sys/module/{module}/parameters/nested
            mode	-rw-r--r-- 1 root root 4096 Nov 21 11:48 /sys/module/kvm/parameters/halt_poll_ns
            mode	crw-rw---- 1 root kvm 10, 232 Nov 21 11:48 /dev/kvm
            device	present
            usable	yes
            misc	present
            @/sys/module/{module}/parameters/nested
            |{nested}
            @/sys/module/{module}/parameters/npt
            |Y
            @/sys/module/{module}/parameters/ept
            |Y
            @/sys/module/kvm/parameters/halt_poll_ns
            |200000
            @/proc/modules
            |{module} 380928 4 - Live 0x0000000000000000
            |kvm 1146880 1 {module}, Live 0x0000000000000000
            @/lib/modules/6.12.1-amd64/modules.dep
            |kernel/arch/x86/kvm/kvm-intel.ko.xz:
            |kernel/arch/x86/kvm/kvm-amd.ko.xz:
            |kernel/arch/x86/kvm/kvm.ko.xz:
            """
        );

    public SupportScenario NotLoaded(string others = "", string installed = "kvm kvm-intel kvm-amd") =>
        Set(
            KvmModuleProbe.Probe,
            $"""
            device	absent
            misc	absent
            @/proc/modules
            |ext4 983040 1 - Live 0x0000000000000000
            {others}
            @/lib/modules/6.12.1-amd64/modules.dep
            {string.Join(
                '\n',
                installed.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static name =>
                    $"|kernel/{name}.ko.zst:"
                )
            )}
            """
        );

    public SupportScenario BuiltIn(string module, string nested, bool hasStarted = true) =>
        Set(
            KvmModuleProbe.Probe,
            $"""
            module	kvm
            module	{module}
            device	present
            misc	{(hasStarted ? "present" : "absent")}
            @/sys/module/{module}/parameters/nested
            |{nested}
            @/proc/modules
            |ext4 983040 1 - Live 0x0000000000000000
            """
        );

    public SupportScenario Modprobe(params string[] lines) =>
        Set(
            ModprobeConfigProbe.Probe,
            "@/etc/modprobe.d/kvm.conf\n" + string.Concat(lines.Select(static line => $"|{line}\n"))
        );

    public SupportScenario Boot(string text) => Set(BootConfigProbe.RootProbe, text);

    public NestedSupport Assess() => SupportAssessor.Assess(HostTarget.Local, _answers);

    public IReadOnlyList<KvmModule> Modules() =>
        KvmModuleAssessor.Assess(_answers.Read(KvmHostState.Reading), HostTarget.Local);

    private static async Task<ProbeAnswers> AskAsync(string cpuinfo)
    {
        using HostTree tree = new();
        tree.Write("proc/cpuinfo", cpuinfo);
        return await tree.ReadAsync([.. MachineAssessor.Probes]);
    }
}
