using NestVirt.Hosts;
using NestVirt.Linux.Kvm;
using NestVirt.Probing;
using NestVirt.Text;
using NestVirt.Transport.Recorded;

namespace NestVirt.Linux.Guests;

/// <summary>Tells why the guests of a host are not known, where they are not: never by an empty list.</summary>
internal static class LibvirtAccess
{
    // The exit status of timeout(1).
    private const string TimeIsUp = "124";

    /// <summary>Reads the guests of a host that must have told of them.</summary>
    /// <param name="answers">Its answers.</param>
    /// <param name="target">The host.</param>
    /// <returns>What libvirt said.</returns>
    /// <exception cref="NestVirtException">It has no libvirt, which does not answer, or which does not let the account in.</exception>
    internal static LibvirtFacts Require(ProbeAnswers answers, HostTarget target)
    {
        ProbeAnswer answer = answers[LibvirtProbe.Probe];
        if (!answer.IsAvailable)
        {
            throw new NestVirtException(
                target.IsRecorded ? NestVirtErrorKind.SnapshotInvalid : NestVirtErrorKind.FeatureNotSupported,
                $"Which guests the host has is not known: {answer.UnavailableReason}."
            )
            {
                Remedy = target.IsRecorded ? "Make the snapshot again with this release." : null,
            };
        }

        LibvirtFacts facts = answers.Read(LibvirtFacts.Reading);
        return !facts.WasAsked
                ? throw new NestVirtException(
                    NestVirtErrorKind.FeatureNotSupported,
                    "Which guests the host has is not known: in a directory tree runs no libvirt that could be asked."
                )
                {
                    Remedy = "Ask the live host.",
                }
            : !facts.HasClient ? throw Absent(facts, answers)
            : facts.Status != "0" ? throw Silent(facts, answers)
            : facts;
    }

    /// <summary>Finds the guests that run without libvirt's system daemon.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <returns>The processes; none where nobody could look.</returns>
    internal static IReadOnlyList<KvmUser> Others(ProbeAnswers answers) =>
        [.. KvmUsersProbe.Read(answers)?.Where(static user => user is { HasMachine: true, Guest: null }) ?? []];

    private static NestVirtException Absent(LibvirtFacts facts, ProbeAnswers answers) =>
        new(
            NestVirtErrorKind.FeatureNotSupported,
            facts.Socket is null
                ? $"The host has no libvirt, by which guests are listed.{Running(answers)}"
                : $"The host has libvirt's daemon ({facts.Socket}), and not virsh, by which guests are listed."
        )
        {
            Remedy =
                "Where guests are run by libvirt, install its client: libvirt-clients on Debian, libvirt-client on Fedora and SUSE.",
        };

    private static NestVirtException Silent(LibvirtFacts facts, ProbeAnswers answers)
    {
        string said =
            facts.Errors.Count == 0 ? string.Empty : $": {HostText.ForDisplay(string.Join(' ', facts.Errors), 300)}";
        bool isRefused = facts.Errors.Any(static error =>
            error.Contains("ermission denied", StringComparison.Ordinal)
            || error.Contains("authentication", StringComparison.Ordinal)
            || error.Contains("access denied", StringComparison.Ordinal)
        );
        return isRefused
                ? new(
                    NestVirtErrorKind.HostPermissionDenied,
                    $"libvirt does not let the account see the guests of the host{said}"
                )
                {
                    Remedy = "Make the account a member of the group libvirt, or ask as root.",
                }
            : facts.Status == TimeIsUp
                ? new(NestVirtErrorKind.HostTimeout, "libvirt's daemon did not answer within 25 seconds.")
                {
                    Remedy = "Look what it is doing: systemctl status libvirtd virtqemud",
                }
            : new(
                NestVirtErrorKind.FeatureNotSupported,
                $"libvirt's system daemon for QEMU does not answer{said}{Running(answers)}"
            )
            {
                Remedy =
                    "Where guests are run by libvirt, start it: systemctl start libvirtd, or virtqemud.socket where there is that.",
            };
    }

    private static string Running(ProbeAnswers answers) =>
        Others(answers) is { Count: > 0 } others
            ? $" Guests run all the same, which cannot be told of: {WordList.Short([.. others.Select(static user => user.ToString())])}."
            : string.Empty;
}
