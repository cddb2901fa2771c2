using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux.DeviceUse;
using NestVirt.Linux.DomainXml;
using NestVirt.Linux.Guests;
using NestVirt.Linux.HugePages;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.GuestTuning;

/// <summary>Plans how guests of libvirt are fitted to the processors, memory and storage of their host.</summary>
internal static class VmTuningPlanner
{
    private const string What = "settings";

    /// <summary>Gets the probes whose answers are read.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } =
    [
        .. GuestNestingAssessor.Probes.Union([
            DefinitionProbe.Probe,
            HostIdentityProbe.Probe,
            TopologyProbe.Probe,
            HugePageProbe.Probe,
            HostUseProbe.Probe,
            .. PciInventory.Probes,
        ]),
    ];

    /// <summary>Plans it.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="answers">The answers of the host.</param>
    /// <returns>The changes that are missing.</returns>
    /// <exception cref="ChangeRefusedException">One that is named cannot be fitted, or none can.</exception>
    internal static ChangePlan Plan(HostTarget target, VmTuningRequest request, ProbeAnswers answers)
    {
        LibvirtFacts facts = LibvirtAccess.Require(answers, target);
        GuestDefinitions definitions = new(answers.Read(DefinitionProbe.Reading));
        CpuPool pool = new(answers.Read(TopologyProbe.LayoutReading));
        LibvirtGuest[] guests = [.. facts.Guests.Select(definitions.Whole)];
        foreach (LibvirtGuest guest in guests)
        {
            pool.Take(guest.Name, guest.Saved);
            pool.Take(guest.Name, guest.Running);
        }

        TuningSite site = new(request, GuestHost.Of(answers), definitions, guests, pool)
        {
            Memory = answers.Read(HugePageProbe.Reading),
            Mounts = answers.Read(HostUseProbe.Reading).Mounts,
            DeviceNodes = PciInventory
                .Read(answers, target)
                .Where(static device => device.NumaNode is not null)
                .DistinctBy(static device => device.Address)
                .ToDictionary(
                    static device => device.Address,
                    static device => device.NumaNode!.Value,
                    StringComparer.Ordinal
                ),
        };
        foreach (LibvirtGuest guest in guests)
        {
            Claim(site, guest, guest.Saved);
        }

        return GuestPlans.Of(
            target,
            request,
            HostIdentityProbe.Read(answers),
            GuestChoice.Of(guests, request.VmNames),
            choice => DraftOf(site, choice)
        );
    }

    // Guests that are off, and those that wait for their restart, have nothing yet of what their next start takes.
    private static void Claim(TuningSite site, LibvirtGuest guest, DomainDefinition? next)
    {
        if (next is not { MemoryBytes: { } memory } || (!next.HasHugePages && next.MemoryNodes.Count == 0))
        {
            return;
        }

        bool hasIt =
            guest is { IsActive: true, Saved: { } saved }
            && (
                next.HasHugePages
                    ? guest.Running is { HasHugePages: true }
                    : saved.MemoryNodes.SetEquals(next.MemoryNodes)
            );
        long size = next.HasHugePages ? next.HugePageKiB ?? site.Memory.DefaultSizeKiB ?? 0 : 0;
        int?[] nodes = next.MemoryNodes.Count == 0 ? [null] : [.. next.MemoryNodes.Select(static node => (int?)node)];
        foreach (int? node in hasIt ? [] : nodes)
        {
            site.Claims.Add(guest.Name, node, size, (memory >> 10) / nodes.Length);
        }
    }

    private static GuestDraft DraftOf(TuningSite site, GuestChoice choice)
    {
        (DomainDefinition saved, string text) = site.Definitions.Require(choice.Guest);
        if (!site.Request.Force && GuestManagers.Of(text) is { } manager)
        {
            throw new ChangeRefusedException(GuestChangeFindings.Managed(manager));
        }

        TuningEdit edit = EditOf(text);
        List<Finding> notes = [];
        site.Claims.Release(choice.Guest.Name);
        try
        {
            new GuestFit(site, choice.Guest, saved, edit, notes).Apply();
        }
        catch (ChangeRefusedException)
        {
            // It stays as it is, and others in the plan see it so.
            site.Pool.Release(choice.Guest.Name);
            site.Pool.Take(choice.Guest.Name, saved);
            site.Pool.Take(choice.Guest.Name, choice.Guest.Running);
            Claim(site, choice.Guest, saved);
            throw;
        }

        DomainDefinition next = DomainDefinition.Parse(edit.Document.Text);
        Claim(site, choice.Guest, next);
        return Draft(site, choice, text, next, edit, notes);
    }

    private static TuningEdit EditOf(string text)
    {
        try
        {
            return new TuningEdit(DomainDocument.Parse(text));
        }
        catch (DomainXmlException fault)
        {
            throw new ChangeRefusedException(GuestChangeFindings.Unread(fault.Message));
        }
    }

    private static GuestDraft Draft(
        TuningSite site,
        GuestChoice choice,
        string text,
        DomainDefinition next,
        TuningEdit edit,
        List<Finding> notes
    )
    {
        LibvirtGuest guest = choice.Guest;

        // What runs is known of its processors alone; the rest was defined with them.
        bool isPending =
            guest.IsActive
            && (
                edit.Parts.Count > 0
                || (site.Request.Has(VmTuning.Cpu) && guest.Running is { } running && !HasPins(running, next))
            );
        bool goesOff = next.OnPowerOff is null or "destroy";
        Finding waits = goesOff
            ? GuestChangeFindings.RestartPending(What)
            : GuestChangeFindings.NeverGoesOff(What, next.OnPowerOff!);
        bool isStopped = site.Request.StopGuests && isPending && goesOff;
        if (edit.Parts.Count == 0 && !isStopped)
        {
            return new GuestDraft(null, isPending ? waits : null, notes);
        }

        HostStep step = DomainAction.Step(guest.Id, text, edit.Document.Text, edit.Parts, isStopped, site.Request);
        return new GuestDraft(
            new HostChange(
                $"{choice.Word}: fitted to the host",
                Said(edit, static change => change.From),
                Said(edit, static change => change.To),
                step
            )
            {
                TakesEffect = guest.IsActive && !isStopped ? ChangeTiming.GuestRestart : ChangeTiming.Now,
                Disrupts = isStopped ? $"shuts {choice.Word} down, and starts it again" : null,
                Undo = edit.Parts.Count == 0 ? "nothing: the definition stays as it is" : "puts the old settings back",
            },
            isPending && !isStopped ? waits : null,
            notes
        );
    }

    private static bool HasPins(DomainDefinition running, DomainDefinition saved) =>
        saved.Pins.All(pin => running.Pins.GetValueOrDefault(pin.Key)?.SetEquals(pin.Value) == true);

    private static string? Said(TuningEdit edit, Func<DomainChange, string?> state)
    {
        string said = string.Join(
            "; ",
            edit.Changes.Where(change => state(change) is not null)
                .Select(change => $"{change.Setting} {state(change)}")
        );
        return said.Length == 0 ? null : said;
    }
}
