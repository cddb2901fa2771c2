using NestVirt.Hosts;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.Guests;

/// <summary>Answers of each guest of libvirt whether it can run hypervisors, now or after its next start, and why not.</summary>
internal static class GuestNestingAssessor
{
    /// <summary>Gets the probes whose answers are weighed.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } =
    [
        LibvirtProbe.Probe,
        LibvirtProbe.CapabilitiesProbe,
        KvmUsersProbe.Probe,
        GuestUseProbe.Probe,
        .. KvmHostState.Probes,
    ];

    /// <summary>Weighs the answers.</summary>
    /// <param name="answers">The answers.</param>
    /// <param name="target">The host.</param>
    /// <returns>One record a guest, by name.</returns>
    /// <exception cref="NestVirtException">The guests are not known.</exception>
    internal static IEnumerable<VmNestedCpu> Assess(ProbeAnswers answers, HostTarget target)
    {
        LibvirtFacts facts = LibvirtAccess.Require(answers, target);
        GuestHost host = GuestHost.Of(answers);
        IReadOnlyDictionary<string, GuestUse> uses = GuestUse.Read(answers);
        return facts.Guests.Select(guest => Assess(target, host, guest, uses.GetValueOrDefault(guest.Name)));
    }

    /// <summary>Weighs one guest.</summary>
    /// <param name="target">The host.</param>
    /// <param name="host">What of the host matters.</param>
    /// <param name="guest">The guest.</param>
    /// <param name="use">What KVM has counted of it, or null.</param>
    /// <returns>The record.</returns>
    internal static VmNestedCpu Assess(HostTarget target, GuestHost host, LibvirtGuest guest, GuestUse? use = null)
    {
        use = guest.IsActive ? use : null;
        GuestExposure? now = guest.Running is { } running ? GuestExposure.Of(running, host, isRunning: true) : null;
        if (use?.WasUsed == true)
        {
            now = now?.Proven(use);
        }

        // Who does not see the extension cannot use it.
        bool? unused = now?.IsGiven == false ? false : null;
        GuestExposure? next = guest.Saved is { } saved ? GuestExposure.Of(saved, host, isRunning: false) : null;
        string? obstacle = guest.Saved is { } defined ? GuestStart.Obstacle(defined, host) : null;
        string? doubt = guest.Saved is { } asked && !Runs(guest, asked) ? GuestStart.Doubt(asked, host) : null;
        bool? isPending =
            now?.IsAsked is { } before && next?.IsAsked is { } after
                ? before != after && (host.Nesting != NestedState.Off || guest.Running?.Type != "kvm")
                : null;
        (VmNesting nesting, Verdict verdict, Finding[] reasons) = Judge(host, guest, now, next, obstacle, doubt);
        DomainDefinition? shown = guest.Saved ?? guest.Running;
        return new VmNestedCpu(target)
        {
            VmName = guest.Name,
            Id = guest.Id,
            State = guest.State,
            Nesting = nesting,
            Verdict = verdict,
            CpuCount = (guest.Running ?? guest.Saved)?.CpuCount,
            ThreadsPerCore = shown?.Threads,
            IsExposed = (next ?? now)?.IsAsked,
            IsExposedNow = now?.IsGiven,
            IsRestartPending = guest.IsActive ? isPending : null,
            IsInUse = use?.IsInside ?? unused,
            WasUsed = use?.WasUsed ?? unused,
            NestedRunCount = use?.RunCount,
            CpuMode = shown?.Mode,
            CpuModel = shown?.Model,
            CpuFeatures = [.. shown?.Features.Select(static feature => $"{feature.Policy} {feature.Name}") ?? []],
            Enlightenments = shown?.Enlightenments ?? [],
            IsMigratable = shown?.IsMigratable,
            IsPersistent = guest.IsPersistent,
            IsStartedWithHost = guest.AutoStart,
            MemoryBytes = shown?.MemoryBytes,
            AdapterCount = shown?.AdapterCount,
            AssignedDevices = shown?.AssignedDevices ?? [],
            Reasons =
            [
                .. reasons
                    .Concat(Notes(host, guest, now, next, isPending == true, obstacle))
                    .Concat(doubt is null ? [] : [GuestFindings.NotUsable(doubt)])
                    .DistinctBy(static finding => (finding.Code, finding.Evidence))
                    .OrderByDescending(static finding => finding.Severity)
                    .Select(finding => finding.For(target)),
            ],
        };
    }

