using NestVirt.Changes;
using NestVirt.Linux.Files;

namespace NestVirt.Linux.Boot.Loaders;

/// <summary>One way of booting: where its kernel command line is written, and what makes the boot loader take it.</summary>
/// <param name="system">The host.</param>
internal abstract class BootDriver(BootSystem system)
{
    /// <summary>Gets the way's name, for sentences.</summary>
    public abstract string Name { get; }

    /// <summary>Gets a value indicating whether it is GRUB that reads what is changed.</summary>
    public virtual bool IsGrub => false;

    /// <summary>Gets a value indicating whether only the tool knows the words, so that it is asked where they cannot be read.</summary>
    public virtual bool KeepsWords => false;

    /// <summary>Gets the host.</summary>
    protected BootSystem System => system;

    /// <summary>Plans the edits of files.</summary>
    /// <param name="change">What is wanted.</param>
    /// <param name="replaceConflict">Whether words in others' files may be changed.</param>
    /// <returns>The edits that are missing.</returns>
    /// <exception cref="ChangeRefusedException">Something would win over them.</exception>
    public abstract IReadOnlyList<HostChange> EditFiles(KernelWordChange change, bool replaceConflict);

    /// <summary>Plans the run of the tool that hands the files to the boot loader.</summary>
    /// <param name="change">What is wanted.</param>
    /// <returns>The run; null where the boot loader reads the files itself.</returns>
    public virtual HostChange? Rebuild(KernelWordChange change) => null;

    /// <summary>Finds the command lines of the next boot, as the boot loader will read them.</summary>
    /// <returns>The lines.</returns>
    public virtual NextBoot Next() => NextBootResolver.Resolve(system.Listing, system.Present);

    /// <summary>Plans the new text of a file that the boot loader reads.</summary>
    protected static HostChange? Edit(RawFile file, string text) =>
        FileAction.Plan(file.Path, file, text) is { } change
            ? change with
            {
                TakesEffect = ChangeTiming.NextBoot,
            }
            : null;

    /// <summary>Plans the edit of a file that is a command line, where it is there.</summary>
    protected HostChange? EditCmdline(string path, KernelWordChange change) =>
        system.Files.GetValueOrDefault(path) is { } file ? Edit(file, CmdlineFileEditor.Edit(file.Text, change)) : null;
}
