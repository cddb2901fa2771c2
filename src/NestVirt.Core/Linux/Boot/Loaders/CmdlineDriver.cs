using NestVirt.Changes;
using NestVirt.Linux.Files;

namespace NestVirt.Linux.Boot.Loaders;

/// <summary>A file that is the kernel command line: the Raspberry Pi's, or the one that proxmox-boot-tool hands to systemd-boot.</summary>
/// <param name="system">The host.</param>
/// <param name="name">The way's name.</param>
/// <param name="path">The file.</param>
/// <param name="tool">The tool that hands it on, or null.</param>
internal sealed class CmdlineDriver(BootSystem system, string name, string path, string? tool) : BootDriver(system)
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override IReadOnlyList<HostChange> EditFiles(KernelWordChange change, bool replaceConflict) =>
        EditCmdline(path, change) is { } edit ? [edit] : [];

    /// <inheritdoc/>
    public override HostChange? Rebuild(KernelWordChange change) =>
        tool is null ? null : ToolAction.Plan(tool, "boot partitions", null, $"written again by {tool}");
}

/// <summary>GRUB on Proxmox's own boot partitions, which proxmox-boot-tool writes from /etc/default/grub.</summary>
/// <param name="system">The host.</param>
internal sealed class ProxmoxGrubDriver(BootSystem system) : GrubDriver(system)
{
    /// <inheritdoc/>
    public override string Name => "GRUB by proxmox-boot-tool";

    /// <inheritdoc/>
    public override HostChange? Rebuild(KernelWordChange change) =>
        ToolAction.Plan("proxmox-boot-tool", "boot partitions", null, "written again by proxmox-boot-tool refresh");
}
