using System.Globalization;
using NestVirt.Linux.Modprobe;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Sriov;

/// <summary>A line that has virtual functions made at boot.</summary>
/// <param name="Line">The line with its place, as path:number:text.</param>
internal sealed record SriovBootLine(string Line)
{
    /// <summary>What stands before the number in the file of our own unit.</summary>
    internal const string OwnKey = " count ";

    private const string CommandLine = "/proc/cmdline:";
    private const string InSysfs = "sriov_numvfs";

    private static readonly string[] s_parameters = ["max_vfs=", "num_vfs="];

    // The other keys with what may stand between them and the number.
    private static readonly (string Key, string Between)[] s_keys =
    [
        ("SR-IOVVirtualFunctions", "= "),
        ("virtual-function-count", ": \"'"),
        ("total-vfs", "= "),
        (OwnKey, " "),
    ];

    /// <summary>Gets the file.</summary>
    internal string Path => Line[..Line.IndexOf(':', StringComparison.Ordinal)];

    /// <summary>Gets a value indicating whether it is the kernel's command line.</summary>
    internal bool IsCommandLine => Line.StartsWith(CommandLine, StringComparison.Ordinal);

    private string Text { get; } =
        Line[(Line.IndexOf(':', Line.IndexOf(':', StringComparison.Ordinal) + 1) + 1)..].Trim();

    /// <summary>Gets a value indicating whether it is a parameter of a driver.</summary>
    internal bool IsParameter =>
        Text.Contains("max_vfs", StringComparison.Ordinal) || Text.Contains("num_vfs", StringComparison.Ordinal);

    /// <summary>Gets a value indicating whether it holds only under conditions, as a rule of udev.</summary>
    internal bool IsConditional => Text.Contains("==", StringComparison.Ordinal);

    // What a rule of udev compares the name of the device, or of its interface, with.
    private string? Kernel
    {
        get
        {
            const string Key = "KERNEL==\"";
            int at = Text.IndexOf(Key, StringComparison.Ordinal);
            int end = at < 0 ? -1 : Text.IndexOf('"', at + Key.Length);
            return end < 0 ? null : Text[(at + Key.Length)..end];
        }
    }

    /// <summary>Quotes what is about a device.</summary>
    /// <param name="device">The device.</param>
    /// <returns>The line with its place; of the command line, the word.</returns>
    internal string EvidenceOf(PciDevice device) =>
        HostText.ForDisplay(IsCommandLine ? $"{CommandLine} {WordOf(device)}" : Line, 200);

    /// <summary>Tells whether nothing reads the file.</summary>
    /// <param name="host">What the host shows.</param>
    /// <returns>True for files of sysfsutils where that is not installed.</returns>
    internal bool IsUnread(VirtualFunctionHost host) =>
        Line.StartsWith("/etc/sysfs.", StringComparison.Ordinal) && !host.HasSysfsutils;

    /// <summary>Tells whether the line is about a device.</summary>
    /// <param name="device">The device.</param>
    /// <returns>True and false where the line says so; null where it names no device, as in a script with a variable.</returns>
    internal bool? IsAbout(PciDevice device)
    {
        if (IsParameter)
        {
            // i915 and xe make as many as are asked for in sysfs, up to max_vfs; other drivers make as many when they are loaded.
            return device.Driver is not (null or "i915" or "xe") && ParameterOf(device) is not null;
        }

        return Text is [] or ['#' or ';', ..] ? false
            : Kernel is { } pattern
                ? device.InterfaceNames.Append(device.Address).Any(name => ShellPattern.IsMatch(pattern, name))
            : device.InterfaceNames.Append(device.Address).Any(Names) ? true
            : Text.Contains("0000:", StringComparison.Ordinal) || Text.Contains("/net/", StringComparison.Ordinal)
                ? false
            : null;
    }

    /// <summary>Gets how many functions a device is to have by the line.</summary>
    /// <param name="device">The device.</param>
    /// <returns>The number; null where the line does not have it.</returns>
    internal int? CountFor(PciDevice device)
    {
        if (IsParameter)
        {
            return ParameterOf(device) is { } word
                ? NumberIn(word[(word.IndexOf('=', StringComparison.Ordinal) + 1)..])
                : null;
        }

        int at = Text.LastIndexOf(InSysfs, StringComparison.Ordinal);
        if (at >= 0)
        {
            int echo = Math.Max(
                Text.LastIndexOf("echo ", at, StringComparison.Ordinal),
                Text.LastIndexOf("printf ", at, StringComparison.Ordinal)
            );
            return echo >= 0
                ? Written(Text[echo..at])
                : NumberIn(Text[(at + InSysfs.Length)..].TrimStart([.. "\"'}=- "]));
        }

        return s_keys
            .Select(key => (key.Between, At: Text.LastIndexOf(key.Key, StringComparison.Ordinal), key.Key.Length))
            .Where(static found => found.At >= 0)
            .Select(found => NumberIn(Text[(found.At + found.Length)..].TrimStart([.. found.Between])))
            .FirstOrDefault();
    }

    // A name inside of a longer one, as eth1 in eth10 and eth1.5, is another's.
    private bool Names(string name)
    {
        for (int at = 0; (at = Text.IndexOf(name, at, StringComparison.Ordinal)) >= 0; at++)
        {
            if (!IsOfName(at - 1) && !IsOfName(at + name.Length))
            {
                return true;
            }
        }

        return false;

        bool IsOfName(int index) =>
            index >= 0
            && index < Text.Length
            && (char.IsLetterOrDigit(Text[index]) || Text[index] is '_' or '-' or '.');
    }

    // "echo 4 >" and "printf '%s\n' 4 |": the last word before the shell's sign.
    private static int? Written(string text)
    {
        int end = text.AsSpan().IndexOfAny('>', '|');
        string[] words = end < 0 ? [] : text[..end].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Length < 2 ? null : NumberIn(words[^1].Trim('"', '\''));
    }

    private static int? NumberIn(string text)
    {
        int end = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(
            end < 0 ? text : text[..end],
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out int count
        )
            ? count
            : null;
    }

    private string? WordOf(PciDevice device) =>
        Text.Split((char[]?)null).FirstOrDefault(word => IsParameterOf(word, device)) ?? ParameterOf(device);

    // "ixgbe.max_vfs=3" on the command line; "options ixgbe max_vfs=3" and "modprobe ixgbe max_vfs=3" elsewhere.
    private string? ParameterOf(PciDevice device)
    {
        string[] words = Text is ['#' or ';', ..]
            ? []
            : Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return IsCommandLine ? words.LastOrDefault(word => IsParameterOf(word, device))
            : words.Any(word => IsDriver(word, device))
                ? words.LastOrDefault(static word =>
                    s_parameters.Any(name => word.StartsWith(name, StringComparison.Ordinal))
                )
            : null;
    }

    private static bool IsParameterOf(string word, PciDevice device)
    {
        int dot = word.IndexOf('.', StringComparison.Ordinal);
        return dot > 0
            && IsDriver(word[..dot], device)
            && s_parameters.Any(name => word.AsSpan(dot + 1).StartsWith(name, StringComparison.Ordinal));
    }

    private static bool IsDriver(string word, PciDevice device) =>
        device.Driver is { } driver && ModprobeFile.Normalize(word) == ModprobeFile.Normalize(driver);
}
