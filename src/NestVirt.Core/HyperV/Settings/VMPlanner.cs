using System.Globalization;
using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.HyperV.Machine;
using NestVirt.HyperV.Support;
using NestVirt.HyperV.VirtualMachines;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.HyperV.Settings;

/// <summary>Plans what virtual machines are to have: each setting of each of them is a change.</summary>
internal static class VMPlanner
{
    // What is left to know of a virtual machine that is set as it was asked for.
    private static readonly HashSet<string> s_notes =
    [
        FindingCodes.VmWillNotStart,
        FindingCodes.VmDynamicMemory,
        FindingCodes.VmDeviceAndNesting,
        FindingCodes.VmMemoryNotFixed,
        FindingCodes.VmNoMacSpoofing,
        FindingCodes.HyperVNotRunning,
    ];

    /// <summary>Gets the probes whose answers are read.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } =
    [.. VMNestingAssessor.Probes.Union(WindowsIdentityProbe.Probes)];

    /// <summary>Plans nesting on or off, of the virtual machines that can have it unless some are named.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">On or off, and of which.</param>
    /// <param name="answers">The answers of the host.</param>
    /// <returns>The changes that are missing.</returns>
    /// <exception cref="ChangeRefusedException">One that is named cannot have it, or none can.</exception>
    internal static ChangePlan Plan(HostTarget target, NestingRequest request, ProbeAnswers answers) =>
        request.Parameters.Count > 0
            ? throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                "Hyper-V has no module, and so no parameters of one."
            )
            : Plan(target, request, request.VmNames, new VMWishes(request.Enable), answers);

    /// <summary>Plans settings of virtual machines.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">The settings, and of which.</param>
    /// <param name="answers">The answers of the host.</param>
    /// <returns>The changes that are missing.</returns>
    /// <exception cref="ChangeRefusedException">One that is named cannot have them, or none can.</exception>
    internal static ChangePlan Plan(HostTarget target, VmCpuRequest request, ProbeAnswers answers) =>
        request.KvmWishes is { Count: > 0 } foreign
            ? throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                $"Only virtual machines of KVM hosts can be set so, and those of a Hyper-V host not: {string.Join(", ", foreign)}."
            )
            : Plan(
                target,
                request,
                request.VmNames,
                new VMWishes(request.Expose)
                {
                    CpuCount = request.CpuCount,
                    ThreadsPerCore = request.ThreadsPerCore,
                    StaticMemory = request.StaticMemory,
                    MacSpoofing = request.MacSpoofing,
                    IovWeight = request.IovWeight,
                    VbsOptOut = request.VbsOptOut,
                },
                answers
            );

    private static ChangePlan Plan(
        HostTarget target,
        ChangeRequest request,
        IReadOnlyList<string>? names,
        VMWishes wanted,
        ProbeAnswers answers
    )
    {
        HyperVHost host = answers.Read(HyperVHost.Reading);
        List<HostChange> changes = [];
        List<(string VM, Finding Finding)> refused = [];
        List<(string VM, Finding Finding)> left = [];
        List<(string VM, Finding Finding)> notes = [];
        int settled = 0;
        foreach (VMChoice choice in VMChoice.Of(VMInventory.Require(answers).VMs, names))
        {
            VMWish[] missing = [.. VMWish.Of(choice.VM, wanted).Where(static wish => wish.Current != wish.Value)];
            VmNestedCpu? judged = JudgedWith(target, host, choice.VM, wanted);
            Finding[] obstacles = [.. ObstaclesOf(request, host, choice.VM, missing, judged)];
            if (obstacles.Length > 0)
            {
                (choice.IsNamed ? refused : left).AddRange(obstacles.Select(finding => (choice.Word, finding)));
                continue;
            }

            settled++;
            changes.AddRange(missing.Select(wish => ChangeOf(choice, wish, request.StopGuests)));
            notes.AddRange(NotesOf(judged).Select(finding => (choice.Word, finding)));
        }

        if (refused.Count > 0 || (settled == 0 && left.Count > 0))
        {
            throw new ChangeRefusedException([.. Together(refused.Count > 0 ? refused : left, "{0}: {1}")]);
        }

        return new ChangePlan(target, request, WindowsIdentityProbe.Read(answers), changes)
        {
            Findings =
            [
                .. Together(left, "{0}: left as it is. {1}").Select(AsWarning),
                .. Together(notes, "{0}: {1}")
                    .Select(static note => note.Severity == Severity.Error ? AsWarning(note) : note),
                .. wanted.IovWeight > 0 ? HyperVFindings.AgainstFunctions(host) : [],
            ],
        };
    }

    private static IEnumerable<Finding> ObstaclesOf(
        ChangeRequest request,
        HyperVHost host,
        VMFacts vm,
        VMWish[] missing,
        VmNestedCpu? judged
    )
    {
        foreach (VMWish wish in missing)
        {
            if (
                wish is { Setting: var setting, Value: "true" }
                && setting == VMSetting.Exposed
                && judged is not null
                && AgainstNesting(request, judged) is { } reason
            )
            {
                yield return reason;
                yield break;
            }

            if (wish.Against is { } obstacle)
            {
                yield return vm.Processor is { CanExpose: false } && wish.Setting == VMSetting.Exposed
                    ? VMFindings.NoSetting(host)
                    : obstacle;
                yield break;
            }
        }

        if (
            Array.Exists(missing, static wish => wish.Setting.NeedsOff)
            && AgainstState(vm, request.StopGuests) is { } state
        )
        {
            yield return state;
        }
    }

    // A virtual machine that the host cannot start so is worse off than one without nesting.
    private static Finding? AgainstNesting(ChangeRequest request, VmNestedCpu judged) =>
        judged.Reasons.FirstOrDefault(static reason => reason.Code == FindingCodes.VmVersionTooOld)
        ?? judged.Verdict switch
        {
            Verdict.Blocked => judged.Reasons[0],
            Verdict.Unknown when !request.Force => judged.Reasons[0] with { RepeatWith = ChangeSwitch.Force },
            _ => null,
        };

    /// <summary>Says what stands against setting a virtual machine that has to be off.</summary>
    /// <param name="vm">The virtual machine.</param>
    /// <param name="mayStop">Whether it may be shut down.</param>
    /// <returns>The finding; null where nothing does.</returns>
    internal static Finding? AgainstState(VMFacts vm, bool mayStop) =>
        vm.IsBusy ? VMFindings.Busy
        : vm.State == VmState.Saved || vm.HasSavedState == true ? VMFindings.Saved(vm)
        : vm.State == VmState.Off || (mayStop && vm.State == VmState.Running) ? null
        : vm.State == VmState.Running ? VMFindings.NotOff(vm) with { RepeatWith = ChangeSwitch.StopGuests }
        : VMFindings.NotOff(vm);

    /// <summary>Makes the change of a setting.</summary>
    /// <param name="choice">The virtual machine.</param>
    /// <param name="wish">What is to be set; nothing stands against it.</param>
    /// <param name="mayStop">Whether the virtual machine may be shut down.</param>
    /// <returns>The change.</returns>
    internal static HostChange ChangeOf(VMChoice choice, VMWish wish, bool mayStop)
    {
        bool isStopped = wish.Setting.NeedsOff && mayStop && choice.VM.State == VmState.Running;
        string adapter = wish.Connection is { Place: { } place }
            ? string.Create(CultureInfo.InvariantCulture, $" of network adapter {place}")
            : string.Empty;
        return new HostChange(
            $"{choice.Word}: {wish.Setting.Property}{adapter}",
            wish.Current,
            wish.Value,
            new VMStep(
                choice.VM.Id,
                wish.Setting,
                wish.InstanceId ?? string.Empty,
                wish.Connection?.Id ?? string.Empty,
                wish.Value
            ).ToHostStep(wish.Current!)
        )
        {
            TakesEffect = wish.Setting.NeedsOff && !isStopped ? ChangeTiming.GuestRestart : ChangeTiming.Now,
            Disrupts = isStopped ? $"shuts {choice.Word} down, and starts it again" : null,
            Undo = $"sets {wish.Current} again",
        };
    }

    private static IEnumerable<Finding> NotesOf(VmNestedCpu? judged) =>
        (judged?.Reasons ?? []).Where(static reason => s_notes.Contains(reason.Code));

    // As it will be; null where it will not nest, and for one of which no processor was told.
    private static VmNestedCpu? JudgedWith(HostTarget target, HyperVHost host, VMFacts vm, VMWishes wanted)
    {
        VMFacts then = vm with
        {
            Processor = vm.Processor is { } processor
                ? processor with
                {
                    IsExposed = wanted.Expose ?? processor.IsExposed,
                }
                : null,
            Memory = vm.Memory is { } memory && wanted.StaticMemory ? memory with { IsDynamic = false } : vm.Memory,
            Connections = wanted.MacSpoofing is { } spoof
                ? [.. (vm.Connections ?? []).Select(one => one with { AllowsMacSpoofing = spoof })]
                : vm.Connections,
        };
        return then.Processor?.IsExposed == true ? VMNestingAssessor.Assess(target, host, then) : null;
    }

    // Errors of a result are those of what was asked for alone, and what is left is to be seen.
    private static Finding AsWarning(Finding finding) => finding with { Severity = Severity.Warning };

    // What holds of many is said once.
    private static IEnumerable<Finding> Together(IEnumerable<(string VM, Finding Finding)> found, string form) =>
        found
            .GroupBy(static pair => pair.Finding.Code)
            .Select(group =>
                group.First().Finding with
                {
                    Message = string.Format(
                        CultureInfo.InvariantCulture,
                        form,
                        VMWords.List([.. group.Select(static pair => pair.VM).Distinct()]),
                        group.First().Finding.Message
                    ),
                    Evidence = group.Skip(1).Any() ? null : group.First().Finding.Evidence,
                }
            );
}
