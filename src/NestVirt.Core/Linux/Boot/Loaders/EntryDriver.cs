using NestVirt.Changes;
using NestVirt.Linux.Files;
using NestVirt.Model;

namespace NestVirt.Linux.Boot.Loaders;

/// <summary>Entries of the Boot Loader Specification, which GRUB (blscfg), systemd-boot or zipl read.</summary>
/// <remarks>
/// The entries are edited here, and not by grubby or grub2-mkconfig --update-bls-cmdline: grubby does not keep
/// hugepages= behind its hugepagesz=, and the other takes away what an entry alone has. The files from which new
/// kernels' entries are made (/etc/kernel/cmdline, /etc/default/grub) are kept in step.
/// </remarks>
/// <param name="system">The host.</param>
/// <param name="folder">The folder of the entries, with a slash at its end.</param>
/// <param name="isGrub">Whether GRUB reads them.</param>
internal sealed class EntryDriver(BootSystem system, string folder, bool isGrub) : GrubDriver(system)
{
    private const string Environment = "/boot/grub2/grubenv";

    /// <inheritdoc/>
    public override string Name => isGrub ? "GRUB with loader entries" : "systemd-boot";

    /// <inheritdoc/>
    public override bool IsGrub => isGrub;

    /// <inheritdoc/>
    public override IReadOnlyList<HostChange> EditFiles(KernelWordChange change, bool replaceConflict)
    {
        RawFile[] entries = [.. System.In(folder)];
        return
        [
            .. isGrub && System.Files.ContainsKey(GrubDefaultEditor.MainFile)
                ? base.EditFiles(change, replaceConflict)
                : [],
            .. EditCmdline("/etc/kernel/cmdline", change) is { } cmdline ? [cmdline] : Enumerable.Empty<HostChange>(),
            .. Array.Exists(entries, static entry => LoaderEntryEditor.UsesKernelOptions(entry.Text))
                ? EditEnvironment(change)
                : [],
            .. entries.Select(entry => Edit(entry, LoaderEntryEditor.Edit(entry.Text, change))).OfType<HostChange>(),
        ];
    }

    /// <inheritdoc/>
    /// <remarks>The boot record points at blocks of the disk, so copies of files would not do: zipl runs again on the way back.</remarks>
    public override HostChange? Rebuild(KernelWordChange change) =>
        System.Tools.Contains("zipl") && System.Architecture == "s390x"
            ? ToolAction.Plan("zipl", "/boot/bootmap", null, "written again by zipl")
            : null;

    private IEnumerable<HostChange> EditEnvironment(KernelWordChange change)
    {
        if (
            System.Files.GetValueOrDefault(Environment) is { } file
            && GrubEnvironmentEditor.Edit(file.Text, change) is { } text
        )
        {
            return Edit(file, text) is { } edit ? [edit] : [];
        }

        throw new ChangeRefusedException(
            new Finding(
                FindingCodes.KernelOptionsUnknown,
                Severity.Error,
                "The loader's entries take the command line from GRUB's environment, which does not hold it or has no room."
            )
            {
                Evidence = $"{folder}*.conf: options $kernelopts; {Environment}",
                Remedy = "Set the words with grubby.",
            }
        );
    }
}
