using System.Globalization;
using NestVirt.Guidance;
using NestVirt.HyperV.Machine;
using NestVirt.HyperV.VirtualMachines;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.HyperV.Support;

/// <summary>Says of a VM what stands for and against nesting.</summary>
internal static class VMFindings
{
    private const string Setting = "Msvm_ProcessorSettingData.ExposeVirtualizationExtensions";

    private const int ShownLength = 60;
    private const int MostShown = 5;

    internal static Finding Ready(VMFacts vm, VmNesting nesting) =>
        new(
            FindingCodes.VmNestingReady,
            Severity.Information,
            nesting == VmNesting.Now
                ? "The virtual machine sees the virtualization extension, and can run hypervisors; Microsoft supports Hyper-V alone in it."
                : "The virtual machine sees the virtualization extension from its next start on; Microsoft supports Hyper-V alone in it."
        )
        {
            Evidence = $"{Setting}: true, version {vm.Version}",
        };

    internal static Finding Off(VMFacts vm) =>
        new(
            FindingCodes.VmNestingOff,
            Severity.Information,
            "The virtual machine is not given the virtualization extension: hypervisors in it do not run."
        )
        {
            Evidence = $"{Setting}: false, version {vm.Version}",
            Remedy = "Turn the virtual machine off, and give it the extension.",
            Mend = new CommandCall(OwnCommand.EnableNesting, (CommandArgument.VmName, vm.Word)),
        };

    internal static Finding WillNotStart(VMFacts vm) =>
        new(
            FindingCodes.VmWillNotStart,
            Severity.Error,
            "The virtual machine is set to run hypervisors, which this host cannot give it: it does not start."
        )
        {
            Evidence = $"{Setting}: true",
            Remedy = "So that it starts, turn it off, and take the extension from it.",
            Mend = new CommandCall(OwnCommand.DisableNesting, (CommandArgument.VmName, vm.Word)),
        };

    /// <summary>Says that Hyper-V has no such setting: this Windows is too old.</summary>
    internal static Finding NoSetting(HyperVHost host) =>
        HyperVFindings.WithoutNesting(host) with
        {
            Evidence =
                $"Msvm_ProcessorSettingData has no ExposeVirtualizationExtensions; {HyperVFindings.Evidence(host)}",
        };

    internal static Finding VersionTooOld(VMFacts vm, ConfigurationVersion least) =>
        new(
            FindingCodes.VmVersionTooOld,
            Severity.Error,
            $"Nesting takes version {least} of a virtual machine's configuration here; this one has {vm.Version}."
        )
        {
            Evidence = $"Msvm_VirtualSystemSettingData.Version: {vm.Version}",
            Remedy =
                "Turn the virtual machine off, and run on the host: Update-VMVersion NAME. That cannot be undone: hosts with an older Windows do not run it any more.",
        };

    internal static Finding NotFound(string word) =>
        new(
            FindingCodes.VmNotFound,
            Severity.Error,
            $"The host has no virtual machine '{HostText.ForDisplay(word, ShownLength)}', or the account may not see it."
        )
        {
            Remedy =
                "See which it has; what WSL, Windows Sandbox and containers run in is none of Hyper-V's management, and can be neither listed nor set up here.",
        };

    internal static Finding SameName(string word, IReadOnlyList<VMFacts> vms) =>
        new(
            FindingCodes.VmNameAmbiguous,
            Severity.Error,
            $"Several virtual machines are called '{HostText.ForDisplay(word, ShownLength)}'."
        )
        {
            Evidence = string.Join(", ", vms.Take(MostShown).Select(static vm => vm.IdText)),
            Remedy = "Name the one that is meant by its id.",
        };

    internal static Finding NotTold(VMFacts vm, string what) =>
        new(FindingCodes.VmUnknown, Severity.Warning, $"What the virtual machine has could not all be read: {what}.")
        {
            Evidence = vm.Unread,
        };

    internal static Finding NoAdapters { get; } =
        new(
            FindingCodes.VmNoAdapters,
            Severity.Warning,
            "The virtual machine has no network adapters, so nothing can be set of them."
        )
        {
            Evidence = "CIM_ResourceAllocationSettingData: none with ResourceType 10",
            Remedy = "Leave it out, or give it a network adapter first: Add-VMNetworkAdapter NAME",
        };

