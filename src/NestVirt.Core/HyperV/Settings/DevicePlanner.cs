using System.Net;
using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.HyperV.Dda;
using NestVirt.HyperV.Machine;
using NestVirt.HyperV.Support;
using NestVirt.HyperV.VirtualMachines;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.HyperV.Settings;

/// <summary>Plans the way of PCI devices from the host to a virtual machine, and back.</summary>
/// <remarks>
/// The order and what a virtual machine takes: Microsoft, "Deploy graphics devices by using Discrete Device Assignment" and "Deploy
/// NVMe storage devices by using Discrete Device Assignment".
/// </remarks>
internal static class DevicePlanner
{
    /// <summary>Gets the probes whose answers are read.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } =
    [.. VMPlanner.Probes.Union(DeviceInventory.Probes).Union(DeviceSurvey.Reading.Probes).Union(DeviceUse.Probes)];

    /// <summary>Plans it.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">Which devices, which virtual machine, and which way.</param>
    /// <param name="answers">The answers of the host.</param>
    /// <returns>The changes that are missing.</returns>
    /// <exception cref="ChangeRefusedException">A device or the virtual machine is not there, or cannot have that done.</exception>
    internal static ChangePlan Plan(HostTarget target, VmPciDeviceRequest request, ProbeAnswers answers) =>
        Plan(target, request, answers, HostWays.Of);

    /// <summary>Plans it.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">Which devices, which virtual machine, and which way.</param>
    /// <param name="answers">The answers of the host.</param>
    /// <param name="findWays">Finds the addresses by which the host is reached.</param>
    /// <returns>The changes that are missing.</returns>
    /// <exception cref="ChangeRefusedException">A device or the virtual machine is not there, or cannot have that done.</exception>
    internal static ChangePlan Plan(
        HostTarget target,
        VmPciDeviceRequest request,
        ProbeAnswers answers,
        Func<HostTarget, IReadOnlyList<IPAddress>?> findWays
    )
    {
        if (request.KvmWishes is { Count: > 0 } foreign)
        {
            throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                $"Only virtual machines of KVM hosts are given devices so, and those of a Hyper-V host not: {string.Join(", ", foreign)}."
            );
        }

