using NestVirt.Changes;
using NestVirt.Probing;

namespace NestVirt.Linux.Machine;

/// <summary>Reads which machine a host is, and which boot of it this is; starts no program.</summary>
internal static class HostIdentityProbe
{
    private const string Name = "identity";

    /// <summary>Gets the probe.</summary>
    public static ShellProbe Probe { get; } =
        new(
            Name,
            """
            for f in /etc/machine-id /proc/sys/kernel/random/boot_id /proc/sys/kernel/osrelease; do
              nv_read "$NESTVIRT_ROOT$f" || nv_value=
              printf '%s\t%s\n' "${f##*/}" "$nv_value"
            done
            """
        );

    /// <summary>Reads what the probe printed.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <returns>The machine.</returns>
    /// <exception cref="ProbeFormatException">A line is not of the probe's form.</exception>
    public static HostIdentity Read(ProbeAnswers answers)
    {
        ProbeListing listing = ProbeListing.Parse(Name, answers[Probe].Text);
        return new HostIdentity(
            listing.Fact("machine-id") ?? string.Empty,
            listing.Fact("boot_id") ?? string.Empty,
            listing.Fact("osrelease") ?? string.Empty
        );
    }
}
