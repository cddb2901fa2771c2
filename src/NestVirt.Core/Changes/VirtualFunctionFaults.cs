using System.Globalization;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Changes;

/// <summary>Tells which settings of a virtual function can be asked for, whatever the host.</summary>
internal static class VirtualFunctionFaults
{
    // 802.1Q reserves 4095, though the kernel takes it.
    private const int HighestVlan = 4094;
    private const int HighestPriority = 7;
    private const int ShownLength = 40;

    /// <summary>Gets the settings, by the words of <c>ip link set DEV vf N</c> and in an order that it takes: qos only behind vlan.</summary>
    internal static IReadOnlyList<string> Names { get; } = ["mac", "vlan", "qos", "spoofchk", "state", "trust"];

    /// <summary>Finds what is wrong with settings.</summary>
    /// <param name="settings">The settings and their values.</param>
    /// <returns>The faults.</returns>
    internal static IEnumerable<Finding> Of(IReadOnlyDictionary<string, string> settings)
    {
        foreach ((string name, string value) in settings)
        {
            if (!Names.Contains(name))
            {
                yield return Fault(
                    FindingCodes.SettingUnknown,
                    $"There is no setting {HostText.ForDisplay(name, ShownLength)} of virtual functions.",
                    $"Name one of {string.Join(", ", Names)}."
                );
            }
            else if (Expectation(name, value.ToLowerInvariant()) is { } expectation)
            {
                yield return Fault(
                    FindingCodes.SettingInvalid,
                    $"{name} cannot be '{HostText.ForDisplay(value, ShownLength)}'.",
                    $"Give {expectation}."
                );
            }
        }
    }

    /// <summary>Tells whether a word is a MAC address of one device: the lowest bit of the first byte is that of groups.</summary>
    /// <param name="value">The word.</param>
    /// <returns>True if it is.</returns>
    internal static bool IsMac(string value)
    {
        string[] bytes = value.Split(':');
        return bytes.Length == 6
            && bytes.All(static word => word.Length == 2 && word.All(char.IsAsciiHexDigit))
            && (Convert.ToByte(bytes[0], 16) & 1) == 0;
    }

    // What a setting takes; null when the value is of that kind.
    private static string? Expectation(string name, string value) =>
        name switch
        {
            "mac" => IsMac(value) ? null : "an address of one device, such as 02:00:00:12:34:56",
            "vlan" => IsNumber(value, HighestVlan) ? null : "a number from 1 to 4094, or 0 for none",
            "qos" => IsNumber(value, HighestPriority) ? null : "a number from 0 to 7",
            "state" => value is "auto" or "enable" or "disable" ? null : "auto, enable or disable",
            _ => value is "on" or "off" ? null : "on or off",
        };

    private static bool IsNumber(string value, int highest) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        && number <= highest
        && value == number.ToString(CultureInfo.InvariantCulture);

    private static Finding Fault(string code, string sentence, string remedy) =>
        new(code, Severity.Error, sentence) { Remedy = remedy };
}
