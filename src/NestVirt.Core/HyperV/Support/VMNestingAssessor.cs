using NestVirt.Hosts;
using NestVirt.HyperV.Machine;
using NestVirt.HyperV.VirtualMachines;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.HyperV.Support;

/// <summary>Answers of each VM of a host whether it can run hypervisors, now or after its next start, and why not.</summary>
internal static class VMNestingAssessor
{
    /// <summary>Gets the probes whose answers are weighed.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } = [.. HyperVHost.Probes, .. VMProbes.All];

    /// <summary>Weighs the answers.</summary>
    /// <param name="answers">The answers.</param>
    /// <param name="target">The host.</param>
    /// <returns>One record a VM, in the order in which the host has them.</returns>
    /// <exception cref="NestVirtException">The host has no Hyper-V, or the account may not see its VMs.</exception>
    internal static IEnumerable<VmNestedCpu> Assess(ProbeAnswers answers, HostTarget target)
    {
        HyperVHost host = answers.Read(HyperVHost.Reading);
        return VMInventory.Require(answers).VMs.Select(vm => Assess(target, host, vm));
    }

    /// <summary>Says what concerns all VMs of a host.</summary>
    /// <param name="answers">The answers.</param>
    /// <returns>The findings.</returns>
    internal static IReadOnlyList<Finding> FindingsOf(ProbeAnswers answers) =>
        [.. HyperVHostNotes.Of(answers.Read(HyperVHost.Reading), VMInventory.Require(answers))];

    /// <summary>Weighs one VM.</summary>
    /// <param name="target">The host.</param>
    /// <param name="host">What the host is.</param>
    /// <param name="vm">The VM.</param>
    /// <returns>The record.</returns>
    internal static VmNestedCpu Assess(HostTarget target, HyperVHost host, VMFacts vm)
    {
        (Verdict verdict, VmNesting nesting, Finding[] reasons) = Judge(host, vm);
        if (HasMemoryFault(vm) && verdict == Verdict.Ready)
        {
            // Its memory has to be fixed first, whatever it is set up for.
            (verdict, nesting) = (Verdict.Configurable, AgainstHost(vm));
        }

        return new VmNestedCpu(target)
        {
            VmName = vm.Name,
            Id = vm.IdText,
            State = vm.State,
            Nesting = nesting,
            Verdict = verdict,
            CpuCount = vm.Processor?.Count,
            ThreadsPerCore = vm.Processor?.ThreadsPerCore,
            IsExposed = vm.Processor is { CanExpose: false } ? false : vm.Processor?.IsExposed,
            ConfigurationVersion = vm.Version,
            Generation = vm.Generation,
            MemoryBytes = vm.Memory?.Startup,
            MinimumMemoryBytes = vm.Memory?.Minimum,
            MaximumMemoryBytes = vm.Memory?.Maximum,
            HasDynamicMemory = vm.Memory?.IsDynamic,
            AdapterCount = vm.AdapterCount,
            AllowsMacSpoofing = vm.AllowsMacSpoofing,
            SriovAdapterCount = vm.SriovAdapterCount,
            AssignedDevices = vm.AssignedDevices,
            IsVbsOptedOut = vm.IsVbsOptedOut,
            Reasons =
            [
                .. reasons
                    .Concat(Notes(vm, verdict))
                    .OrderByDescending(static finding => finding.Severity)
                    .Select(finding => finding.For(target)),
            ],
        };
    }

