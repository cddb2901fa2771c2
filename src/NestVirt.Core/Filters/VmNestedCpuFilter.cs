using NestVirt.Model;

namespace NestVirt.Filters;

/// <summary>Keeps virtual machines.</summary>
/// <param name="names">Their names or ids; * and ? stand for other characters.</param>
public sealed class VmNestedCpuFilter(IEnumerable<string>? names) : ResultFilter<VmNestedCpu>
{
    // The host compute service runs them without a row of Hyper-V's management.
    private const string NotManaged =
        "Of Hyper-V, what WSL, Windows Sandbox and containers run in is no virtual machine of its management; of KVM, guests are listed that libvirt's system daemon has: none of a user's session, of Proxmox, or of QEMU alone.";

    private readonly WantedWords _names = new("the virtual machine", names ?? []);

    /// <inheritdoc/>
    public override IReadOnlyList<MissingValue> Missing =>
        [.. _names.Missing.Select(static missing => missing with { Remedy = NotManaged })];

    /// <inheritdoc/>
    public override IReadOnlyList<VmNestedCpu> Keep(IReadOnlyList<VmNestedCpu> results) =>
        [.. results.Where(vm => _names.Fit(vm.VmName, vm.Id))];
}
