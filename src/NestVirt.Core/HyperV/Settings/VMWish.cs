using NestVirt.HyperV.Support;
using NestVirt.HyperV.VirtualMachines;
using NestVirt.Model;

namespace NestVirt.HyperV.Settings;

/// <summary>What one setting of a virtual machine is to be.</summary>
/// <param name="VM">The virtual machine.</param>
/// <param name="Setting">The setting.</param>
/// <param name="Current">What it is; null when that was not told.</param>
/// <param name="Value">What it is to be.</param>
/// <param name="InstanceId">The InstanceID of the instance that has it; null when that was not told.</param>
internal sealed record VMWish(VMFacts VM, VMSetting Setting, string? Current, string Value, string? InstanceId)
{
    /// <summary>Gets the connection that it is of, and its place among those of the virtual machine; null for what is of none.</summary>
    internal (string Id, int? Place)? Connection { get; init; }

    /// <summary>Gets what is in the way, whatever state the virtual machine is in; null where nothing is.</summary>
    internal Finding? Obstacle { get; init; }

    /// <summary>Makes the wishes of a request for a virtual machine.</summary>
    /// <param name="vm">The virtual machine.</param>
    /// <param name="wanted">What is asked for.</param>
    /// <returns>The wishes, those that are fulfilled among them.</returns>
    internal static IEnumerable<VMWish> Of(VMFacts vm, VMWishes wanted)
    {
        VMProcessorFacts? processor = vm.Processor;
        (VMSetting Setting, string? Current, string? Value)[] ofProcessor =
        [
            (VMSetting.Exposed, VMSetting.Text(processor?.IsExposed), VMSetting.Text(wanted.Expose)),
            (VMSetting.CpuCount, VMSetting.Text(processor?.Count), VMSetting.Text(wanted.CpuCount)),
            (VMSetting.Threads, VMSetting.Text(processor?.ThreadSetting), VMSetting.Text(wanted.ThreadsPerCore)),
        ];
        foreach ((VMSetting setting, string? current, string? value) in ofProcessor)
        {
            if (value is not null)
            {
                yield return processor is null
                    ? Unknown(vm, setting, "it shows no processors")
                    : new VMWish(vm, setting, current, value, processor.Id);
            }
        }

        if (wanted.StaticMemory)
        {
            yield return vm.Memory is { } memory
                ? new VMWish(vm, VMSetting.DynamicMemory, VMSetting.Text(memory.IsDynamic), "false", memory.Id)
                : Unknown(vm, VMSetting.DynamicMemory, "it shows no memory");
        }

        if (wanted.VbsOptOut is { } optOut)
        {
            yield return new VMWish(
                vm,
                VMSetting.VbsOptOut,
                VMSetting.Text(vm.IsVbsOptedOut),
                VMSetting.Text(optOut)!,
                vm.SecurityId
            );
        }

        foreach (
            VMWish wish in OfConnections(
                    vm,
                    VMSetting.MacSpoofing,
                    VMSetting.Text(wanted.MacSpoofing),
                    VMSetting.Text(false)!,
                    static one => (VMSetting.Text(one.AllowsMacSpoofing), one.SecurityId)
                )
                .Concat(
                    OfConnections(
                        vm,
                        VMSetting.IovWeight,
                        VMSetting.Text(wanted.IovWeight),
                        VMSetting.Text(0)!,
                        static one => (VMSetting.Text(one.IovWeight), one.OffloadId)
                    )
                )
        )
        {
            yield return wish;
        }
    }

    /// <summary>Gets what is in the way of setting it, whatever state the virtual machine is in; null where nothing is.</summary>
    internal Finding? Against =>
        Obstacle
        ?? (
            Current is null || (InstanceId is null && Connection is null)
                ? VMFindings.NotTold(VM, $"{Setting.ClassName}.{Setting.Property}")
                : null
        );

    private static IEnumerable<VMWish> OfConnections(
        VMFacts vm,
        VMSetting setting,
        string? value,
        string none,
        Func<VMConnectionFacts, (string? Current, string? InstanceId)> read
    )
    {
        if (value is null)
        {
            yield break;
        }

        if (vm is not { Connections: { Count: > 0 } connections })
        {
            // What has no adapters has none that may do anything.
            if (vm.AdapterCount != 0)
            {
                yield return Unknown(vm, setting, "it shows no connections of network adapters");
            }
            else if (value != none)
            {
                yield return new VMWish(vm, setting, null, value, null) { Obstacle = VMFindings.NoAdapters };
            }

            yield break;
        }

        for (int at = 0; at < connections.Count; at++)
        {
            VMConnectionFacts connection = connections[at];
            (string? current, string? instanceId) = read(connection);
            yield return new VMWish(vm, setting, current, value, instanceId)
            {
                Connection = (connection.Id, connections.Count == 1 ? null : at + 1),
            };
        }
    }

    private static VMWish Unknown(VMFacts vm, VMSetting setting, string what) =>
        new(vm, setting, null, string.Empty, null) { Obstacle = VMFindings.NotTold(vm, what) };
}

/// <summary>What is asked for of virtual machines; what is null or false is left as it is.</summary>
/// <param name="Expose">Whether they see the virtualization extension.</param>
internal sealed record VMWishes(bool? Expose)
{
    /// <summary>Gets how many processors they have.</summary>
    internal int? CpuCount { get; init; }

    /// <summary>Gets how many threads a core has.</summary>
    internal int? ThreadsPerCore { get; init; }

    /// <summary>Gets a value indicating whether their memory is static.</summary>
    internal bool StaticMemory { get; init; }

    /// <summary>Gets whether their adapters may send from other MAC addresses.</summary>
    internal bool? MacSpoofing { get; init; }

    /// <summary>Gets how much of the virtual functions of a switch each of their adapters may claim.</summary>
    internal int? IovWeight { get; init; }

    /// <summary>Gets whether they opt out of virtualization-based security.</summary>
    internal bool? VbsOptOut { get; init; }
}
