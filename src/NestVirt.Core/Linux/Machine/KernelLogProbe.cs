using System.Text.RegularExpressions;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Linux.Machine;

/// <summary>
/// Reads the lines of the kernel's log that tell of virtualization: without root where the kernel allows it.
/// </summary>
internal static partial class KernelLogProbe
{
    // What drivers/pci/iov.c and drivers say when they make no virtual functions, and parse_args() of a word that a module lacks.
    private const string DevicePattern =
        "not enough mmio resources|sr-iov: |sr-?iov config|configure sr-iov|vfs (\\(bus|requested)"
        + "|while pf is down|parameter .max_vfs";

    // The first line of a log shows that nothing was overwritten, so that what is absent was never said.
    private const string Pattern =
        "linux version |(vmx|svm) \\(?(outside|inside|disabled|not )"
        + "|kvm.*(disabled by bios|no hardware support|kvm is unsupported)"
        + "|hypervisor detected: |paravirtualized kernel on |hyper-v: running |hypervisor services detected"
        + "|cpu(\\(s\\)|s)? started |all cpu\\(s\\) started|virtualization host extensions|kvm \\[[0-9]+\\]: "
        + "|nested virtualization enabled|sbi implementation id="
        + "|enabled irq remapping|amd-vi: interrupt remapping enabled"
        + "|(dmar|amd-vi): .*(broken; dmar|no drhd|parse dmar|no dmar dev|unable to map dmar|passes table end|validate drhd"
        + "|cannot get a valid|no supported address|failed to map dmar|invalid dmar|initialization failed"
        + "|ivrs (table error|invalid)|disable iommu on|supported when sme|failed to initialize( iommu|[.])|unsupported ivhd"
        + "|can not reserve memory region)|"
        + DevicePattern;

    private const string Read = $"""
        printf '@%s\n' dmesg
        if nv_feed kernellog; then dmesg; nv_feed; else dmesg | grep -E -i -- '{Pattern}'; fi
        """;

    /// <summary>Gets the probe that any account may ask. It starts a process or two where the kernel allows it, else none.</summary>
    /// <remarks>Of a tree it reads what a system or a support archive stored as the log of the last boot.</remarks>
    public static ShellProbe Probe { get; } =
        new(
            "kernellog",
            $$"""
            if [ -n "$NESTVIRT_ROOT" ]; then
              for f in "$NESTVIRT_ROOT"/var/log/dmesg "$NESTVIRT_ROOT"/sos_commands/kernel/dmesg; do
                if [ -f "$f" ] && [ -r "$f" ]; then printf '@%s\n' dmesg; grep -E -i -- '{{Pattern}}' "$f"; return 0; fi
              done
              return 0
            fi
            nv_read /proc/sys/kernel/dmesg_restrict || nv_value=0
            [ "$nv_value" = 0 ] || return 0
            {{Read}}
            """
        )
        {
            AwkFunction = $$"""function kernellog(line) { if (tolower(line) ~ /{{Pattern}}/) print line }""",
        };

    /// <summary>Gets the probe for root, which uses the other's awk function.</summary>
    public static ShellProbe PrivilegedProbe { get; } =
        new(
            "kernellogroot",
            $"""
            [ -z "$NESTVIRT_ROOT" ] || return 0
            nv_read /proc/sys/kernel/dmesg_restrict || nv_value=0
            [ "$nv_value" != 0 ] || return 0
            {Read}
            """
        )
        {
            NeedsRoot = true,
        };

    /// <summary>Reads what a host answered to both.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <returns>The lines.</returns>
    internal static KernelLog Parse(ProbeAnswers answers) => Parse(answers[Probe], answers[PrivilegedProbe]);

    /// <summary>Reads both answers.</summary>
    /// <param name="open">The answer that needs no root.</param>
    /// <param name="privileged">The answer for root.</param>
    /// <returns>The lines.</returns>
    internal static KernelLog Parse(ProbeAnswer open, ProbeAnswer privileged)
    {
        ILookup<bool, string> all = new[] { open.Text, privileged.Text }
            .SelectMany(static text => text.Split('\n'))
            .Where(static line => line is not ([] or ['@', ..]))
            .Select(WithoutTime)
            .ToLookup(static line => OfDevice().IsMatch(line));
        string[] lines = [.. all[false]];
        return new KernelLog(lines)
        {
            OfDevices = [.. all[true]],
            MissingReason =
                lines.Length > 0 ? null
                : privileged.UnavailableReason is string reason ? $"the kernel log: {reason}"
                : "the kernel log holds no line about it, or could not be read",
        };
    }

    // "[    0.123456] text", or "[Fri Nov 20 10:00:00 2026] text" of dmesg -T.
    private static string WithoutTime(string line)
    {
        int end = line.IndexOf("] ", StringComparison.Ordinal);
        return line[0] == '[' && end > 0 ? line[(end + 2)..].Trim() : line.Trim();
    }

    [GeneratedRegex(DevicePattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OfDevice();
}

/// <summary>The lines of the kernel's log that tell of virtualization, without their times.</summary>
/// <param name="Lines">The lines, in their order.</param>
internal sealed record KernelLog(IReadOnlyList<string> Lines)
{
    /// <summary>Gets the lines that tell why a device has no virtual functions.</summary>
    public IReadOnlyList<string> OfDevices { get; init; } = [];

    /// <summary>Gets why there are no lines, as a part of a sentence, or null.</summary>
    public string? MissingReason { get; init; }

    /// <summary>
    /// Gets a value indicating whether the log goes back to the boot, so that what it lacks was never said.
    /// </summary>
    public bool IsComplete => Lines.Any(IsFirst);

    /// <summary>Gets the lines but the first of a boot, which says nothing of virtualization.</summary>
    public IEnumerable<string> Telling => Lines.Where(static line => !IsFirst(line));

    /// <summary>Gets the first line that holds one of some texts, upper and lower case alike, or null.</summary>
    /// <param name="texts">The texts.</param>
    /// <returns>The line.</returns>
    public string? Find(params IEnumerable<string> texts) =>
        Lines.FirstOrDefault(line => texts.Any(text => line.Contains(text, StringComparison.OrdinalIgnoreCase)));

    private static bool IsFirst(string line) => line.StartsWith("Linux version ", StringComparison.Ordinal);
}
