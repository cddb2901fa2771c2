using System.Runtime.CompilerServices;
using NestVirt.Hosts;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Questions;

/// <summary>A host's raw answers, as the bytes of a snapshot file.</summary>
/// <param name="Target">The host.</param>
/// <param name="Utf8">The file.</param>
public sealed record SnapshotDocument(HostTarget Target, ReadOnlyMemory<byte> Utf8);

/// <summary>Records every answer of a host.</summary>
/// <param name="platforms">The platforms that hosts may be of.</param>
/// <param name="reader">Asks the host.</param>
/// <param name="redact">Whether serial numbers, MAC addresses, host names and UUIDs are removed.</param>
internal sealed class SnapshotQuery(PlatformCatalog platforms, IProbeReader reader, bool redact)
    : IHostQuery<SnapshotDocument>
{
    /// <summary>Why an answer is not in a snapshot though the host gave it.</summary>
    internal const string MayHoldPasswords = "may hold passwords";

    /// <inheritdoc/>
    public async IAsyncEnumerable<SnapshotDocument> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        yield return await Judging
            .RunAsync(
                target,
                token =>
                    HostKinds.ReadAsync(
                        platforms.Of(target),
                        ProbesOf,
                        static probes => probes,
                        static _ => throw new System.Diagnostics.UnreachableException(),
                        (probes, stop) => reader.ReadAsync(target, probes, stop),
                        token
                    ),
                read => Write(target, read.Part, read.Answers),
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private HostProbe[] ProbesOf(IPlatform platform) => [.. platform.Probes, .. redact ? [] : platform.PlanProbes];

    private SnapshotDocument Write(HostTarget target, HostProbe[] probes, ProbeAnswers answers)
    {
        foreach (HostProbe probe in probes.Where(probe => probe.MayHoldSecrets(answers[probe].Text)))
        {
            LeaveOut(probe, answers);
        }

        HostSnapshot snapshot = new(target.Name, TimeProvider.System.GetUtcNow(), answers.All);
        return new SnapshotDocument(target, (redact ? SnapshotRedactor.Redact(snapshot) : snapshot).ToUtf8());
    }

    // That there is nothing is no secret, and a planner may go on with it.
    private static void LeaveOut(HostProbe probe, ProbeAnswers answers)
    {
        if (answers[probe] is { IsAvailable: true } answer && answer.Text.Trim().Length > 0)
        {
            answers.Set(probe.Name, new ProbeAnswer(string.Empty, $"they {MayHoldPasswords}"));
        }
    }
}
