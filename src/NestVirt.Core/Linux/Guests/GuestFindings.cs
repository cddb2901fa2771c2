using NestVirt.Guidance;
using NestVirt.Linux.Kvm;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Guests;

/// <summary>Says of a guest what stands for and against nesting.</summary>
internal static class GuestFindings
{
    private const string Define = "virsh edit NAME";

    internal static Finding Ready(VmNesting nesting, string evidence) =>
        new(
            FindingCodes.VmNestingReady,
            Severity.Information,
            nesting == VmNesting.Now
                ? "The virtual machine sees the virtualization extension, and can run hypervisors."
                : "The virtual machine sees the virtualization extension from its next start on."
        )
        {
            Evidence = evidence,
        };

    internal static Finding Off(string? extension, string evidence) =>
        new(
            FindingCodes.VmNestingOff,
            Severity.Information,
            "The virtual machine is not given the virtualization extension: hypervisors in it do not run."
        )
        {
            Evidence = evidence,
            Remedy = extension is null
                ? null
                : $"Put <feature policy='require' name='{extension}'/> into its <cpu> ({Define}), in the place of another line of that name, shut it down, and start it.",
        };

    internal static Finding HostOff(GuestHost host, bool isAsked) =>
        new(
            FindingCodes.VmHostNestingOff,
            isAsked ? Severity.Error : Severity.Warning,
            isAsked
                ? "The definition of the virtual machine asks for the virtualization extension, and the host does not nest: it is started without, or not at all."
                : "The host does not nest: no virtual machine of it sees the virtualization extension."
        )
        {
            Evidence = host.Evidence,
            Remedy = "Turn nesting on on the host, and start the virtual machine anew.",
            Mend = new CommandCall(OwnCommand.EnableNesting),
        };

    internal static Finding NoNesting(GuestHost host) =>
        new(
            FindingCodes.VmHostNestingOff,
            Severity.Error,
            "KVM does not nest on this host: no virtual machine of it sees the virtualization extension."
        )
        {
            Evidence = host.Evidence ?? host.Architecture,
            Remedy = "Ask what the host supports: that says why.",
        };

    internal static Finding WillNotStart(string evidence) =>
        new(
            FindingCodes.VmWillNotStart,
            Severity.Error,
            "The processor that is defined for the virtual machine is none that this host can give it: it does not start."
        )
        {
            Evidence = evidence,
            Remedy = $"Change its <cpu> ({Define}): see what the host has with virsh domcapabilities.",
        };

    internal static Finding Unknown(string why) =>
        new(
            FindingCodes.VmUnknown,
            Severity.Warning,
            "Whether hypervisors can run in the virtual machine cannot be told."
        )
        {
            Evidence = why,
        };

    internal static Finding RestartPending(GuestExposure now, GuestExposure next) =>
        new(
            FindingCodes.VmRestartPending,
            Severity.Warning,
            next.IsAsked == true
                ? "The definition was changed while the virtual machine ran: it sees the virtualization extension after it was shut down and started, which a restart from within does not do."
                : "The definition was changed while the virtual machine ran: it sees the virtualization extension until it is shut down and started."
        )
        {
            Evidence = $"running: {now.Why}; saved: {next.Why}",
            Remedy = "Shut it down, and start it.",
        };

    internal static Finding WrongVendor(CpuFeature feature, string extension) =>
        new(
            FindingCodes.VmWrongVendor,
            Severity.Warning,
            $"The definition asks for {feature.Name}, and the host's processors have {extension}: nothing comes of it."
        )
        {
            Evidence = feature.ToString(),
            Remedy = $"Name {extension} in its place ({Define}).",
        };

    internal static Finding Forced(CpuFeature feature) =>
        new(
            FindingCodes.VmCpuForced,
            Severity.Warning,
            $"The definition forces {feature.Name}: libvirt does not look whether the host has it, and QEMU leaves it out where it has not."
        )
        {
            Evidence = feature.ToString(),
            Remedy = "Write require in the place of force.",
        };

    internal static Finding NamedTwice(string name) =>
        new(
            FindingCodes.VmCpuNamedTwice,
            Severity.Warning,
            $"The definition names {HostText.ForDisplay(name, 40)} more than once, which libvirt refuses when it is next defined."
        )
        {
            Evidence = name,
            Remedy = "Leave one of these lines.",
        };

    internal static Finding Emulated(DomainDefinition domain) =>
        new(
            FindingCodes.VmEmulated,
            Severity.Warning,
            "The virtual machine is emulated without KVM: hypervisors in it run very slowly, if at all."
        )
        {
            Evidence = $"<domain type='{domain.Type}'>",
            Remedy = "Where the host has KVM, define it with type='kvm'.",
        };

    internal static Finding NotMigratable { get; } =
        new(
            FindingCodes.VmNotMigratable,
            Severity.Information,
            "The virtual machine is given features that cannot be migrated: it is neither migrated nor saved."
        )
        {
            Evidence = "migratable='off'",
        };

    internal static Finding Saved { get; } =
        new(
            FindingCodes.VmSaved,
            Severity.Warning,
            "The virtual machine has a managed save: it goes on with the processor that it was saved with, whatever its definition says now."
        )
        {
            Evidence = "virsh list --with-managed-save",
            Remedy =
                "Start the virtual machine and shut it down; or give up what was saved, and what was unsaved in it: virsh managedsave-remove NAME",
        };

    internal static Finding NotListed(IReadOnlyList<KvmUser> users) =>
        new(
            FindingCodes.GuestsNotListed,
            Severity.Warning,
            "Guests run on the host that libvirt's system daemon does not have, and they are not listed: those of a user's own session, of Proxmox, or of QEMU alone."
        )
        {
            Evidence = WordList.Short([.. users.Select(static user => user.ToString())]),
            Remedy = "Ask the program that started them: virsh -c qemu:///session, qm, or whoever runs QEMU.",
        };
}