    internal static Finding NotOff(VMFacts vm) =>
        new(
            FindingCodes.VmNotOff,
            Severity.Information,
            "The virtual machine is not off: until it is, nesting cannot be changed."
        )
        {
            Evidence = string.Create(
                CultureInfo.InvariantCulture,
                $"Msvm_ComputerSystem.EnabledState: {vm.StateNumber}"
            ),
            Remedy = "Shut the virtual machine down; a pause or a saved state is not enough.",
        };

    internal static Finding Saved(VMFacts vm) =>
        new(
            FindingCodes.VmSaved,
            Severity.Warning,
            "The virtual machine has a saved state, which a change of nesting would not fit: until that is gone, nesting cannot be changed."
        )
        {
            Evidence = string.Create(
                CultureInfo.InvariantCulture,
                $"Msvm_ComputerSystem.EnabledState: {vm.StateNumber}, IsSaved: {(vm.HasSavedState == true ? "true" : "false")}"
            ),
            Remedy =
                "Start the virtual machine and shut it down; or give the saved state up, and what was unsaved in it: Remove-VMSavedState NAME",
        };

    internal static Finding Busy { get; } =
        new(
            FindingCodes.VmBusy,
            Severity.Information,
            "An operation on the virtual machine is under way, such as a checkpoint, a merge of disks, an export or a migration."
        )
        {
            Evidence = "Msvm_ComputerSystem.OperationalStatus",
            Remedy = "Wait for its end before anything is changed.",
        };

    internal static Finding DynamicMemory(VMFacts vm, bool isExposed) =>
        new(
            FindingCodes.VmDynamicMemory,
            isExposed ? Severity.Warning : Severity.Information,
            "Memory is dynamic: it does not change any more while a hypervisor runs in the virtual machine."
        )
        {
            Evidence = "Msvm_MemorySettingData.DynamicMemoryEnabled: true",
            Remedy = "Give the virtual machine as much memory as its own guests need, and turn dynamic memory off.",
            Mend = new CommandCall(OwnCommand.SetCpu, (CommandArgument.VmName, vm.Word))
            {
                Switches = [ChangeSwitch.StaticMemory],
            },
        };

    internal static Finding DeviceAndNesting(VMFacts vm, bool isExposed) =>
        new(
            FindingCodes.VmDeviceAndNesting,
            isExposed ? Severity.Warning : Severity.Information,
            "The virtual machine owns devices of the host: together with nesting, guests were seen that crash or restart over and over."
        )
        {
            Evidence = string.Join(", ", vm.AssignedDevices),
            Remedy = "Use one or the other; or try it where a crash does no harm.",
        };

    internal static Finding MemoryNotFixed(VMFacts vm, VMMemoryFacts memory) =>
        new(
            FindingCodes.VmMemoryNotFixed,
            Severity.Error,
            "The virtual machine owns devices of the host, and its memory is dynamic with a minimum other than what it starts with: it does not start so."
        )
        {
            Evidence = string.Create(
                CultureInfo.InvariantCulture,
                $"startup {memory.Startup >> 20} MiB, minimum {memory.Minimum >> 20} MiB"
            ),
            Remedy = "Turn dynamic memory off, or make the minimum equal to what the virtual machine starts with.",
            Mend = new CommandCall(OwnCommand.SetCpu, (CommandArgument.VmName, vm.Word))
            {
                Switches = [ChangeSwitch.StaticMemory],
            },
        };

    internal static Finding NoMacSpoofing(VMFacts vm) =>
        new(
            FindingCodes.VmNoMacSpoofing,
            Severity.Information,
            "No network adapter of the virtual machine may send from other MAC addresses: its own guests reach the network through NAT alone."
        )
        {
            Evidence = "AllowMacSpoofing: false",
            Remedy = "Set up NAT in the virtual machine, or let its network adapters send from other addresses.",
            Mend = new CommandCall(
                OwnCommand.SetCpu,
                (CommandArgument.VmName, vm.Word),
                (CommandArgument.MacSpoofing, "on")
            ),
        };
}
