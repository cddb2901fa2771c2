using NestVirt.Guidance;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Modprobe;
using NestVirt.Linux.Virtualization;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Kvm;

/// <summary>Decides, in one word, whether guests of a host can run hypervisors, and says why.</summary>
/// <remarks>An IOMMU has no part in it: nesting works without one.</remarks>
internal static class VerdictAssessor
{
    /// <summary>Decides.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="nested">Nesting at the three times.</param>
    /// <returns>The verdict, and what led to it beyond nesting's own findings.</returns>
    public static (Verdict Verdict, IReadOnlyList<Finding> Reasons) Assess(KvmHostState state, NestedFacts nested)
    {
        VirtualizationState extension = state.Machine.Virtualization.State;
        if (state.IsForeign)
        {
            return (
                Verdict.Unknown,
                [
                    new Finding(
                        FindingCodes.KernelNotLinux,
                        Severity.Error,
                        "The host does not run Linux, so it has no KVM."
                    ),
                ]
            );
        }

        if (state.Machine.IsXenControlDomain)
        {
            return (Verdict.Blocked, [XenHost(state)]);
        }

        return extension switch
        {
            VirtualizationState.DisabledInFirmware => (Verdict.Blocked, [Disabled(state)]),
            VirtualizationState.NotAvailable => (Verdict.Blocked, [NotAvailable(state)]),
            _ when KvmArchitecture.LacksNesting(state.Architecture, state.Extension) => (
                Verdict.Blocked,
                [NoNesting(state)]
            ),
            _ when state.Machine.NestingObstacle is { } obstacle => (Verdict.Blocked, [obstacle]),
            VirtualizationState.Unknown when !HasProof(state) => (Verdict.Unknown, [Unknown(state)]),
            _ => ByModule(state, nested),
        };
    }

    // kvm_intel and kvm_amd load only where the extension can be used.
    private static bool HasProof(KvmHostState state) =>
        state.NestingModule is { } module
        && state.Listing?.StateOf(module) == ModuleState.Loaded
        && state.Listing.Device.HasStarted != false;

    private static (Verdict Verdict, IReadOnlyList<Finding> Reasons) ByModule(KvmHostState state, NestedFacts nested)
    {
        if (state.NestingModule is not { } module || state.Listing is not { } listing)
        {
            return (
                Verdict.Unknown,
                [
                    new Finding(
                        FindingCodes.KvmModuleUnknown,
                        Severity.Warning,
                        "Which of KVM's modules the host has could not be read."
                    ),
                ]
            );
        }

        return listing.StateOf(module) switch
        {
            ModuleState.Loaded or ModuleState.BuiltIn => ByDevice(state, nested, listing, module),
            ModuleState.NotLoaded when ConflictAssessor.Holder(listing) is { } holder => (
                Verdict.Blocked,
                [ConflictAssessor.Held(holder)]
            ),
            ModuleState.NotLoaded => (Verdict.Configurable, [NotLoaded(state, module)]),
            ModuleState.Missing => (Verdict.Configurable, [Missing(state, module)]),
            _ => (Verdict.Unknown, [StateUnknown(state, module)]),
        };
    }

    private static (Verdict Verdict, IReadOnlyList<Finding> Reasons) ByDevice(
        KvmHostState state,
        NestedFacts nested,
        KvmModuleListing listing,
        string module
    )
    {
        KvmDevice device = listing.Device;
        if (device.HasStarted == false)
        {
            return (
                Verdict.Configurable,
                [
                    new Finding(
                        FindingCodes.KvmNotStarted,
                        Severity.Error,
                        $"{module} is there, and KVM has not started: the kernel has no device for it."
                    )
                    {
                        Evidence = "/sys/class/misc without kvm",
                        Remedy = $"Look for lines of kvm in the kernel log; then run: modprobe {module}",
                    },
                ]
            );
        }

        if (device.IsPresent == false)
        {
            return state.System.Container is { } container
                ? (
                    Verdict.Unknown,
                    [
                        new Finding(
                            FindingCodes.ContainerHidesDevice,
                            Severity.Warning,
                            $"This is a {HostText.ForDisplay(container, 40)} container without /dev/kvm: what the host itself can do is not seen from here."
                        )
                        {
                            Evidence = "/dev/kvm: absent",
                            Remedy =
                                "Ask the host outside of the container, or give the container the device /dev/kvm.",
                        },
                    ]
                )
                : (
                    Verdict.Configurable,
                    [
                        new Finding(
                            FindingCodes.KvmDeviceMissing,
                            Severity.Error,
                            $"{module} is there, and /dev/kvm is not: no program can use KVM."
                        )
                        {
                            Evidence = "/dev/kvm: absent",
                            Remedy =
                                "Let systemd-udevd run, or make the node: mknod /dev/kvm c 10 232; chown root:kvm /dev/kvm; chmod 660 /dev/kvm",
                        },
                    ]
                );
        }

        // Parameters of a built-in module are there even when it found no hardware.
        bool isProved = listing.StateOf(module) == ModuleState.Loaded || device.HasStarted == true;
        return nested.Effective switch
        {
            NestedState.On when isProved => (Verdict.Ready, [Ready(state, module)]),
            NestedState.On => (
                Verdict.Unknown,
                [
                    new Finding(
                        FindingCodes.KvmDeviceUnknown,
                        Severity.Warning,
                        $"{module} is built in; whether it has started was not seen."
                    ),
                ]
            ),
            NestedState.Off when KvmArchitecture.IsArm64(state.Architecture, state.Extension) => (Verdict.Unknown, []),
            NestedState.Off => (Verdict.Configurable, []),
            _ => (Verdict.Unknown, []),
        };
    }

