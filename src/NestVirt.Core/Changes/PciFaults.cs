using NestVirt.Guidance;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Changes;

/// <summary>Tells which devices and drivers can be asked for, whatever the host.</summary>
internal static class PciFaults
{
    private const int LongestName = 60;

    /// <summary>Reads an address as people write it.</summary>
    /// <param name="text">The address; its domain may be left out where it is 0.</param>
    /// <returns>The address; null if it is none.</returns>
    internal static PciAddress? Read(string text)
    {
        string word = text.Trim();
        return PciAddress.TryParse(
            word.Count(static character => character == ':') == 1 ? $"0000:{word}" : word,
            out PciAddress address
        )
            ? address
            : null;
    }

    /// <summary>Finds what is wrong with an address.</summary>
    /// <param name="text">The address.</param>
    /// <returns>The fault, or none.</returns>
    internal static IEnumerable<Finding> OfAddress(string text)
    {
        if (Read(text) is null)
        {
            yield return new Finding(
                FindingCodes.AddressInvalid,
                Severity.Error,
                $"'{HostText.ForDisplay(text, LongestName)}' is no PCI address."
            )
            {
                Remedy = Advice.Of(
                    $"Write it as 0000:01:00.0, as the addresses of a host are listed: {OwnCommand.ListPciDevices}."
                ),
            };
        }
    }

    /// <summary>Finds what is wrong with the name of a driver.</summary>
    /// <param name="name">The name; null for the host's own choice.</param>
    /// <returns>The fault, or none.</returns>
    internal static IEnumerable<Finding> OfDriver(string? name)
    {
        if (
            name is not null
            && (
                name.Length is 0 or > LongestName
                || name[0] == '-'
                || !name.All(static character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_')
            )
        )
        {
            yield return new Finding(
                FindingCodes.DriverInvalid,
                Severity.Error,
                $"'{HostText.ForDisplay(name, LongestName)}' is no name of a driver."
            )
            {
                Remedy = "A name has letters, digits, dashes and underscores, such as vfio-pci.",
            };
        }
    }
}
