using NestVirt.Changes;
using NestVirt.Core.Tests.Linux.Boot;
using NestVirt.Hosts;
using NestVirt.Linux.Kvm;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Kvm;

/// <summary>A tree of a host whose KVM modules are loaded: an Intel one with nesting off, or an AMD one with nesting on; it boots by GRUB.</summary>
internal sealed class KvmTree : IDisposable
{
    public const string OwnFile = "/etc/modprobe.d/nestvirt.conf";

    private readonly string _vendor;

    public KvmTree(string words = "quiet", bool isBuiltIn = false, bool isAmd = false)
    {
        _vendor = isAmd ? "kvm_amd" : "kvm_intel";
        Boot = BootTree.Grub(words);
        Boot.Write(
            "proc/cpuinfo",
            isAmd
                ? "processor\t: 0\nvendor_id\t: AuthenticAMD\nflags\t\t: fpu svm npt\n\n"
                : "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu vmx ept vpid\n\n"
        );
        foreach (string module in (ReadOnlySpan<string>)["kvm", _vendor])
        {
            Boot.Write(
                $"sys/module/{module}/parameters/{(module == "kvm" ? "ignore_msrs" : "nested")}",
                isAmd && module == _vendor ? "1\n" : "N\n"
            );
            SetWritable(module, "nested", false);
            SetWritable(module, "ignore_msrs", true);
            if (!isBuiltIn)
            {
                Boot.Write($"sys/module/{module}/initstate", "live\n");
            }
        }

        string index = $"kernel/arch/x86/kvm/kvm.ko\nkernel/arch/x86/kvm/{_vendor.Replace('_', '-')}.ko\n";
        Boot.Write("lib/modules/6.1.0/modules.builtin", isBuiltIn ? index : "")
            .Write(
                "lib/modules/6.1.0/modules.dep",
                isBuiltIn ? "" : index.Replace(".ko", ".ko:", StringComparison.Ordinal)
            )
            .Write(
                "proc/modules",
                isBuiltIn ? "" : $"{_vendor} 380928 0 - Live 0x0\nkvm 1146880 1 {_vendor}, Live 0x0\n"
            );
        if (isAmd)
        {
            Boot.Write("sys/module/kvm_amd/parameters/npt", "Y\n")
                .Write("sys/module/kvm/parameters/halt_poll_ns", "200000\n");
            SetWritable("kvm", "halt_poll_ns", true);
        }
    }

    public BootTree Boot { get; }

    /// <summary>Takes the modules out, as if they had not been loaded.</summary>
    public KvmTree Unloaded()
    {
        Directory.Delete($"{Boot.Tree.Path}/sys/module", recursive: true);
        return Write("proc/modules", "");
    }

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
            new HostTarget("tree", new TreeAddress(Boot.Tree.Path)),
            new ModuleParameterRequest(module, new Dictionary<string, string> { [parameter] = value })
            {
                ReplaceConflict = replaceConflict,
            },
            await Boot.Tree.ReadAsync([.. ModuleParameterPlanner.Probes])
        );

    public Task<ChangePlan> NestAsync(bool replaceConflict = false) =>
        PlanAsync(_vendor, "nested", "1", replaceConflict);

    /// <summary>Plans nesting on or off.</summary>
    public async Task<ChangePlan> NestingAsync(bool enable, bool replaceConflict = false) =>
        NestingPlanner.Plan(
            new HostTarget("tree", new TreeAddress(Boot.Tree.Path)),
            new NestingRequest(enable) { ReplaceConflict = replaceConflict },
            await Boot.Tree.ReadAsync([.. NestingPlanner.Probes])
        );

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
