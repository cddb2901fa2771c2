using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux.DomainXml;
using NestVirt.Linux.Guests;
using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.GuestCpu;

/// <summary>Plans what the processors of guests of libvirt are to be: a new definition for each guest that has another one.</summary>
/// <remarks>The definitions it reads hold no passwords, and so neither does a plan, in a file or in the journal: see <see cref="DomainAction"/>.</remarks>
internal static class VmCpuPlanner
{
    // What is left to know of a guest that is set as it was asked for.
    private static readonly HashSet<string> s_notes =
    [
        FindingCodes.VmWrongVendor,
        FindingCodes.VmCpuForced,
        FindingCodes.VmEmulated,
        FindingCodes.VmNotMigratable,
    ];

    private const string What = "processor";
    private static readonly string[] s_parts = ["cpu", "features", "clock"];

    /// <summary>Gets the probes whose answers are read.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } =
    [.. GuestNestingAssessor.Probes.Union([DefinitionProbe.Probe, FeatureProbe.Probe, HostIdentityProbe.Probe])];

    /// <summary>Plans nesting on or off for guests that are named.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">On or off, and of which.</param>
    /// <param name="answers">The answers of the host.</param>
    /// <returns>The changes that are missing.</returns>
    /// <exception cref="ChangeRefusedException">One that is named cannot have it, or none can.</exception>
    internal static ChangePlan Plan(HostTarget target, NestingRequest request, ProbeAnswers answers) =>
        request.Parameters.Count > 0
            ? throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                "Parameters of a module are the host's, and not those of virtual machines: ask for the two apart."
            )
            : Plan(target, request, request.VmNames!, new CpuChange { Nesting = request.Enable }, answers);

    /// <summary>Plans processors of guests.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">What they are to be, and of which.</param>
    /// <param name="answers">The answers of the host.</param>
    /// <returns>The changes that are missing.</returns>
    /// <exception cref="ChangeRefusedException">One that is named cannot have them, or none can.</exception>
    internal static ChangePlan Plan(HostTarget target, VmCpuRequest request, ProbeAnswers answers)
    {
        if (request.HyperVWishes is { Count: > 0 } foreign)
        {
            throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                $"Only virtual machines of Hyper-V hosts can be set so, and those of a KVM host not: {string.Join(", ", foreign)}."
            );
        }

        CpuChange change = new()
        {
            Mode = request.Mode switch
            {
                null => null,
                VmCpuMode.Custom => CpuMode.Custom,
                VmCpuMode.HostModel => CpuMode.HostModel,
                VmCpuMode.HostPassthrough => CpuMode.HostPassthrough,
                _ => CpuMode.Maximum,
            },
            Model = request.Model,
            Nesting = request.Expose,
            Features = request.Features,
            Topology = request.Topology is { } shape
                ? new CpuTopology(shape.Sockets, shape.Dies, shape.Cores, shape.Threads)
                : null,
            Migratable = request.Migratable,
            WindowsHypervisor = request.WindowsHypervisor,
        };
        return Plan(target, request, request.VmNames, change, answers);
    }

    private static ChangePlan Plan(
        HostTarget target,
        ChangeRequest request,
        IReadOnlyList<string> names,
        CpuChange wanted,
        ProbeAnswers answers
    )
    {
        LibvirtFacts facts = LibvirtAccess.Require(answers, target);
        Site site = new(
            target,
            request,
            GuestHost.Of(answers),
            new GuestDefinitions(answers.Read(DefinitionProbe.Reading)),
            answers.Read(FeatureProbe.Reading)
        );
        return GuestPlans.Of(
            target,
            request,
            HostIdentityProbe.Read(answers),
            GuestChoice.Of([.. facts.Guests.Select(site.Definitions.Whole)], names),
            choice => DraftOf(site, choice, wanted)
        );
    }

    private static GuestDraft DraftOf(Site site, GuestChoice choice, CpuChange wanted)
    {
        LibvirtGuest guest = choice.Guest;
        (DomainDefinition saved, string text) = site.Definitions.Require(guest);
        string? extension = saved.Type == "qemu" ? CpuExtension.Svm : site.Host.Extension;
        bool isX86 = KvmArchitecture.IsX86(saved.Architecture);
        if (wanted.Nesting is not null && extension is null && isX86)
        {
            throw new ChangeRefusedException(CpuFindings.ExtensionUnknown);
        }

        if (!site.Request.Force && Against(saved, text) is { } other)
        {
            throw new ChangeRefusedException(other);
        }

        CpuChange change = wanted with { Extension = extension ?? (isX86 ? null : CpuExtension.Vmx) };
        DomainEdit edit = EditTo(site.Host, text, change);
        DomainDefinition next = DomainDefinition.Parse(edit.Document.Text);
        Finding[] faults =
        [
            .. CpuNames.Faults(change, next, site.Host.Capabilities, site.Features, site.Request.Force),
        ];
        if (faults.Length > 0)
        {
            throw new ChangeRefusedException(faults);
        }

        if (AgainstStart(site.Host, change, saved, next) is { } obstacle)
        {
            throw new ChangeRefusedException(obstacle);
        }

        Finding[] notes = [.. Notes(site, guest with { Saved = next }, change)];
        bool isPending =
            guest.IsActive
            && (
                edit.Changes.Count > 0
                || guest.Running is not { } running
                || RunningCpu.Waits(change, running, next, site.Host)
            );
        // A feature that is not in what runs may be one that QEMU left out, and then a restart helps nobody.
        bool goesOff = saved.OnPowerOff is null or "destroy";
        Finding waits = goesOff
            ? GuestChangeFindings.RestartPending(What)
            : GuestChangeFindings.NeverGoesOff(What, saved.OnPowerOff!);
        bool isStopped =
            site.Request.StopGuests
            && isPending
            && goesOff
            && (
                edit.Changes.Count > 0
                || guest.Running is not { } known
                || RunningCpu.Waits(change with { Features = CpuChange.NoFeatures }, known, next, site.Host)
            );
        return edit.Changes.Count == 0 && !isStopped
            ? new GuestDraft(null, isPending ? waits : null, notes)
            : new GuestDraft(
                ChangeOf(site, choice, text, edit, isStopped),
                isPending && !isStopped ? waits : null,
                notes
            );
    }

    // What the rest of the definition gives already is not named as well.
    private static DomainEdit EditTo(GuestHost host, string text, CpuChange change)
    {
        if (change.Nesting is not { } nesting)
        {
            return Edit(text, change);
        }

        DomainEdit rest = Edit(text, change with { Nesting = null });
        DomainDefinition domain = DomainDefinition.Parse(rest.Document.Text);
        return
            GuestExposure.Of(domain, host, isRunning: false).IsAsked == nesting
            && domain.Find(change.Extension) is not { Policy: "forbid" }
            ? rest
            : Edit(text, change);
    }

    private static Finding? Against(DomainDefinition saved, string text) =>
        saved.OwnCpuWord is { } word ? CpuFindings.PastLibvirt(word)
        : GuestManagers.Of(text) is { } manager ? GuestChangeFindings.Managed(manager)
        : null;

    private static DomainEdit Edit(string text, CpuChange change)
    {
        try
        {
            return CpuEditor.Edit(DomainDocument.Parse(text), change);
        }
        catch (DomainXmlException fault)
        {
            throw new ChangeRefusedException(GuestChangeFindings.Unread(fault.Message));
        }
        catch (NestVirtException refusal) when (refusal.Kind == NestVirtErrorKind.ChangeRefused)
        {
            throw new ChangeRefusedException(CpuFindings.NotPossible(refusal.Message));
        }
    }

    // What does not start today may be changed to what does not start either: it is not worse off.
    private static Finding? AgainstStart(
        GuestHost host,
        CpuChange change,
        DomainDefinition saved,
        DomainDefinition next
    )
    {
        bool isKvm = next.Type == "kvm";
        if (change.Nesting == true && isKvm && (host.LacksNesting || host.Nesting == NestedState.NotApplicable))
        {
            return CpuFindings.NeverNests(host);
        }

        if (GuestStart.Obstacle(next, host) is not { } obstacle || obstacle == GuestStart.Obstacle(saved, host))
        {
            return null;
        }

        bool isNesting = host.Nesting == NestedState.Off && next.Find(host.Extension)?.Policy == "require";
        return isNesting ? CpuFindings.HostOff(host, blocks: true) : CpuFindings.WouldNotStart(obstacle);
    }

    private static IEnumerable<Finding> Notes(Site site, LibvirtGuest guest, CpuChange change)
    {
        if (change.Nesting == true && guest.Saved?.Type == "kvm" && site.Host.Nesting == NestedState.Off)
        {
            yield return CpuFindings.HostOff(site.Host, blocks: false);
        }

        foreach (
            Finding note in GuestNestingAssessor
                .Assess(site.Target, site.Host, guest)
                .Reasons.Where(static reason => s_notes.Contains(reason.Code))
        )
        {
            yield return note;
        }
    }

    private static HostChange ChangeOf(Site site, GuestChoice choice, string text, DomainEdit edit, bool isStopped)
    {
        HostStep step = DomainAction.Step(choice.Guest.Id, text, edit.Document.Text, s_parts, isStopped, site.Request);
        string? disrupts = isStopped ? $"shuts {choice.Word} down, and starts it again" : null;
        return edit.Changes.Count == 0
            ? new HostChange($"{choice.Word}: processor that it runs with", "as it was started", "as defined", step)
            {
                Disrupts = disrupts,
                Undo = "nothing: the definition stays as it is",
            }
            : new HostChange(
                $"{choice.Word}: processor",
                Said(edit.Changes, static change => change.From),
                Said(edit.Changes, static change => change.To),
                step
            )
            {
                TakesEffect = choice.Guest.IsActive && !isStopped ? ChangeTiming.GuestRestart : ChangeTiming.Now,
                Disrupts = disrupts,
                Undo = "puts the old processor, features and clock back",
            };
    }

    private static string? Said(IEnumerable<DomainChange> changes, Func<DomainChange, string?> state)
    {
        string said = string.Join(
            ", ",
            changes
                .Where(change => state(change) is not null)
                .Select(change =>
                    $"{change.Setting.Replace("CPU ", string.Empty, StringComparison.Ordinal)} {state(change)}"
                )
        );
        return said.Length == 0 ? null : said;
    }

    private sealed record Site(
        HostTarget Target,
        ChangeRequest Request,
        GuestHost Host,
        GuestDefinitions Definitions,
        IReadOnlyDictionary<string, IReadOnlySet<string>> Features
    );
}
