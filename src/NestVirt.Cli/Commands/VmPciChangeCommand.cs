using System.CommandLine;
using NestVirt.Changes;
using NestVirt.Cli.Hosting;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt add vm-pci</c> and <c>nestvirt remove vm-pci</c>: PCI devices of hosts in virtual machines.</summary>
/// <param name="add">Which of them.</param>
internal sealed class VmPciChangeCommand(bool add)
    : ChangeCommand(
        "vm-pci",
        add
            ? "Gives PCI devices of a host to one of its virtual machines."
            : "Takes PCI devices back from a virtual machine, for its host to use."
    )
{
    private readonly Option<string> _vm = new("--vm")
    {
        Description = add
            ? "The virtual machine that gets them, by name or id."
            : "The one that has them, by name or id.",
        HelpName = "NAME",
    };

    private readonly Option<bool> _wholeGroup = new("--whole-group")
    {
        Description = add
            ? "KVM: give it the other devices of their IOMMU groups, too."
            : "KVM: take back the other devices of their IOMMU groups, too.",
    };

    private readonly Option<bool> _unmanaged = new("--unmanaged")
    {
        Description = "KVM: let libvirt leave their drivers as they are; they have vfio-pci then.",
    };

    private readonly Option<string> _mac = new("--mac")
    {
        Description = "KVM: the MAC address of a virtual function of a network card; libvirt makes one up without it.",
        HelpName = "MAC",
    };

    private readonly Option<string> _vlan = new("--vlan")
    {
        Description = "KVM: the VLAN of a virtual function of a network card, from 1 to 4094.",
        HelpName = "ID",
    };

    private readonly Option<string> _guestAddress = new("--guest-address")
    {
        Description = "KVM: the PCI address in the virtual machine, such as 0000:05:00.0.",
        HelpName = "ADDRESS",
    };

    private readonly Option<bool> _multifunction = new("--multifunction")
    {
        Description =
            "KVM: functions of one card are functions of one device there, too, in the slot of --guest-address.",
    };

    private readonly Option<bool> _noRom = new("--no-rom") { Description = "KVM: hide the ROM of the device." };

    private readonly Option<string> _romFile = new("--rom-file")
    {
        Description = "KVM: show that file of the host in the place of the ROM of the device.",
        HelpName = "FILE",
    };

    private readonly Option<string> _low = Space("--low-mmio", "below");

    private readonly Option<string> _high = Space("--high-mmio", "above");

    /// <inheritdoc/>
    protected override bool RestartsGuests => true;

    /// <inheritdoc/>
    protected override IEnumerable<Option> Options =>
        add
            ? [_vm, _wholeGroup, _unmanaged, _mac, _vlan, _guestAddress, _multifunction, _noRom, _romFile, _low, _high]
            : [_vm, _wholeGroup];

    /// <inheritdoc/>
    protected override Argument<string[]> Words { get; } =
        new("WORD")
        {
            Description =
                "[HOST…] DEVICE…: PCI addresses, such as: kvm1 0000:01:00.0; of Hyper-V hosts location paths or instance paths, too",
            Arity = ArgumentArity.OneOrMore,
            CompletionSources = { HostSuggestions.For },
        };

    /// <inheritdoc/>
    protected override ChangeRequest RequestOf(ParseResult line, List<string> words)
    {
        if (line.GetValue(_vm) is not { Length: > 0 } vm)
        {
            throw new UsageException("No virtual machine is named.", "Give --vm NAME.");
        }

        string[] devices = [.. words.Where(VmPciDeviceRequest.IsDevice)];
        if (devices.Length == 0)
        {
            throw new UsageException(
                "No device is named.",
                $"Type: nestvirt {(add ? "add" : "remove")} vm-pci [HOST…] DEVICE… --vm NAME, where a device is a PCI address such as 0000:01:00.0, or, of a Hyper-V host, a location path or an instance path."
            );
        }

        words.RemoveAll(VmPciDeviceRequest.IsDevice);
        VmPciDeviceRequest request = new(vm, devices, add) { WholeGroup = line.GetValue(_wholeGroup) };
        return add
            ? request with
            {
                Unmanaged = line.GetValue(_unmanaged),
                MacAddress = line.GetValue(_mac),
                VlanId = Read(line, _vlan),
                GuestAddress = line.GetValue(_guestAddress),
                Multifunction = line.GetValue(_multifunction),
                NoRom = line.GetValue(_noRom),
                RomFile = line.GetValue(_romFile),
                LowMmioMebibytes = Read(line, _low),
                HighMmioMebibytes = Read(line, _high),
            }
            : request;
    }

    private static int? Read(ParseResult line, Option<string> option) =>
        line.GetValue(option) is null ? null : WholeNumber.Read(line, option);

    private static Option<string> Space(string name, string side) =>
        new(name)
        {
            Description =
                $"Hyper-V: the space for memory of devices that it is to have {side} 4 GiB, in MiB; what the devices take where it is left out.",
            HelpName = "MIB",
        };
}
