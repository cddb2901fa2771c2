using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux.Iommu;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Questions;
using NestVirt.Sessions;
using NestVirt.Transport;

namespace NestVirt.Client;

/// <summary>Makes the queries that front ends run: over every platform, and every way to reach a host.</summary>
public static class HostQueries
{
    /// <summary>Makes what puts a question to hosts.</summary>
    /// <typeparam name="T">The type of a result.</typeparam>
    /// <param name="question">The question.</param>
    /// <returns>The query.</returns>
    public static IHostQuery<T> Ask<T>(Question<T> question) =>
        new HostQuery<T>(question, Platforms.Default, ProbeReader.Default);

    /// <summary>Reads answers that are there already.</summary>
    /// <typeparam name="T">The type of a result.</typeparam>
    /// <param name="question">The question.</param>
    /// <param name="answers">The answers.</param>
    /// <param name="target">The host that they are of.</param>
    /// <returns>The results; none where the host's platform has no answer to the question.</returns>
    public static IEnumerable<T> Read<T>(Question<T> question, ProbeAnswers answers, HostTarget target) =>
        HostKinds.Choose(Platforms.Default.Of(target), answers).Find(question)?.Read(answers, target) ?? [];

    /// <summary>Makes what compares the IOMMU groups of hosts with those of an earlier look.</summary>
    /// <param name="reference">The earlier look: a snapshot, or a host.</param>
    /// <returns>The query.</returns>
    public static IHostQuery<IommuDifference> CompareIommuGroups(HostTarget reference) =>
        new IommuDifferenceQuery(Ask(HostQuestions.IommuGroups), reference);

    /// <summary>Makes what records hosts.</summary>
    /// <param name="redact">Whether serial numbers, MAC addresses, host names and UUIDs are removed.</param>
    /// <returns>The query.</returns>
    public static IHostQuery<SnapshotDocument> Record(bool redact) =>
        new SnapshotQuery(Platforms.Default, ProbeReader.Default, redact);

    /// <summary>Makes what opens a session on hosts.</summary>
    /// <param name="idleTimeout">How long nothing may be asked in a session before it is closed.</param>
    /// <param name="name">What the user calls the sessions; null for the names of their hosts.</param>
    /// <returns>The query; whoever takes a session ends it.</returns>
    public static IHostQuery<NestSession> OpenSession(TimeSpan idleTimeout, string? name = null) =>
        new SessionQuery(HostConnector.Default, new SessionOptions(idleTimeout) { Name = name });

    /// <summary>Makes what tells which step on the way to hosts stands.</summary>
    /// <returns>The query; a host that cannot be reached is a result of it.</returns>
    public static IHostQuery<ConnectionCheck> CheckConnection() => new ConnectionQuery(HostConnector.Default);

    /// <summary>Makes what reads the journals of hosts.</summary>
    /// <returns>The query.</returns>
    public static IHostQuery<JournalEntry> ReadJournal() => new JournalQuery(Platforms.Default);
}
