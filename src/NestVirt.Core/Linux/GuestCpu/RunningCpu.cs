using NestVirt.Linux.DomainXml;
using NestVirt.Linux.Guests;
using NestVirt.Model;

namespace NestVirt.Linux.GuestCpu;

/// <summary>Tells whether a guest that runs was started with what is asked for.</summary>
internal static class RunningCpu
{
    /// <summary>Tells whether it still waits for a restart.</summary>
    /// <remarks>
    /// In what runs, libvirt writes host-model as the model that it was at the start, and features that were not given as disabled or not
    /// at all (virCPUUpdateLive of src/cpu/cpu.c).
    /// </remarks>
    /// <param name="change">What is asked for; the definition has it.</param>
    /// <param name="running">What runs.</param>
    /// <param name="saved">The definition.</param>
    /// <param name="host">The host.</param>
    /// <returns>True where something of it is certainly not in effect.</returns>
    internal static bool Waits(CpuChange change, DomainDefinition running, DomainDefinition saved, GuestHost host) =>
        !HasMode(change, running, host)
        || (change.Model is { } model && running.Model != model)
        || !HasNesting(change, running, saved, host)
        || change.Features.Any(pair => !Has(running.Find(pair.Key), pair.Value))
        || (change.Migratable is { } migratable && running.IsMigratable != migratable)
        || (change.Topology is not null && running.Topology != saved.Topology)
        || (change.WindowsHypervisor && saved.Enlightenments.Except(running.Enlightenments).Any());

    private static bool HasMode(CpuChange change, DomainDefinition running, GuestHost host) =>
        change.Mode switch
        {
            CpuMode.HostPassthrough => running.Mode == "host-passthrough",
            CpuMode.Maximum => running.Mode == "maximum",
            CpuMode.Custom => running.Mode == "custom",
            CpuMode.HostModel => running.Mode is "custom" or "host-model"
                && (
                    running.Model is null
                    || host.Capabilities is not { HostModelName: { } name } capabilities
                    || !capabilities.AreOf(running)
                    || name == running.Model
                ),
            _ => true,
        };

    // What a definition names is named in what runs, too, and so one that is not named there came later.
    private static bool HasNesting(
        CpuChange change,
        DomainDefinition running,
        DomainDefinition saved,
        GuestHost host
    ) =>
        change is not { Nesting: { } nesting, Extension: { } extension }
        // What the host does not give, no restart gives.
        || (nesting && running.Type == "kvm" && host.Nesting is NestedState.Off or NestedState.NotApplicable)
        || (
            running.Find(extension)?.IsWanted
            ?? GuestExposure.Of(running, host, isRunning: true).IsAsked
            ?? (saved.Find(extension) is { } named ? !named.IsWanted : null)
        ) != !nesting;

    private static bool Has(CpuFeature? feature, string policy) =>
        policy switch
        {
            "disable" or "forbid" => feature?.IsWanted != true,
            "optional" => true,
            _ => feature?.IsWanted == true,
        };
}