    private static (Verdict Verdict, VmNesting Nesting, Finding[] Reasons) Judge(HyperVHost host, VMFacts vm)
    {
        if (vm.Processor is not { } processor)
        {
            return (Verdict.Unknown, VmNesting.Unknown, [VMFindings.NotTold(vm, "it shows no processors")]);
        }

        if (!processor.CanExpose)
        {
            return (Verdict.Blocked, VmNesting.Off, [VMFindings.NoSetting(host)]);
        }

        HostNesting nesting = HostNesting.Of(host);
        if (nesting is { IsPossible: false, Reason: { } against })
        {
            return processor.IsExposed == true
                ? (Verdict.Blocked, AgainstHost(vm), [against, VMFindings.WillNotStart(vm)])
                : (Verdict.Blocked, processor.IsExposed is null ? VmNesting.Unknown : VmNesting.Off, [against]);
        }

        VmNesting unsure = processor.IsExposed == false ? VmNesting.Off : VmNesting.Unknown;
        if (nesting is not { IsPossible: true, LeastVersion: { } least })
        {
            return (Verdict.Unknown, unsure, [nesting.Reason!]);
        }

        if (host.Place.Layer == HostLayer.L1)
        {
            return (Verdict.Unknown, unsure, [HyperVFindings.InGuest(host)]);
        }

        if (processor.IsExposed is not { } isExposed)
        {
            return (Verdict.Unknown, VmNesting.Unknown, [VMFindings.NotTold(vm, "whether it sees the extension")]);
        }

        if (vm.ComparableVersion is not { } version)
        {
            return (Verdict.Unknown, unsure, [VMFindings.NotTold(vm, "the version of its configuration")]);
        }

        // Whether such a VM starts with nesting on is in no document.
        return version < least ? (Verdict.Configurable, unsure, [VMFindings.VersionTooOld(vm, least)])
            : host.Computer.HasHypervisor == false ? (Verdict.Configurable, unsure, [HyperVFindings.NotRunning(host)])
            : isExposed ? (Verdict.Ready, ByState(vm), [VMFindings.Ready(vm, ByState(vm))])
            : (Verdict.Configurable, VmNesting.Off, [VMFindings.Off(vm)]);
    }

    // The setting changes while the VM is off alone, so one that runs has been started with it.
    private static VmNesting ByState(VMFacts vm) =>
        vm.State switch
        {
            VmState.Running or VmState.Paused => VmNesting.Now,
            VmState.Off or VmState.Saved or VmState.Starting => VmNesting.NextStart,
            _ => VmNesting.Unknown,
        };

    // One that runs all the same is more than is known.
    private static VmNesting AgainstHost(VMFacts vm) =>
        vm.State is VmState.Running or VmState.Paused ? VmNesting.Unknown : VmNesting.WillNotStart;

    private static bool HasMemoryFault(VMFacts vm) =>
        vm is { Memory: { IsDynamic: true, Startup: { } startup, Minimum: { } minimum }, AssignedDevices.Count: > 0 }
        && startup != minimum;

    private static IEnumerable<Finding> Notes(VMFacts vm, Verdict verdict)
    {
        bool isExposed = vm.Processor?.IsExposed == true;
        bool isSaved = vm.State == VmState.Saved || vm.HasSavedState == true;
        if (verdict == Verdict.Configurable && isSaved)
        {
            yield return VMFindings.Saved(vm);
        }
        else if (verdict == Verdict.Configurable && vm.State is not (VmState.Off or VmState.Unknown))
        {
            yield return VMFindings.NotOff(vm);
        }

        if (vm.IsBusy)
        {
            yield return VMFindings.Busy;
        }

        if (HasMemoryFault(vm))
        {
            yield return VMFindings.MemoryNotFixed(vm, vm.Memory!);
        }

        if (verdict == Verdict.Blocked && !isExposed)
        {
            yield break;
        }

        if (vm.Memory?.IsDynamic == true)
        {
            yield return VMFindings.DynamicMemory(vm, isExposed);
        }

        if (vm.AssignedDevices.Count > 0)
        {
            yield return VMFindings.DeviceAndNesting(vm, isExposed);
        }

        if (isExposed && vm is { AdapterCount: > 0, AllowsMacSpoofing: false })
        {
            yield return VMFindings.NoMacSpoofing(vm);
        }
    }
}
