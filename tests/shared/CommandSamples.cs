using NestVirt.Guidance;

namespace NestVirt.Testing;

/// <summary>Calls of our commands, as advice makes them: together they have every command, argument and switch.</summary>
public static class CommandSamples
{
    private const string Address = "0000:01:00.0";

    /// <summary>Gets the calls, each for a host.</summary>
    public static IReadOnlyList<CommandCall> All { get; } =
    [
        new(OwnCommand.EnableNesting) { Host = "kvm1" },
        new(OwnCommand.EnableNesting, (CommandArgument.Parameter, "ept=1"), (CommandArgument.Parameter, "vpid=0"))
        {
            Host = "root@kvm1:2222",
            Switches = [ChangeSwitch.StopGuests, ChangeSwitch.Force, ChangeSwitch.ReplaceConflict],
        },
        new(OwnCommand.DisableNesting) { Host = "kvm1", Switches = [ChangeSwitch.Restart] },
        new(OwnCommand.EnableNesting) { Host = "wsman:https://hv1:15986" },
        new(OwnCommand.EnableIommu) { Host = "kvm1", Switches = [ChangeSwitch.ReplaceConflict] },
        new(OwnCommand.DisableIommu) { Switches = [ChangeSwitch.ReplaceConflict] },
        new(OwnCommand.SetModule, (CommandArgument.Module, "kvm_intel"), (CommandArgument.Parameter, "ept=it's"))
        {
            Host = "[fe80::1]:22",
        },
        new(
            OwnCommand.SetKernel,
            (CommandArgument.KernelWord, "hugepagesz=1048576K"),
            (CommandArgument.KernelWord, "a=$(x)"),
            (CommandArgument.RemovedKernelWord, "amd_iommu=on")
        )
        {
            Host = "kvm1",
            Switches = [ChangeSwitch.ReplaceConflict],
        },
        new(OwnCommand.SetDriver, (CommandArgument.Address, Address), (CommandArgument.Driver, "vfio-pci"))
        {
            Host = "kvm1",
            Switches = [ChangeSwitch.WholeGroup, ChangeSwitch.Temporary],
        },
        new(OwnCommand.SetDriver, (CommandArgument.Address, Address)) { Switches = [ChangeSwitch.HostDriver] },
        new(
            OwnCommand.SetHugePages,
            (CommandArgument.PageSizeKiB, "2048"),
            (CommandArgument.PageCount, "4"),
            (CommandArgument.Node, "0")
        )
        {
            Host = "kvm1",
            Switches = [ChangeSwitch.ReplaceConflict],
        },
        new(OwnCommand.SetSriov, (CommandArgument.Address, Address), (CommandArgument.FunctionCount, "4"))
        {
            Host = "kvm1",
            Switches = [ChangeSwitch.Temporary],
        },
        new(
            OwnCommand.SetSriov,
            (CommandArgument.Address, Address),
            (CommandArgument.BindDrivers, "no"),
            (CommandArgument.Function, "0"),
            (CommandArgument.FunctionSetting, "mac=02:00:00:00:00:01"),
            (CommandArgument.FunctionSetting, "spoofchk=off"),
            (CommandArgument.FunctionSetting, "state=auto"),
            (CommandArgument.FunctionSetting, "trust=on"),
            (CommandArgument.FunctionSetting, "vlan=100")
        )
        {
            Host = "kvm1",
            Switches = [ChangeSwitch.Force],
        },
        new(OwnCommand.DisableNesting, (CommandArgument.VmName, "lab 1"), (CommandArgument.VmName, "db*"))
        {
            Host = "wsman:hv1",
            Switches = [ChangeSwitch.StopGuests],
        },
        new(
            OwnCommand.SetCpu,
            (CommandArgument.VmName, "it's a lab"),
            (CommandArgument.VmName, "0A1B2C3D-0000-4000-8000-00000000000E"),
            (CommandArgument.Expose, "on"),
            (CommandArgument.CpuCount, "4"),
            (CommandArgument.ThreadsPerCore, "0"),
            (CommandArgument.MacSpoofing, "off"),
            (CommandArgument.IovWeight, "100"),
            (CommandArgument.VbsOptOut, "on")
        )
        {
            Host = "wsman:https://hv1:15986",
            Switches = [ChangeSwitch.StaticMemory, ChangeSwitch.StopGuests, ChangeSwitch.Force],
        },
        new(
            OwnCommand.SetCpu,
            (CommandArgument.VmName, "lab"),
            (CommandArgument.CpuMode, "custom"),
            (CommandArgument.CpuModel, "Skylake-Server"),
            (CommandArgument.CpuFeature, "avx512f=disable"),
            (CommandArgument.CpuFeature, "vmx=require"),
            (CommandArgument.CpuTopology, "sockets=1,dies=1,cores=4,threads=2")
        )
        {
            Host = "kvm1",
            Switches = [ChangeSwitch.WindowsHypervisor],
        },
        new(
            OwnCommand.SetCpu,
            (CommandArgument.VmName, "lab"),
            (CommandArgument.CpuMode, "host-passthrough"),
            (CommandArgument.Migratable, "off")
        )
        {
            Host = "kvm1",
            Switches = [ChangeSwitch.StopGuests],
        },
        new(
            OwnCommand.AddVmPci,
            (CommandArgument.Device, Address),
            (CommandArgument.Device, "PCIROOT(0)#PCI(0100)#PCI(0000)"),
            (CommandArgument.VmName, "lab 1"),
            (CommandArgument.LowMmioMebibytes, "256"),
            (CommandArgument.HighMmioMebibytes, "33280")
        )
        {
            Host = "wsman:hv1",
            Switches = [ChangeSwitch.StopGuests, ChangeSwitch.Force],
        },
        new(
            OwnCommand.AddVmPci,
            (CommandArgument.Device, Address),
            (CommandArgument.VmName, "lab"),
            (CommandArgument.MacAddress, "52:54:00:12:34:56"),
            (CommandArgument.VlanId, "100"),
            (CommandArgument.GuestAddress, "0000:05:00.0"),
            (CommandArgument.RomFile, "/srv/it's a rom.bin")
        )
        {
            Host = "kvm1",
            Switches = [ChangeSwitch.WholeGroup, ChangeSwitch.Unmanaged],
        },
        new(
            OwnCommand.AddVmPci,
            (CommandArgument.Device, Address),
            (CommandArgument.Device, "0000:01:00.1"),
            (CommandArgument.VmName, "lab"),
            (CommandArgument.GuestAddress, "0000:05:00.0")
        )
        {
            Host = "kvm1",
            Switches = [ChangeSwitch.Multifunction, ChangeSwitch.NoRom],
        },
        new(OwnCommand.RemoveVmPci, (CommandArgument.Device, Address), (CommandArgument.VmName, "lab"))
        {
            Host = "kvm1",
            Switches = [ChangeSwitch.WholeGroup],
        },
        new(
            OwnCommand.RemoveVmPci,
            (CommandArgument.Device, @"PCI\VEN_10DE&DEV_1DB4&SUBSYS_124910DE&REV_A1\4&2283F625&0&0019"),
            (CommandArgument.VmName, "lab")
        )
        {
            Host = "wsman:hv1",
            Switches = [ChangeSwitch.StopGuests],
        },
        new(
            OwnCommand.TuneVm,
            (CommandArgument.VmName, "it's a lab"),
            (CommandArgument.VmName, "db*"),
            (CommandArgument.Tuning, "cpu"),
            (CommandArgument.Tuning, "hugepages"),
            (CommandArgument.Tuning, "disks"),
            (CommandArgument.SiblingUse, "pair"),
            (CommandArgument.Node, "1"),
            (CommandArgument.VmPageSizeKiB, "2048"),
            (CommandArgument.IOThreadCount, "2")
        )
        {
            Host = "kvm1",
            Switches = [ChangeSwitch.StopGuests, ChangeSwitch.Force],
        },
        new(OwnCommand.Undo, (CommandArgument.ChangeId, "3")) { Host = "wsman:hv1", Switches = [ChangeSwitch.Force] },
        new(OwnCommand.Snapshot) { Host = "kvm1" },
        new(OwnCommand.EnableIommu, (CommandArgument.Passthrough, "no")) { Host = "kvm1" },
        new(OwnCommand.Support) { Host = "kvm1" },
        new(OwnCommand.ListPciDevices) { Host = "kvm1" },
        new(OwnCommand.History) { Host = "kvm1" },
        new(OwnCommand.Undo, (CommandArgument.ChangeId, "3")) { Host = "kvm1", Switches = [ChangeSwitch.StopGuests] },
    ];
}