    private static (VmNesting Nesting, Verdict Verdict, Finding[] Reasons) Judge(
        GuestHost host,
        LibvirtGuest guest,
        GuestExposure? now,
        GuestExposure? next,
        string? obstacle,
        string? doubt
    )
    {
        if (guest.Unread is { } unread && (guest.IsActive ? now : next) is null)
        {
            return (VmNesting.Unknown, Verdict.Unknown, [GuestFindings.Unknown(unread)]);
        }

        if (guest.HasManagedSave && !guest.IsActive)
        {
            return (VmNesting.Unknown, Verdict.Unknown, [GuestFindings.Saved]);
        }

        if ((now ?? next) is not { } present)
        {
            return (VmNesting.Unknown, Verdict.Unknown, [GuestFindings.Unknown("there is no definition of it")]);
        }

        if ((guest.Running ?? guest.Saved)!.LaunchSecurity is ("sev" or "sev-snp" or "tdx") and { } security)
        {
            return (VmNesting.Off, Verdict.Blocked, [GuestFindings.MemoryEncrypted(security)]);
        }

        if (guest.IsActive && now!.IsGiven == true)
        {
            return (VmNesting.Now, Verdict.Ready, [GuestFindings.Ready(VmNesting.Now, now.Why)]);
        }

        DomainDefinition domain = guest.Running ?? guest.Saved!;
        bool isKvm = domain.Type == "kvm" && KvmArchitecture.IsX86(domain.Architecture);
        if (obstacle is not null && !guest.IsActive)
        {
            return (VmNesting.WillNotStart, BlockedBy(host), [GuestFindings.WillNotStart(obstacle)]);
        }

        if (isKvm && host.Nesting is NestedState.NotApplicable)
        {
            return (VmNesting.Off, Verdict.Blocked, [GuestFindings.NoNesting(host)]);
        }

        if (isKvm && host.Nesting == NestedState.Off)
        {
            bool isAsked = (next ?? present).IsAsked == true;
            return (VmNesting.Off, Verdict.Configurable, [GuestFindings.HostOff(host, isAsked)]);
        }

        if (next?.IsGiven == true && doubt is not null)
        {
            return (VmNesting.Unknown, Verdict.Unknown, [GuestFindings.NotUsable(doubt)]);
        }

        if (next?.IsGiven == true && obstacle is null)
        {
            return (VmNesting.NextStart, Verdict.Ready, [GuestFindings.Ready(VmNesting.NextStart, next.Why)]);
        }

        GuestExposure weighed = next ?? present;
        if (weighed.IsAsked == true && weighed.IsGiven is null)
        {
            return (
                VmNesting.Unknown,
                Verdict.Unknown,
                [GuestFindings.Unknown($"{weighed.Why}; whether the host nests is not known")]
            );
        }

        if (present.IsGiven is null || weighed.IsGiven is null)
        {
            VmNesting sure = guest.IsActive && present.IsGiven == false ? VmNesting.Off : VmNesting.Unknown;
            Verdict likely = isKvm ? Verdict.Configurable : Verdict.Unknown;
            return host.LacksNesting && domain.Type == "kvm"
                ? (VmNesting.Off, Verdict.Blocked, [GuestFindings.NoNesting(host)])
                : (
                    sure,
                    likely == Verdict.Configurable && present.IsAsked is null && host.Extension is null
                        ? Verdict.Unknown
                        : likely,
                    [GuestFindings.Unknown(weighed.IsGiven is null ? weighed.Why : present.Why)]
                );
        }

        return (VmNesting.Off, Verdict.Configurable, [GuestFindings.Off(host.Extension, weighed.Why)]);
    }

    // One that runs with a model can be given it.
    private static bool Runs(LibvirtGuest guest, DomainDefinition saved) =>
        guest.Running is { Mode: "custom" } running && running.Model == saved.Model;

    private static Verdict BlockedBy(GuestHost host) =>
        host.Nesting == NestedState.NotApplicable || host.HasKvm == false ? Verdict.Blocked : Verdict.Configurable;

    private static IEnumerable<Finding> Notes(
        GuestHost host,
        LibvirtGuest guest,
        GuestExposure? now,
        GuestExposure? next,
        bool isPending,
        string? obstacle
    )
    {
        if (isPending && guest.IsActive)
        {
            yield return GuestFindings.RestartPending(now!, next!);
        }

        if (obstacle is not null && guest.IsActive)
        {
            yield return GuestFindings.WillNotStart(obstacle);
        }

        if (guest.Unread is { } unread && (guest.IsActive ? now : next) is not null)
        {
            yield return GuestFindings.Unknown(unread);
        }

        if ((guest.Saved ?? guest.Running) is not { } domain)
        {
            yield break;
        }

        if (domain.Type == "qemu")
        {
            yield return GuestFindings.Emulated(domain);
        }

        if (
            host.ForeignExtension is { } foreign
            && domain.Type == "kvm"
            && domain.Find(foreign) is { IsWanted: true } wrong
        )
        {
            yield return GuestFindings.WrongVendor(wrong, host.Extension!);
        }

        if (host.Extension is { } extension && domain.Find(extension) is { Policy: "force" } forced)
        {
            yield return GuestFindings.Forced(forced);
        }

        foreach (
            string name in domain
                .Features.GroupBy(static feature => feature.Name)
                .Where(static group => group.Count() > 1)
                .Select(static group => group.Key)
                .Take(3)
        )
        {
            yield return GuestFindings.NamedTwice(name);
        }

        if (domain is { Mode: "host-passthrough" or "maximum", IsMigratable: false })
        {
            yield return GuestFindings.NotMigratable;
        }
    }
}
