using System.Globalization;
using NestVirt.Linux.Kvm;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Linux.Guests;

/// <summary>What KVM has counted of a guest that runs.</summary>
/// <param name="RunCount">How often a nested guest was entered; null where the kernel does not count, or does not tell.</param>
/// <param name="IsInside">Whether a processor was inside of a nested guest at that moment; null where the kernel does not tell.</param>
internal sealed record GuestUse(long? RunCount, bool? IsInside)
{
    /// <summary>Gets whether a nested guest has run since the process of the guest was started; null where that is not known.</summary>
    internal bool? WasUsed =>
        IsInside == true ? true
        : RunCount is { } count ? count > 0
        : null;

    /// <summary>Reads what is told of libvirt's guests.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <returns>By the names of the guests; nothing where nobody could look.</returns>
    /// <exception cref="ProbeFormatException">A line is not of the probe's form.</exception>
    internal static IReadOnlyDictionary<string, GuestUse> Read(ProbeAnswers answers)
    {
        ProbeAnswer answer = answers[GuestUseProbe.Probe];
        Dictionary<string, GuestUse> byGuest = new(StringComparer.Ordinal);
        if (!answer.IsAvailable)
        {
            return byGuest;
        }

        ILookup<string, GuestUse> byProcess = ProbeListing
            .Parse(GuestUseProbe.Name, answer.Text)
            .Facts.Where(static fact => fact.Name == GuestUseProbe.Fact)
            .Select(static fact => fact.Value.Split('\t'))
            .Where(static words => words.Length == 3)
            .ToLookup(static words => words[0].Split('-')[0], Of, StringComparer.Ordinal);
        foreach (KvmUser user in KvmUsersProbe.Read(answers) ?? [])
        {
            if (user.Guest is { } guest && byProcess[user.ProcessId].ToArray() is { Length: > 0 } machines)
            {
                byGuest[guest] = machines.Aggregate(Join);
            }
        }

        return byGuest;
    }

    private static GuestUse Of(string[] words)
    {
        long? inside = Number(words[2]);
        return new GuestUse(Number(words[1]), inside is null ? null : inside > 0);
    }

    private static GuestUse Join(GuestUse one, GuestUse other) =>
        new(
            one.RunCount + other.RunCount,
            one.IsInside == true || other.IsInside == true ? true
                : one.IsInside is null || other.IsInside is null ? null
                : false
        );

    private static long? Number(string word) =>
        long.TryParse(word.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
