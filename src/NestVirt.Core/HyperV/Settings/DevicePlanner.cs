using System.Globalization;
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
/// NVMe storage devices by using Discrete Device Assignment". The cache is for devices that show pictures or compute alone.
/// </remarks>
internal static class DevicePlanner
{
    private const int TurnOff = 2;
    private const int DisplayClass = 3;
    private const int StorageClass = 1;
    private const int NetworkClass = 2;

    /// <summary>Gets the probes whose answers are read.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } =
    [.. VMPlanner.Probes.Union(DeviceInventory.Probes).Union(DeviceSurvey.Reading.Probes).Union(DeviceUse.Probes)];

    /// <summary>Plans it.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">Which devices, which virtual machine, and which way.</param>
    /// <param name="answers">The answers of the host.</param>
    /// <returns>The changes that are missing.</returns>
    /// <exception cref="ChangeRefusedException">A device or the virtual machine is not there, or cannot have that done.</exception>
    internal static ChangePlan Plan(HostTarget target, VmPciDeviceRequest request, ProbeAnswers answers)
    {
        VMInventory vms = VMInventory.Require(answers);
        VMChoice choice = ChoiceOf(vms, request.VmName);
        Moved[] missing =
        [
            .. DevicesOf(DeviceInventory.Require(answers), request.Devices)
                .Where(device => IsMissing(device, choice.VM, request.Add))
                .Select(static device => new Moved(device)),
        ];
        VMWish[] wishes = request.Add && missing.Length > 0 ? [.. WishesOf(choice.VM, request, missing)] : [];
        Subject subject = new(
            target,
            request,
            answers.Read(DeviceSurvey.Reading),
            choice,
            answers.Read(DeviceUse.Reading)
        );
        Finding[] obstacles = [.. missing.Length == 0 ? [] : ObstaclesOf(subject, vms, missing, wishes)];
        return obstacles.Length > 0
            ? throw new ChangeRefusedException(obstacles)
            : new ChangePlan(
                target,
                request,
                WindowsIdentityProbe.Read(answers),
                [.. request.Add ? WayThere(subject, missing, wishes) : WayBack(subject, missing)]
            )
            {
                Findings = [.. request.Add && missing.Length > 0 ? NotesOf(subject, missing) : []],
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
            .. all.SelectMany(static one =>
                one.Found switch
                {
                    [] => [AssignmentFindings.Missing(one.Word)],
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

    private static IEnumerable<VMWish> WishesOf(VMFacts vm, VmPciDeviceRequest request, Moved[] missing)
    {
        VMSystemFacts system = vm.System ?? new VMSystemFacts(null, null, null, null);
        MmioSpace? taken = MmioSpace.Of(missing.Select(static one => one.Device));
        MmioSpace? space = taken is { } alone && vm.Devices.Count > 0 ? alone.OnTopOf(system) : taken;
        (VMSetting Setting, string? Current, string? Value)[] all =
        [
            (VMSetting.ShutdownAction, VMSetting.Text(system.ShutdownAction), VMSetting.Text(TurnOff)),
            (
                VMSetting.CacheTypes,
                VMSetting.Text(system.ChoosesCacheTypes),
                missing.Any(static one => one.BaseClass == DisplayClass) ? VMSetting.Text(true) : null
            ),
            (
                VMSetting.LowMmio,
                VMSetting.Text(system.LowMmio),
                Raised(system.LowMmio, request.LowMmioMebibytes ?? space?.Low)
            ),
            (
                VMSetting.HighMmio,
                VMSetting.Text(system.HighMmio),
                Raised(system.HighMmio, request.HighMmioMebibytes ?? space?.High)
            ),
        ];
        return all.Where(static one => one.Value is not null && one.Value != one.Current)
            .Select(one => new VMWish(vm, one.Setting, one.Current, one.Value!, system.Id));
    }

    // Other devices may take what is there.
    private static string? Raised(int? current, int? wanted) =>
        current >= wanted ? null : wanted?.ToString(CultureInfo.InvariantCulture);

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

        if (subject is { Request.Add: true, VM.Memory: { IsDynamic: true } memory } && memory.Startup != memory.Minimum)
        {
            yield return subject.Named(AssignmentFindings.NotFixed(subject.VM, memory));
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

        if (one.Device.IsDismounted || one.Device.IsDisabled)
        {
            yield break;
        }

        string path = one.Device.InstancePath;
        if (subject.Use.DisksInUse(path).ToArray() is { Length: > 0 } disks)
        {
            yield return AssignmentFindings.HasDisks(disks);
            yield break;
        }

        if (subject.Use.Switched(path).ToArray() is { Length: > 0 } adapters)
        {
            yield return AssignmentFindings.IsSwitched(adapters);
            yield break;
        }

        string[] addresses = [.. subject.Use.AddressesOf(path)];
        if (Array.Find(addresses, subject.IsWay) is { } way)
        {
            yield return AssignmentFindings.IsWay(way);
        }
        else if (one.IsUsed && !subject.Request.Force)
        {
            yield return AssignmentFindings.UsedByHost(one.Device, addresses);
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
                    Disrupts = one.IsUsed ? $"takes {one.Name} from the host" : null,
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

    private static IEnumerable<Finding> NotesOf(Subject subject, Moved[] missing)
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
            if (subject.Unknown(one) is { } what)
            {
                yield return one.Named(AssignmentFindings.UseUnknown(what));
            }
        }

        foreach (
            Moved one in missing.Where(one =>
                one.Device.Memory is null or []
                && (subject.Request.LowMmioMebibytes ?? subject.Request.HighMmioMebibytes) is null
            )
        )
        {
            yield return one.Named(AssignmentFindings.MemoryUnknown(one.Device));
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

        internal int? BaseClass => Device.ClassCode >> 16;

        // What has a problem, such as no driver, is in use for nothing.
        internal bool IsUsed => Device is { IsDismounted: false, ProblemCode: 0 or null };

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
        DeviceUse Use
    )
    {
        internal VMFacts VM => Choice.VM;

        internal Finding Named(Finding finding) => finding with { Message = $"{Choice.Word}: {finding.Message}" };

        /// <summary>Tells whether an address is the one that the host is reached by.</summary>
        internal bool IsWay(string address) =>
            Target.Address is WsManAddress { Host: var host }
            && IPAddress.TryParse(host, out IPAddress? own)
            && IPAddress.TryParse(address, out IPAddress? other)
            && own.Equals(other);

        /// <summary>Says what could not be told of what the host uses a device for; null where all was.</summary>
        internal string? Unknown(Moved one) =>
            one.BaseClass switch
            {
                StorageClass when !Use.KnowsDisks => "which disks it has",
                StorageClass when !Use.HasDisks(one.Device.InstancePath) => "no disk is shown as one of its own",
                NetworkClass when !Use.KnowsAdapters => "what its network adapter is for",
                NetworkClass when Use.AddressesOf(one.Device.InstancePath).Any() =>
                    "the host may be reached by its network adapter",
                null => "what kind of device it is",
                _ => null,
            };

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
                    IsChecked: isAway && !Request.Force,
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
