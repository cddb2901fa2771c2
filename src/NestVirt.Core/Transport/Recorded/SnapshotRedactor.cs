using NestVirt.Transport.Cim;

namespace NestVirt.Transport.Recorded;

/// <summary>Removes from a snapshot what identifies a machine, its network or the people on it.</summary>
/// <remarks>
/// Each thing gets the same stand-in wherever it stands, so that what belonged together still does: a MAC address in a
/// name, an address and the route that leads to it, a UUID on a command line and in a file's name. Names that people chose
/// (of guests, volume groups, mount points) stay, unless they hold the host's name; in answers of CIM and in those of libvirt those of guests go.
/// </remarks>
internal static class SnapshotRedactor
{
    private const string HostStandIn = "redacted";
    private const string ConfigSpaces = "pciconfig";

    // Answers without free text, in which a word that is also a host's name means something else.
    private static readonly HashSet<string> s_structured = ["cpu", "kvm", "msr", ConfigSpaces, "pcinames", "topology"];

    /// <summary>Replaces serial numbers, MAC addresses, host names, UUIDs and the addresses of machines.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <returns>A snapshot that every query answers alike, but for names.</returns>
    public static HostSnapshot Redact(HostSnapshot snapshot)
    {
        TextRedaction redaction = new(snapshot.HostName);
        CimRedaction instances = new(redaction);
        instances.Learn(snapshot.Answers.Values);
        DomainRedaction domains = new();
        SortedList<string, ProbeAnswer> answers = new(StringComparer.Ordinal);
        foreach ((string name, ProbeAnswer answer) in snapshot.Answers)
        {
            if (CimXml.IsInstances(answer.Text))
            {
                answers[name] = instances.Redact(answer);
                continue;
            }

            bool isFreeText = !s_structured.Contains(name);
            answers[name] = new ProbeAnswer(
                name == ConfigSpaces
                    ? ConfigSerials.Remove(answer.Text)
                    : redaction.Redact(domains.Redact(name, answer.Text), isFreeText),
                answer.UnavailableReason is { } reason ? WithoutNames(reason, isFreeText) : null
            );
        }

        return snapshot with
        {
            HostName = HostStandIn,
            Answers = answers,
        };

        string WithoutNames(string reason, bool isFreeText)
        {
            (string beginning, string rest) = CimReasons.Split(reason);
            return beginning + instances.RedactNames(redaction.Redact(rest, isFreeText));
        }
    }
}
