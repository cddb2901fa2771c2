using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux.Boot.Loaders;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Boot;

/// <summary>Trees of hosts that boot in one way or another, and plans for them.</summary>
internal sealed class BootTree : IDisposable
{
    private const string Menu =
        "if [ -s $prefix/grubenv ]; then\n  load_env\nfi\nset default=\"0\"\nmenuentry 'Linux' {\n\tlinux\t/vmlinuz WORDS\n}\n";

    public BootTree(string cmdline)
    {
        Tree.Write("proc/sys/kernel/random/boot_id", "boot\n")
            .Write("proc/cmdline", cmdline + "\n")
            .Write("proc/sys/kernel/osrelease", "6.1.0\n");
        Directory.CreateDirectory(Tree.Path + "/sys/kernel");
    }

    public HostTree Tree { get; } = new();

    /// <summary>A host that update-grub serves.</summary>
    public static BootTree Grub(string words)
    {
        BootTree tree = new($"BOOT_IMAGE=/vmlinuz {words}");
        tree.Write("etc/default/grub", $"GRUB_CMDLINE_LINUX_DEFAULT=\"{words}\"\n")
            .WithMenu(words)
            .WithTools("update-grub", "grub-mkconfig");
        return tree;
    }

    public BootTree Write(string path, string text)
    {
        Tree.Write(path, text);
        return this;
    }

    public BootTree WithMenu(string words, string path = "boot/grub/grub.cfg") =>
        Write(path, Menu.Replace("WORDS", words, StringComparison.Ordinal));

    public BootTree WithTools(params ReadOnlySpan<string> tools)
    {
        foreach (string tool in tools)
        {
            Tree.Write("usr/sbin/" + tool, "#!/bin/sh\n");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode($"{Tree.Path}/usr/sbin/{tool}", (UnixFileMode)0b111_101_101);
            }
        }

        return this;
    }

    public async Task<ChangePlan> PlanAsync(
        IReadOnlyList<string> set,
        IReadOnlyList<string> remove,
        bool replaceConflict = false
    ) =>
        KernelParameterPlanner.Plan(
            new HostTarget("tree", new TreeAddress(Tree.Path)),
            new KernelParameterRequest(set, remove) { ReplaceConflict = replaceConflict },
            await Tree.ReadAsync([.. KernelParameterPlanner.Probes])
        );

    public async Task<Finding> RefusalAsync(IReadOnlyList<string> set, IReadOnlyList<string> remove) =>
        (await Assert.ThrowsAsync<ChangeRefusedException>(() => PlanAsync(set, remove))).Reasons[0];

    /// <summary>Writes the files of a plan, as the host would.</summary>
    public void Apply(ChangePlan plan)
    {
        foreach (
            HostStep step in plan
                .Changes.Select(static change => change.Step)
                .Where(static step => step.Content is not null)
        )
        {
            string path = Tree.Path + step.Arguments[0];
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, step.Content!.Value.ToArray());
        }
    }

    public string Text(string path) => File.ReadAllText(Tree.Path + path);

    public void Dispose() => Tree.Dispose();
}