    private static Finding Ready(KvmHostState state, string module) =>
        new(
            FindingCodes.NestedReady,
            Severity.Information,
            $"{module} nests: guests of this host can run hypervisors when their CPU model passes the extension on."
        )
        {
            Evidence = NestedAssessor.Evidence(state),
        };

    private static Finding XenHost(KvmHostState state) =>
        new(
            FindingCodes.XenHost,
            Severity.Error,
            "Linux runs as Xen's control domain here: Xen holds the virtualization extension, and KVM cannot use it."
        )
        {
            Evidence = state.Machine.Hypervisor.Evidence,
            Remedy = "Boot the kernel without Xen to use KVM; under Xen, guests nest with nestedhvm=1.",
        };

    private static Finding Disabled(KvmHostState state) =>
        new(
            FindingCodes.VirtualizationDisabledInFirmware,
            Severity.Error,
            $"The processor has {state.Extension ?? "a virtualization extension"}, and the firmware has turned it off."
        )
        {
            Evidence = state.Machine.Virtualization.Evidence,
            Remedy = FirmwareRemedy.For(state.Extension),
        };

    private static Finding NotAvailable(KvmHostState state)
    {
        string reason = state.Machine.VirtualizationReason ?? "The machine shows no virtualization extension.";
        bool isGuest =
            state.Machine.Hypervisor.Vendor is not null || state.Machine.Layer is HostLayer.L1 or HostLayer.L2;
        return new Finding(
            isGuest ? FindingCodes.HypervisorHidesVirtualization : FindingCodes.VirtualizationNotAvailable,
            Severity.Error,
            reason
        )
        {
            Evidence = state.Machine.Virtualization.Evidence ?? state.Machine.Hypervisor.Evidence,
            Remedy =
                state.Machine.VirtualizationRemedy
                ?? (
                    isGuest
                        ? HypervisorRemedy.For(state.Machine, state.Architecture)
                        : "Use a machine whose processor has a virtualization extension."
                ),
        };
    }

    private static Finding NoNesting(KvmHostState state) =>
        new(
            FindingCodes.ArchitectureCannotNest,
            Severity.Error,
            $"KVM does not nest on {HostText.ForDisplay(state.Architecture ?? state.Extension ?? "this architecture", 40)}."
        )
        {
            Evidence = state.Machine.Virtualization.Evidence,
            Remedy = "Run hypervisors on the machine itself, or on one of x86, arm64, POWER or IBM Z.",
        };

    private static Finding Unknown(KvmHostState state) =>
        new(
            FindingCodes.VirtualizationUnknown,
            Severity.Warning,
            state.Machine.VirtualizationReason ?? "Whether the processor can virtualize could not be told."
        )
        {
            Evidence = state.Machine.Virtualization.Evidence,
            Remedy = state.Machine.VirtualizationRemedy,
        };

    // What keeps it from being loaded has a finding of its own, with the line and what to write.
    private static Finding NotLoaded(KvmHostState state, string module)
    {
        ModprobeDirective? windows = state.Configuration.WindowsLine(module);
        bool isRefused =
            state.Configuration.Obstacle(module) is not null || state.Configuration.FirstRefused(module) is not null;
        return new Finding(
            FindingCodes.KvmModuleNotLoaded,
            Severity.Error,
            isRefused
                ? $"{module} is installed and not loaded: what is configured keeps it out."
                : $"{module} is installed and not loaded."
        )
        {
            Evidence = "/proc/modules without it",
            Remedy =
                isRefused ? null
                : windows is null ? $"Run: modprobe {module}"
                : $"Take the carriage return off {PlainWord.Or(windows.Source, "its line of modprobe.d")}, then run: modprobe {module}",
            Mend = isRefused ? null : new CommandCall(OwnCommand.EnableNesting),
        };
    }

    private static Finding Missing(KvmHostState state, string module) =>
        new(FindingCodes.KvmModuleMissing, Severity.Error, $"{module} is not installed for this kernel.")
        {
            Evidence =
                $"modules.dep of {HostText.ForDisplay(state.System.KernelRelease ?? "the running kernel", 80)} without it",
            Remedy =
                "Install the distribution's full kernel or its package of extra modules; if the kernel was updated, reboot into it.",
        };

    private static Finding StateUnknown(KvmHostState state, string module) =>
        new(
            FindingCodes.KvmModuleUnknown,
            Severity.Warning,
            state.System.Container is { } container
                ? $"Whether {module} is loaded is not seen from inside this {HostText.ForDisplay(container, 40)} container."
                : $"Whether {module} is installed for this kernel could not be read."
        )
        {
            Remedy = state.System.Container is null ? null : "Ask the host outside of the container.",
        };
}
