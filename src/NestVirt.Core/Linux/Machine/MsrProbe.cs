using System.Globalization;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Linux.Machine;

/// <summary>
/// Reads, as root, the registers by which firmware turns the extension off: IA32_FEATURE_CONTROL (0x3a) on Intel,
/// VM_CR (0xc0010114) on AMD; and the CPUID word that says whether the silicon has it.
/// </summary>
internal static class MsrProbe
{
    /// <summary>
    /// Gets the probe. It starts two processes where the msr and cpuid modules are loaded, and loads none.
    /// </summary>
    /// <remarks>
    /// The offset in /dev/cpu/N/msr is the register's number, in /dev/cpu/N/cpuid the leaf's. od seeks there and, with
    /// -N,
    /// reads unbuffered, so that it asks for exactly this one.
    /// </remarks>
    public static ShellProbe Probe { get; } =
        new(
            "msr",
            """
            [ -z "$NESTVIRT_ROOT" ] || return 0
            register=
            { while IFS= read -r line; do
              case $line in
              vendor_id*Intel*|vendor_id*Centaur*|vendor_id*Shanghai*) register=58; leaf=1; break;;
              vendor_id*AMD*|vendor_id*Hygon*) register=3221291284; leaf=2147483649; break;;
              flags*|'') break;;
              esac
            done < /proc/cpuinfo; } 2>/dev/null
            [ -n "$register" ] || return 0
            # A CPU that is offline has no folder.
            for c in /dev/cpu/[0-9]*; do
              if [ -r "$c"/msr ] || [ -r "$c"/cpuid ]; then break; fi
            done
            printf 'number\t%s\n' "${c##*/}"
            if [ -r "$c"/msr ]; then
              printf 'msr\t%s\n' "$(od -An -tx8 -j "$register" -N 8 "$c"/msr 2>/dev/null)"
            else
              printf 'absent\tmsr\n'
            fi
            if [ -r "$c"/cpuid ]; then
              printf 'cpuid\t%s\n' "$(od -An -tx4 -j "$leaf" -N 16 "$c"/cpuid 2>/dev/null)"
            fi
            """
        )
        {
            NeedsRoot = true,
        };

    /// <summary>Reads the probe's answer.</summary>
    /// <param name="answer">The answer.</param>
    /// <returns>The registers; null for what could not be read.</returns>
    /// <exception cref="ProbeFormatException">A line cannot be read.</exception>
    internal static MsrReading Parse(ProbeAnswer answer)
    {
        ProbeListing listing = ProbeListing.Parse(Probe.Name, answer.Text);
        string[] words = (listing.Fact("cpuid") ?? string.Empty).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new MsrReading(ReadHex(listing.Fact("msr")), words.Length == 4 ? (uint?)ReadHex(words[2]) : null)
        {
            Cpu = int.TryParse(listing.Fact("number"), NumberStyles.None, CultureInfo.InvariantCulture, out int cpu)
                ? cpu
                : 0,
            MissingReason =
                "the control register: "
                + (
                    answer.UnavailableReason
                    ?? (listing.Fact("absent") is null ? "it could not be read" : "the msr module is not loaded")
                ),
        };
    }

    private static ulong? ReadHex(string? text) =>
        ulong.TryParse(text?.Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value)
            ? value
            : null;
}

/// <summary>The control register and the CPUID word of one CPU.</summary>
/// <param name="Control">The register, or null when it could not be read.</param>
/// <param name="FeatureWord">ECX of the leaf that has the extension's bit, or null.</param>
internal sealed record MsrReading(ulong? Control, uint? FeatureWord)
{
    /// <summary>Gets the number of the CPU: the first that is online.</summary>
    public int Cpu { get; init; }

    /// <summary>Gets why the register is missing where it is, as a part of a sentence.</summary>
    public required string MissingReason { get; init; }
}
