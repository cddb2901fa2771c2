using NestVirt.HyperV.Machine;
using NestVirt.Probing;
using NestVirt.Transport.Cim;
using NestVirt.Transport.Recorded;

namespace NestVirt.HyperV.VirtualMachines;

/// <summary>The VMs of a host, joined from the answers to all queries.</summary>
/// <param name="VMs">The VMs, in the order in which the host has them.</param>
/// <param name="RunningJobCount">How many jobs have not ended; null when that was not told.</param>
internal sealed record VMInventory(IReadOnlyList<VMFacts> VMs, int? RunningJobCount)
{
    private const string Prefix = "Microsoft:";
    private const int IdLength = 36;

    /// <summary>Gets the reading.</summary>
    internal static ProbeReading<VMInventory> Reading { get; } = new(VMProbes.All, Read);

    /// <summary>Reads the VMs of a host that must have told of them.</summary>
    /// <param name="answers">Its answers.</param>
    /// <returns>The VMs; none where it has none.</returns>
    /// <exception cref="NestVirtException">It has no Hyper-V, or the account may not see its VMs.</exception>
    internal static VMInventory Require(ProbeAnswers answers)
    {
        ProbeAnswer systems = answers[VMProbes.Systems];
        if (CimAnswers.IsMissing(systems))
        {
            throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                $"The host has no Hyper-V that answers: {systems.UnavailableReason!.TrimEnd('.')}."
            )
            {
                Remedy = "Ask what the host supports: that says whether the role is installed.",
            };
        }

        if (!systems.IsAvailable)
        {
            throw Untold.Of(systems, "What VMs the host has");
        }

        // It is unproven, if field-tested, that an account without the right gets no rows in the place of a refusal.
        return CimAnswers.Read(answers, VMProbes.Systems).Count > 0
            ? answers.Read(Reading)
            : throw new NestVirtException(
                NestVirtErrorKind.HostPermissionDenied,
                "What VMs the host has cannot be told: it shows the account not even itself."
            )
            {
                Remedy = Untold.Account,
            };
    }

    /// <summary>Gets the VM that an instance belongs to.</summary>
    /// <param name="instanceId">The InstanceID, as in <c>Microsoft:GUID\…</c>.</param>
    /// <returns>What names the VM, or the checkpoint; null for a template, whose InstanceID has a word in that place.</returns>
    internal static Guid? OwnerOf(string? instanceId) =>
        instanceId is { Length: >= 46 }
        && instanceId.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
        && (instanceId.Length == Prefix.Length + IdLength || instanceId[Prefix.Length + IdLength] == '\\')
        && Guid.TryParseExact(instanceId.AsSpan(Prefix.Length, IdLength), "D", out Guid id)
            ? id
            : null;

    private static VMInventory Read(ProbeAnswers answers)
    {
        ILookup<Guid, CimInstance> settings = ByOwner(answers, VMProbes.Settings);
        ILookup<Guid, CimInstance> resources = ByOwner(answers, VMProbes.Resources);
        ILookup<Guid, CimInstance> ports = ByOwner(answers, VMProbes.Ports);
        ILookup<Guid, CimInstance> security = ByOwner(answers, VMProbes.Security);
        bool knowsResources = answers[VMProbes.Resources].IsAvailable;
        bool knowsPorts = answers[VMProbes.Ports].IsAvailable;
        string unread = string.Join(
            ' ',
            new[] { VMProbes.Settings, VMProbes.Resources, VMProbes.Ports, VMProbes.Security }
                .Select(probe => answers[probe].UnavailableReason)
                .OfType<string>()
                .Distinct(StringComparer.Ordinal)
        );
        Dictionary<Guid, VMFacts> vms = [];
        foreach (CimInstance system in CimAnswers.Read(answers, VMProbes.Systems))
        {
            // The host is among them, under its computer name; captions and descriptions are in the host's language.
            if (Guid.TryParseExact(system.Text("Name"), "D", out Guid id))
            {
                vms.TryAdd(
                    id,
                    new VMReading(system, [.. settings[id]], [.. resources[id]], [.. ports[id]], [.. security[id]])
                    {
                        KnowsResources = knowsResources,
                        KnowsPorts = knowsPorts,
                        Unread = unread.Length == 0 ? null : unread,
                    }.Read(id)
                );
            }
        }

        return new VMInventory(
            [.. vms.Values],
            answers[VMProbes.Jobs].IsAvailable ? CimAnswers.Read(answers, VMProbes.Jobs).Count : null
        );
    }

    private static ILookup<Guid, CimInstance> ByOwner(ProbeAnswers answers, CimProbe probe) =>
        CimAnswers
            .Read(answers, probe)
            .Select(static instance => (Owner: OwnerOf(instance.Text("InstanceID")), Instance: instance))
            .Where(static pair => pair.Owner is not null)
            .ToLookup(static pair => pair.Owner!.Value, static pair => pair.Instance);
}
