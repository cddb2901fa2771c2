using NestVirt.Hosts;
using NestVirt.HyperV;
using NestVirt.Probing;
using NestVirt.Questions;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Tests.Client;

/// <summary>Asks a stand-in all that is asked of a Hyper-V host, over WS-Management, and reads it.</summary>
internal sealed class HyperVAnswers
{
    private static readonly HyperVPlatform s_platform = new();

    private HyperVAnswers(ProbeAnswers answers, IReadOnlyList<StandInRequest> requests) =>
        (Answers, Requests) = (answers, requests);

    internal ProbeAnswers Answers { get; }

    internal IReadOnlyList<StandInRequest> Requests { get; }

    internal static async Task<HyperVAnswers> AskAsync(HyperVMachine machine, Action<StandInOptions>? set = null)
    {
        await using ClientHost client = await ClientHost.OverHttpAsync(machine, set: set);
        ProbeAnswers answers = await CimAnswers.AskAsync(
            client.Session,
            [.. s_platform.Probes.Cast<CimProbe>()],
            TestContext.Current.CancellationToken
        );
        return new HyperVAnswers(answers, [.. client.Host.Requests]);
    }

    internal IReadOnlyList<T> Read<T>(Question<T> question, HostTarget? target = null) =>
        [.. s_platform.Find(question)!.Read(Answers, target ?? new HostTarget("hv1", new SnapshotAddress("hv1.json")))];
}
