using NestVirt.Changes;
using NestVirt.Core.Tests.Linux.Boot;
using NestVirt.Hosts;
using NestVirt.Linux.Kvm;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Kvm;

/// <summary>A tree of an Intel host whose kvm_intel is loaded, boots by GRUB and has nesting off.</summary>
internal sealed class KvmTree : IDisposable
{
    public const string OwnFile = "/etc/modprobe.d/nestvirt.conf";

    public KvmTree(string words = "quiet", bool isBuiltIn = false)
    {
        Boot = BootTree.Grub(words);
        Boot.Write("proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu vmx ept vpid\n\n");
        foreach (string module in (ReadOnlySpan<string>)["kvm", "kvm_intel"])
        {
            Boot.Write($"sys/module/{module}/parameters/{(module == "kvm" ? "ignore_msrs" : "nested")}", "N\n");
            SetWritable(module, "nested", false);
            SetWritable(module, "ignore_msrs", true);
            if (!isBuiltIn)
            {
                Boot.Write($"sys/module/{module}/initstate", "live\n");
            }
        }

        string index = "kernel/arch/x86/kvm/kvm.ko\nkernel/arch/x86/kvm/kvm-intel.ko\n";
        Boot.Write("lib/modules/6.1.0/modules.builtin", isBuiltIn ? index : "")
            .Write(
                "lib/modules/6.1.0/modules.dep",
                isBuiltIn ? "" : index.Replace(".ko", ".ko:", StringComparison.Ordinal)
            )
            .Write(
                "proc/modules",
                isBuiltIn ? "" : "kvm_intel 380928 0 - Live 0x0\nkvm 1146880 1 kvm_intel, Live 0x0\n"
            );
    }

    public BootTree Boot { get; }

    /// <summary>Sets what a parameter shows.</summary>
    public KvmTree Show(string module, string parameter, string value)
    {
        File.SetAttributes($"{Boot.Tree.Path}/sys/module/{module}/parameters/{parameter}", FileAttributes.Normal);
        Boot.Write($"sys/module/{module}/parameters/{parameter}", value + "\n");
        SetWritable(module, parameter, module == "kvm");
        return this;
    }

    /// <summary>Gives the next boot other words.</summary>
    public KvmTree WithWords(string words)
    {
        Boot.WithMenu(words);
        return this;
    }

    /// <summary>Boots with other words.</summary>
    public KvmTree Rebooted(string words) => WithWords(words).Write("proc/cmdline", $"BOOT_IMAGE=/vmlinuz {words}\n");

    public KvmTree Write(string path, string text)
    {
        Boot.Write(path, text);
        return this;
    }

    public KvmTree WithTools(params ReadOnlySpan<string> tools)
    {
        Boot.WithTools(tools);
        return this;
    }

    public async Task<ChangePlan> PlanAsync(
        string module,
        string parameter,
        string value,
        bool replaceConflict = false
    ) =>
        ModuleParameterPlanner.Plan(
            new HostTarget("tree", HostTransport.Root) { Path = Boot.Tree.Path },
            new ModuleParameterRequest(module, new Dictionary<string, string> { [parameter] = value })
            {
                ReplaceConflict = replaceConflict,
            },
            await Boot.Tree.ReadAsync([.. ModuleParameterPlanner.Probes])
        );

    public Task<ChangePlan> NestAsync(bool replaceConflict = false) =>
        PlanAsync("kvm_intel", "nested", "1", replaceConflict);

    public static async Task<Finding> RefusedAsync(Func<Task<ChangePlan>> plan) =>
        (await Assert.ThrowsAsync<ChangeRefusedException>(plan)).Reasons[0];

    public void Dispose() => Boot.Dispose();

    private void SetWritable(string module, string parameter, bool isWritable)
    {
        string path = $"{Boot.Tree.Path}/sys/module/{module}/parameters/{parameter}";
        if (File.Exists(path) && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                path,
                isWritable ? UnixFileMode.UserRead | UnixFileMode.UserWrite : UnixFileMode.UserRead
            );
        }
    }
}
