using NestVirt.Guidance;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Guests;

/// <summary>Says why the definition of a guest is not changed, whatever of it was to be. The name of the guest comes before it.</summary>
internal static class GuestChangeFindings
{
    private const int ShownLength = 80;
    private const int MostShown = 8;

    internal static Finding NotFound(string word) =>
        new(
            FindingCodes.VmNotFound,
            Severity.Error,
            $"libvirt of the host has no virtual machine '{HostText.ForDisplay(word, ShownLength)}'."
        )
        {
            Remedy =
                "See which it has; those of a user's own session, of Proxmox, or of QEMU alone are not libvirt's system daemon's, and cannot be set here.",
        };

    internal static Finding SameName(string word, IReadOnlyList<LibvirtGuest> guests) =>
        new(
            FindingCodes.VmNameAmbiguous,
            Severity.Error,
            $"Several virtual machines are called '{HostText.ForDisplay(word, ShownLength)}' but for the case."
        )
        {
            Evidence = string.Join(", ", guests.Take(MostShown).Select(static guest => guest.Name)),
            Remedy = "Name the one that is meant as it is written, or by its id.",
        };

    internal static Finding Transient { get; } =
        new(
            FindingCodes.VmTransient,
            Severity.Error,
            "The virtual machine is transient: libvirt has no definition of it that a later start would use."
        )
        {
            Evidence = "virsh list --all --transient",
            Remedy = "Change it where it comes from: what started it defines all of it.",
        };

    internal static Finding Saved { get; } =
        new(
            FindingCodes.VmSaved,
            Severity.Error,
            "The virtual machine has a managed save: it would go on as it was saved, whatever its definition says."
        )
        {
            Evidence = "virsh list --all --with-managed-save",
            Remedy =
                "Start the virtual machine and shut it down; or give up what was saved, and what was unsaved in it: virsh managedsave-remove NAME",
        };

    internal static Finding Unread(string why) =>
        new(
            FindingCodes.VmUnknown,
            Severity.Error,
            "The definition of the virtual machine could not be read, and so is not changed."
        )
        {
            Evidence = why,
        };

    internal static Finding Managed(string manager) =>
        new(
            FindingCodes.VmManaged,
            Severity.Error,
            $"{manager} defines the virtual machine anew at each start, and so undoes what is changed here."
        )
        {
            Evidence = "<metadata> of the definition",
            Remedy = $"Set it in {manager}.",
            RepeatWith = ChangeSwitch.Force,
        };

    internal static Finding RestartPending(string what) =>
        new(
            FindingCodes.VmRestartPending,
            Severity.Warning,
            $"The virtual machine runs with the {what} that it was started with, until it is shut down and started; a restart from within is not enough."
        )
        {
            Evidence = "virsh dumpxml, and with --inactive",
            Remedy = "Have it shut down and started again.",
            RepeatWith = ChangeSwitch.StopGuests,
        };

    internal static Finding NeverGoesOff(string what, string word) =>
        new(
            FindingCodes.VmRestartPending,
            Severity.Warning,
            $"The virtual machine runs with the {what} that it was started with until it is turned off and started. It cannot be asked to shut down: libvirt is told to do something else when its system powers it off."
        )
        {
            Evidence = $"<on_poweroff>{word}</on_poweroff>",
            Remedy =
                "Turn it off, when nothing in it is lost by that, and start it: virsh destroy NAME; virsh start NAME",
        };
}
