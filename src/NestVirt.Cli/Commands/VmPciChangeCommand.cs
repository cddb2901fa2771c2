using System.CommandLine;
using NestVirt.Changes;
using NestVirt.Cli.Hosting;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt add vm-pci</c> and <c>nestvirt remove vm-pci</c>: PCI devices of Hyper-V hosts in virtual machines.</summary>
/// <param name="add">Which of them.</param>
internal sealed class VmPciChangeCommand(bool add)
    : ChangeCommand(
        "vm-pci",
        add
            ? "Gives PCI devices of a Hyper-V host to one of its virtual machines."
            : "Takes PCI devices back from a virtual machine of a Hyper-V host, for the host to use."
    )
{
    private readonly Option<string> _vm = new("--vm")
    {
        Description = add
            ? "The virtual machine that gets them, by name or id."
            : "The one that has them, by name or id.",
        HelpName = "NAME",
    };

    private readonly Option<string> _low = Space("--low-mmio", "below");

    private readonly Option<string> _high = Space("--high-mmio", "above");

    /// <inheritdoc/>
    protected override bool RestartsGuests => true;

    /// <inheritdoc/>
    protected override IEnumerable<Option> Options => add ? [_vm, _low, _high] : [_vm];

    /// <inheritdoc/>
    protected override Argument<string[]> Words { get; } =
        new("WORD")
        {
            Description =
                "[HOST…] DEVICE…: addresses, location paths or instance paths, such as: wsman:hv1 0000:01:00.0",
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
                $"Type: nestvirt {(add ? "add" : "remove")} vm-pci [HOST…] DEVICE… --vm NAME, where a device is an address such as 0000:01:00.0, a location path or an instance path."
            );
        }

        words.RemoveAll(VmPciDeviceRequest.IsDevice);
        return new VmPciDeviceRequest(vm, devices, add)
        {
            LowMmioMebibytes = Read(line, _low),
            HighMmioMebibytes = Read(line, _high),
        };
    }

    private static int? Read(ParseResult line, Option<string> option) =>
        line.CommandResult.Command.Options.Contains(option) && line.GetValue(option) is not null
            ? WholeNumber.Read(line, option)
            : null;

    private static Option<string> Space(string name, string side) =>
        new(name)
        {
            Description =
                $"The space for memory of devices that it is to have {side} 4 GiB, in MiB; what the devices take where it is left out.",
            HelpName = "MIB",
        };
}