        VMInventory vms = VMInventory.Require(answers);
        VMChoice choice = ChoiceOf(vms, request.VmName);
        DeviceInventory inventory = DeviceInventory.Require(answers);
        HostDevice[] named = DevicesOf(inventory, request.Devices);
        RequireWhole(inventory, vms, named);
        Moved[] missing =
        [
            .. named
                .Where(device => IsMissing(device, choice.VM, request.Add))
                .Select(static device => new Moved(device)),
        ];
        Subject subject = new(
            target,
            request,
            answers.Read(DeviceSurvey.Reading),
            choice,
            new HostNeed(answers.Read(DeviceUse.Reading), () => findWays(target)),
            inventory.Devices,
            new DeviceWishes(choice.VM, request, named, inventory.Devices)
        );
        VMWish[] wishes = request.Add ? [.. subject.Wishes.Missing()] : [];
        bool isChanged = missing.Length + wishes.Length > 0;
        Finding[] obstacles = [.. isChanged ? ObstaclesOf(subject, vms, missing, wishes) : []];
        return obstacles.Length > 0
            ? throw new ChangeRefusedException(obstacles)
            : new ChangePlan(
                target,
                request,
                WindowsIdentityProbe.Read(answers),
                [.. request.Add ? WayThere(subject, missing, wishes) : WayBack(subject, missing)]
            )
            {
                Findings =
                [
                    .. !isChanged ? []
                    : request.Add ? NotesOf(subject, missing, wishes)
                    : NotesOfWayBack(subject, missing),
                ],
                // A device that was dismounted need not tell its address any more; where it is plugged in Hyper-V tells.
                Again = request with
                {
                    Devices = [.. named.Select(static device => device.LocationPath!)],
                },
            };
    }

    private static VMChoice ChoiceOf(VMInventory vms, string name) =>
        VMChoice.Of(vms.VMs, [name]) switch
        {
            [VMChoice one] => one,
            [] => throw new ChangeRefusedException(VMFindings.NotFound(name)),
            var several => throw new ChangeRefusedException(
                VMFindings.SameName(name, [.. several.Select(static one => one.VM)])
            ),
        };

    private static HostDevice[] DevicesOf(DeviceInventory inventory, IReadOnlyList<string> words)
    {
        (string Word, HostDevice[] Found)[] all =
        [
            .. words.Select(word => (word, inventory.Devices.Where(device => IsMeant(device, word)).ToArray())),
        ];
        Finding[] faults =
        [
            .. all.SelectMany(one =>
                one.Found switch
                {
                    [] => [AssignmentFindings.Missing(one.Word, UnplacedOf(inventory))],
                    [{ LocationPath: null } device] => [AssignmentFindings.Unplaced(device)],
                    [_] => Array.Empty<Finding>(),
                    var several => [AssignmentFindings.Ambiguous(one.Word, several)],
                }
            ),
        ];
        return faults.Length > 0
            ? throw new ChangeRefusedException(faults)
            :
            [
                .. all.Select(static one => one.Found[0])
                    .DistinctBy(static device => device.InstancePath, StringComparer.OrdinalIgnoreCase),
            ];
    }

    private static bool IsMeant(HostDevice device, string word) =>
        PciFaults.Read(word) is { } address
            ? device.Address == address
            : Same(device.LocationPath, word) || Same(Moved.Mounted(device.InstancePath), Moved.Mounted(word));

    private static bool Same(string? one, string other) =>
        string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    // What the host has already it keeps as it is: whoever disabled it there may have had a reason.
    private static bool IsMissing(HostDevice device, VMFacts vm, bool isAdded) =>
        isAdded ? device.Owner != vm.Id : device.IsDismounted || device.Owner is not null;

    private static string[] UnplacedOf(DeviceInventory inventory) =>
        [
            .. inventory
                .Devices.Where(static device => device is { IsDismounted: true, Address: null })
                .Select(static device => device.LocationPath)
                .OfType<string>(),
        ];

    // A virtual function of a device is neither given nor taken back by what is planned here.
    private static void RequireWhole(DeviceInventory inventory, VMInventory vms, HostDevice[] named)
    {
        Finding[] functions =
        [
            .. vms.VMs.SelectMany(vm =>
                vm.Devices.Where(static setting => setting.IsVirtualFunction)
                    .Select(inventory.Find)
                    .OfType<HostDevice>()
                    .Where(found => named.Any(device => device.InstancePath == found.InstancePath))
                    .Select(found => new Moved(found).Named(AssignmentFindings.IsFunction(vm.Name)))
            ),
        ];
        if (functions.Length > 0)
        {
            throw new ChangeRefusedException(functions);
        }
    }

    private static IEnumerable<Finding> ObstaclesOf(Subject subject, VMInventory vms, Moved[] missing, VMWish[] wishes)
    {
        foreach (Moved one in missing)
        {
            if (one.Device.Owner is { } owner && owner != subject.VM.Id)
            {
                string name = vms.VMs.FirstOrDefault(vm => vm.Id == owner)?.Name ?? owner.ToString();
                yield return one.Named(AssignmentFindings.OfOther(name));
            }
        }

        foreach (
            Moved one in missing.Where(static one =>
                one.Device is { IsDismounted: true, Owner: null, IsOwnerKnown: false }
            )
        )
        {
            yield return one.Named(AssignmentFindings.OwnerUnknown);
        }

        foreach (Finding finding in subject.Request.Add ? subject.Survey.Obstacles : [])
        {
            yield return finding with
            {
                Severity = Severity.Error,
            };
        }

        foreach (Moved one in subject.Request.Add && subject.Survey.Obstacles.Count == 0 ? missing : [])
        {
            foreach (Finding finding in AgainstDevice(subject, one))
            {
                yield return one.Named(finding);
            }
        }

        if (
            subject
                is {
                    Request.Add: true,
                    VM.Memory: { IsDynamic: true, Startup: { } startup, Minimum: { } minimum } memory
                }
            && startup != minimum
        )
        {
            yield return subject.Named(AssignmentFindings.NotFixed(subject.VM, memory));
        }

        if (subject is { Request: { Add: true, Force: false }, UntoldMemory: { } gap })
        {
            yield return subject.Named(
                VMFindings.NotTold(subject.VM, gap) with
                {
                    Severity = Severity.Error,
                    RepeatWith = ChangeSwitch.Force,
                }
            );
        }

        if (subject is { Request.Add: true, Wishes: { IsTooMuch: true, Space: { } space } })
        {
            yield return subject.Named(AssignmentFindings.TooMuchMemory(space));
        }

        if (wishes.Select(static wish => wish.Against).FirstOrDefault(static found => found is not null) is { } untold)
        {
            yield return subject.Named(untold);
        }

        // A device that nothing has comes back without the virtual machine.
        if (
            (subject.Request.Add || missing.Any(one => one.Device.Owner == subject.VM.Id))
            && VMPlanner.AgainstState(subject.VM, subject.Request.StopGuests) is { } state
        )
        {
            yield return subject.Named(
                state.Code switch
                {
                    FindingCodes.VmNotOff => state with
                    {
                        Message = "It is not off: until it is, devices can neither be given to it nor taken back.",
                    },
                    FindingCodes.VmSaved => state with
                    {
                        Message = "It has a saved state, which other devices would not fit.",
                    },
                    _ => state,
                }
            );
        }
    }

    private static IEnumerable<Finding> AgainstDevice(Subject subject, Moved one)
    {
        DeviceVerdict verdict = subject.Survey.Judge(one.Device);
        if (verdict.IsAssignable == false)
        {
            yield return verdict.Finding with
            {
                Severity = Severity.Error,
            };
            yield break;
        }

        // Of one that is disabled nobody can tell more, and that is how devices are made ready for virtual machines.
        if (verdict.IsAssignable is null && !one.Device.IsDisabled && !subject.Request.Force)
        {
            yield return verdict.Finding with
            {
                Severity = Severity.Error,
                RepeatWith = ChangeSwitch.Force,
            };
        }

        if (subject.Need.Against(one.Device, subject.Request.Force) is { } need)
        {
            yield return need;
        }
    }

    private static IEnumerable<HostChange> WayThere(Subject subject, Moved[] missing, VMWish[] wishes)
    {
        foreach (Moved one in missing)
        {
            if (one.Device is { IsDismounted: false, IsDisabled: false })
            {
                yield return subject.Move(one, DevicePart.Driver, isAway: true) with
                {
                    Disrupts = one.Device.IsUsed ? $"takes {one.Name} from the host" : null,
                };
            }

            if (!one.Device.IsDismounted)
            {
                yield return subject.Move(one, DevicePart.Mount, isAway: true);
            }
        }

        foreach (VMWish wish in wishes)
        {
            yield return VMPlanner.ChangeOf(subject.Choice, wish, subject.Request.StopGuests);
        }

        foreach (Moved one in missing)
        {
            yield return subject.Move(one, DevicePart.Assignment, isAway: true);
        }
    }

    private static IEnumerable<HostChange> WayBack(Subject subject, Moved[] missing) =>
        missing.SelectMany(one =>
            DevicePart
                .All.Reverse()
                .Where(part => part != DevicePart.Assignment || one.Device.Owner is not null)
                .Select(part => subject.Move(one, part, isAway: false))
        );

    private static IEnumerable<Finding> NotesOfWayBack(Subject subject, Moved[] missing)
    {
        int taken = missing.Count(one => one.Device.Owner == subject.VM.Id);
        if (taken > 0 && taken == subject.VM.Devices.Count && subject.Wishes.IsTurnedOff)
        {
            yield return subject.Named(AssignmentFindings.StillTurnsOff);
        }
    }

    private static IEnumerable<Finding> NotesOf(Subject subject, Moved[] missing, VMWish[] wishes)
    {
        foreach (Moved one in missing)
        {
            if (subject.Survey.Judge(one.Device) is { IsAssignable: null, Finding: { } unknown })
            {
                yield return one.Named(unknown with { Severity = Severity.Warning });
            }
        }

        foreach (Moved one in missing.Where(static one => one.Device is { IsDismounted: false, IsDisabled: false }))
        {
            if (HostNeed.Unknown(one.Device) is { } what)
            {
                yield return one.Named(AssignmentFindings.UseUnknown(what));
            }
        }

        foreach (Moved one in missing.Where(static one => !one.Device.IsDismounted))
        {
            if (subject.CheckOf(one, isAway: true) is var check and not DeviceCheck.Full)
            {
                yield return one.Named(
                    check == DeviceCheck.None ? AssignmentFindings.NotIsolated : AssignmentFindings.NotSecured
                );
            }
        }

        foreach (Moved one in missing.Where(static one => one.Device.ClassCode is null))
        {
            yield return one.Named(AssignmentFindings.ClassUnknown);
        }

        foreach (
            Moved one in missing.Where(one =>
                !DeviceWishes.IsTold(one.Device, subject.All)
                && (subject.Request.LowMmioMebibytes ?? subject.Request.HighMmioMebibytes) is null
            )
        )
        {
            yield return one.Named(AssignmentFindings.MemoryUnknown(one.Device));
        }

        if (
            subject.Wishes.OtherShutdown is { } before
            && wishes.Any(static wish => wish.Setting == VMSetting.ShutdownAction)
        )
        {
            yield return subject.Named(AssignmentFindings.TurnsOff(before));
        }

        if (subject.UntoldMemory is { } gap)
        {
            yield return subject.Named(VMFindings.NotTold(subject.VM, gap));
        }

        if (subject.VM.Processor?.IsExposed == true)
        {
            yield return subject.Named(
                VMFindings.DeviceAndNesting(subject.VM, isExposed: true) with
                {
                    Evidence = string.Join(", ", missing.Select(static one => one.Name)),
                }
            );
        }

        if (subject.VM.Memory?.IsDynamic == true)
        {
            yield return subject.Named(AssignmentFindings.IsDynamic(subject.VM));
        }
    }

    /// <summary>A device that is to be moved.</summary>
    /// <param name="Device">The device.</param>
    private sealed record Moved(HostDevice Device)
    {
        private const string MountedPrefix = @"PCI\";

        /// <summary>Gets what it is called in sentences.</summary>
        internal string Name => Device.Address?.ToString() ?? Device.LocationPath ?? Device.InstancePath;

        internal Finding Named(Finding finding) => finding with { Message = $"{Name}: {finding.Message}" };

        /// <summary>Makes what a device is to the host's Windows when the host has it.</summary>
        internal static string Mounted(string instancePath) =>
            instancePath.StartsWith(HostDevice.DismountedPrefix, StringComparison.OrdinalIgnoreCase)
                ? MountedPrefix + instancePath[HostDevice.DismountedPrefix.Length..]
                : instancePath;
    }

    /// <summary>What is asked for, of what.</summary>
    private sealed record Subject(
        HostTarget Target,
        VmPciDeviceRequest Request,
        DeviceSurvey Survey,
        VMChoice Choice,
        HostNeed Need,
        IReadOnlyList<HostDevice> All,
        DeviceWishes Wishes
    )
    {
        internal VMFacts VM => Choice.VM;

        // What of its memory was not told, so that nobody knows whether it starts with a device.
        internal string? UntoldMemory =>
            VM.Memory switch
            {
                null or { IsDynamic: null } => "Msvm_MemorySettingData.DynamicMemoryEnabled",
                { IsDynamic: true, Startup: null } => "Msvm_MemorySettingData.VirtualQuantity",
                { IsDynamic: true, Minimum: null } => "Msvm_MemorySettingData.Reservation",
                _ => null,
            };

        internal Finding Named(Finding finding) => finding with { Message = $"{Choice.Word}: {finding.Message}" };

        // Where Hyper-V would refuse a device that nobody judged, it is the user who says that it is given all the same.
        internal DeviceCheck CheckOf(Moved one, bool isAway) =>
            !Request.Force ? DeviceCheck.Full
            : isAway && one.Device is { AcsCompatibleUpHierarchy: null, IsDismounted: false } ? DeviceCheck.None
            : DeviceCheck.Isolation;

        internal HostChange Move(Moved one, DevicePart part, bool isAway)
        {
            (string from, string to) = isAway ? (part.AtHost, part.Away) : (part.Away, part.AtHost);
            bool isStopped = part.NeedsOff && Request.StopGuests && VM.State == VmState.Running;
            return new HostChange(
                $"{Choice.Word}: {part.Word} of {one.Name}",
                from,
                to,
                new DeviceStep(
                    VM.Id,
                    part,
                    Moved.Mounted(one.Device.InstancePath),
                    one.Device.LocationPath!,
                    one.Name,
                    CheckOf(one, isAway),
                    to
                ).ToHostStep(from)
            )
            {
                TakesEffect = part.NeedsOff && !isStopped ? ChangeTiming.GuestRestart : ChangeTiming.Now,
                Disrupts = isStopped ? $"shuts {Choice.Word} down, and starts it again" : null,
                Undo = $"has it {from} again",
            };
        }
    }
}
