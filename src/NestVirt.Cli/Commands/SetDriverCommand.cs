using System.CommandLine;
using NestVirt.Changes;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt set driver</c>: the driver of a PCI device.</summary>
internal sealed class SetDriverCommand()
    : ChangeCommand("driver", "Binds a PCI device to a driver, such as vfio-pci, or gives it back to the host.")
{
    private const string Host = "host";

    private readonly Option<string> _address = new("--address")
    {
        Description = "The device, such as 0000:01:00.0.",
        HelpName = "ADDRESS",
        Required = true,
    };

    private readonly Option<string> _driver = new("--driver")
    {
        Description = "The driver, such as vfio-pci; host is the one that the host chooses by itself.",
        HelpName = "NAME|host",
        CompletionSources = { "vfio-pci", Host },
        Required = true,
    };

    private readonly Option<bool> _wholeGroup = new("--whole-group")
    {
        Description = "Bind the other devices of its IOMMU group, too.",
    };

    private readonly Option<bool> _temporary = new("--temporary") { Description = "Only until the next boot." };

    /// <inheritdoc/>
    protected override IEnumerable<Option> Options => [_address, _driver, _wholeGroup, _temporary];

    /// <inheritdoc/>
    protected override ChangeRequest RequestOf(ParseResult line, List<string> words) =>
        new PciDriverRequest(line.GetValue(_address)!, line.GetValue(_driver) is Host ? null : line.GetValue(_driver))
        {
            WholeGroup = line.GetValue(_wholeGroup),
            IsTemporary = line.GetValue(_temporary),
        };
}
