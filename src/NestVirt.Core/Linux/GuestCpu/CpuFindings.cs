using NestVirt.Guidance;
using NestVirt.Linux.Guests;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.GuestCpu;

/// <summary>Says why the processor of a guest is not set as was asked, or what is left to do. The name of the guest comes before it.</summary>
internal static class CpuFindings
{
    private const int ShownLength = 80;
    private const int MostShown = 8;

    internal static Finding ExtensionUnknown { get; } =
        new(
            FindingCodes.VmUnknown,
            Severity.Error,
            "Which virtualization extension the host's processors have is not known, and so not what the virtual machine is to be given."
        )
        {
            Remedy = "Ask what the host supports: that says why.",
        };

    internal static Finding NotPossible(string sentence) => new(FindingCodes.SettingInvalid, Severity.Error, sentence);

    internal static Finding ModelsUnknown(string model) =>
        new(
            FindingCodes.VmUnknown,
            Severity.Error,
            $"Whether the host can run the model {HostText.ForDisplay(model, ShownLength)} is not known: libvirt told of no emulator like that of the virtual machine."
        )
        {
            Evidence = "virsh domcapabilities",
            RepeatWith = ChangeSwitch.Force,
        };

    internal static Finding ModelUnknown(string model, string? nearest) =>
        new(
            FindingCodes.VmCpuModelUnknown,
            Severity.Error,
            $"libvirt of the host knows no processor model '{HostText.ForDisplay(model, ShownLength)}'{(nearest is null ? string.Empty : $"; the nearest is {nearest}")}."
        )
        {
            Evidence = "virsh domcapabilities",
            Remedy = "See which models the host can run: virsh domcapabilities",
        };

    internal static Finding ModelUnusable(string model, IReadOnlyList<string> missing) =>
        new(
            FindingCodes.VmCpuNotUsable,
            Severity.Error,
            $"The host's QEMU cannot give the whole of the model {HostText.ForDisplay(model, ShownLength)}{(missing.Count == 0 ? string.Empty : $" for want of {string.Join(", ", missing.Take(MostShown))}")}."
        )
        {
            Evidence = $"domcapabilities: <model usable='no'>{model}</model>",
            Remedy =
                missing.Count == 0
                    ? "See which models the host can run: virsh domcapabilities"
                    : "Choose another model, or ask for these features with the policy disable, too.",
            RepeatWith = ChangeSwitch.Force,
        };

    internal static Finding PastLibvirt(string word) =>
        new(
            FindingCodes.VmUnknown,
            Severity.Error,
            "Words for QEMU's command line may choose the processor of the virtual machine, whatever its <cpu> says."
        )
        {
            Evidence = word,
            Remedy = "Change those words (virsh edit NAME).",
            RepeatWith = ChangeSwitch.Force,
        };

    internal static Finding ModeUnsupported(string mode, string? type) =>
        new(FindingCodes.VmWillNotStart, Severity.Error, $"The host does not support the mode {mode} for it.")
        {
            Evidence = $"<domain type='{type}'>; domcapabilities: <mode name='{mode}' supported='no'/>",
            Remedy = "Choose another mode.",
        };

    internal static Finding FeatureUnknown(string name, IReadOnlyList<string> near) =>
        new(
            FindingCodes.VmCpuFeatureUnknown,
            Severity.Error,
            $"libvirt of the host knows no feature '{HostText.ForDisplay(name, ShownLength)}' of a processor{(near.Count == 0 ? string.Empty : $"; near it are {string.Join(", ", near)}")}."
        )
        {
            Evidence = "/usr/share/libvirt/cpu_map",
            Remedy = "Name it as libvirt does, which is not always as the kernel does.",
        };

    internal static Finding FeaturesUnknown(string name) =>
        new(
            FindingCodes.VmUnknown,
            Severity.Error,
            $"Whether libvirt of the host knows the feature {HostText.ForDisplay(name, ShownLength)} could not be read."
        )
        {
            Evidence = "/usr/share/libvirt/cpu_map",
            RepeatWith = ChangeSwitch.Force,
        };

    internal static Finding WouldNotStart(string obstacle) =>
        new(
            FindingCodes.VmWillNotStart,
            Severity.Error,
            "With this processor the virtual machine would not start on this host."
        )
        {
            Evidence = obstacle,
            Remedy = "Ask for one that the host has: see virsh domcapabilities.",
        };

    internal static Finding HostOff(GuestHost host, bool blocks) =>
        new(
            FindingCodes.VmHostNestingOff,
            blocks ? Severity.Error : Severity.Warning,
            blocks
                ? "The host does not nest, and the virtual machine would not start with the virtualization extension."
                : "The host does not nest: the virtual machine sees the virtualization extension only once it does."
        )
        {
            Evidence = host.Evidence,
            Remedy = "Turn nesting on on the host first.",
            Mend = new CommandCall(OwnCommand.EnableNesting),
        };

    internal static Finding NeverNests(GuestHost host) =>
        new(
            FindingCodes.VmHostNestingOff,
            Severity.Error,
            "KVM does not nest on this host: no virtual machine of it can see the virtualization extension."
        )
        {
            Evidence = host.Evidence ?? host.Architecture,
            Remedy = "Ask what the host supports: that says why.",
        };
}
