using System.Text;
using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux;
using NestVirt.Linux.Worker;
using NestVirt.Probing;
using NestVirt.Questions;
using NestVirt.Transport.Recorded;

namespace NestVirt.Fuzz;

/// <summary>All that is made of the answers of a host: each question, each plan, the journal and a redacted copy.</summary>
internal static class HostTargets
{
    private static readonly LinuxPlatform s_platform = new();
    private static readonly HostTarget s_target = HostTarget.Snapshot("/host.json");

    /// <summary>Makes the targets.</summary>
    /// <param name="hosts">The hosts to begin with.</param>
    internal static IEnumerable<FuzzTarget> Make(IReadOnlyDictionary<string, HostSnapshot> hosts)
    {
        ILookup<string, string> seeds = hosts
            .SelectMany(static host =>
                host.Value.Answers.Where(static answer => answer.Value.IsAvailable)
                    .Select(answer => (Probe: answer.Key, Text: $"{host.Key}\n{answer.Value.Text}"))
            )
            .ToLookup(static seed => seed.Probe, static seed => seed.Text);
        foreach (
            HostProbe probe in s_platform.Probes.Concat(s_platform.PlanProbes).DistinctBy(static probe => probe.Name)
        )
        {
            string[] texts = [.. seeds[probe.Name].Distinct()];
            if (texts.Length > 0)
            {
                yield return new FuzzTarget($"host-{probe.Name}", texts, text => Answer(hosts, probe.Name, text))
                {
                    HasHeader = true,
                };
            }
        }

        yield return new FuzzTarget(
            "journal",
            [
                "running\tyes\n@/var/lib/nestvirt/journal/1/plan.json\n|{}\n@/var/lib/nestvirt/journal/1/state\n|applied\n",
                "functions\t0000:01:00.0 16 1 63\n@/var/lib/nestvirt/journal/1/when\n|2026-01-01T00:00:00Z boot\n",
            ],
            static text =>
            {
                ProbeAnswers answers = new();
                answers.Set(JournalProbe.Probe.Name, new ProbeAnswer(text));
                _ = JournalProbe.Read(s_target, answers).Count;
            }
        );
        yield return new FuzzTarget(
            "snapshot",
            [
                .. hosts
                    .Values.Select(static host => Encoding.UTF8.GetString(host.ToUtf8().Span))
                    .Where(static text => text.Length < 32_768),
            ],
            static text => SnapshotRedactor.Redact(HostSnapshot.Parse(Encoding.UTF8.GetBytes(text)))
        );
    }

    private static void Answer(IReadOnlyDictionary<string, HostSnapshot> hosts, string probe, string text)
    {
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        if (end < 0 || !hosts.TryGetValue(text[..end], out HostSnapshot? host))
        {
            return;
        }

        ProbeAnswers answers = new(host.Answers);
        answers.Set(probe, new ProbeAnswer(text[(end + 1)..]));
        Ask(HostQuestions.Support, answers, probe);
        Ask(HostQuestions.IommuGroups, answers, probe);
        Ask(HostQuestions.PciDevices, answers, probe);
        Ask(HostQuestions.SriovDevices, answers, probe);
        Ask(HostQuestions.KvmModules, answers, probe);
        foreach (ChangeRequest request in Requests())
        {
            Plan(request, answers, probe);
        }

        _ = SnapshotRedactor.Redact(new HostSnapshot("host", DateTimeOffset.UnixEpoch, answers.All));
    }

    private static void Ask<T>(Question<T> question, ProbeAnswers answers, string probe)
    {
        PlatformAnswer<T> answer = s_platform.Find(question)!;
        if (answer.Probes.Any(asked => asked.Name == probe))
        {
            Ours(() =>
            {
                foreach (T result in answer.Read(answers.Only(answer.Probes), s_target))
                {
                    _ = result?.ToString();
                }
            });
        }
    }

    private static void Plan(ChangeRequest request, ProbeAnswers answers, string probe)
    {
        ChangePlanner planner = s_platform.FindPlanner(request)!;
        if (planner.Probes.Any(asked => asked.Name == probe))
        {
            Ours(() =>
            {
                ChangePlan plan = planner.Plan(s_target, request, answers.Only(planner.Probes));
                string written = PlanDocument.Write(plan);
                if (PlanDocument.Read(PlanDocument.Write(plan), "plan").Fingerprint != PlanDocument.Fingerprint(plan))
                {
                    throw new BrokenPromiseException("a plan is read back as another");
                }

                _ = ChangeScript.Apply(plan, "fuzz", allowSudo: false);
            });
        }
    }

    // Each question and plan is asked, whatever became of the one before.
    private static void Ours(Action action)
    {
        try
        {
            action();
        }
        catch (NestVirtException)
        {
            // The refusal that callers expect.
        }
    }

    private static IEnumerable<ChangeRequest> Requests() =>
        [
            new NestingRequest(Enable: true),
            new NestingRequest(Enable: false) { ReplaceConflict = true, StopGuests = true },
            new ModuleParameterRequest("kvm_intel", new Dictionary<string, string> { ["ept"] = "1" })
            {
                ReplaceConflict = true,
            },
            new HugePageRequest(2048, 16),
            new HugePageRequest(1048576, 2) { Node = 0 },
            new KernelParameterRequest(["intel_iommu=on", "hugepagesz=1G", "hugepages=2"], ["quiet", "nosmt"])
            {
                ReplaceConflict = true,
            },
            new IommuRequest(Enable: true) { Passthrough = true },
            new IommuRequest(Enable: false),
            new PciDriverRequest("0000:01:00.0", "vfio-pci"),
            new PciDriverRequest("0000:01:00.0", null),
            new VirtualFunctionRequest("0000:01:00.0", 2),
            new VirtualFunctionRequest("0000:01:00.0", 0),
        ];
}
