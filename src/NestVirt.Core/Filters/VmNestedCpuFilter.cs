using NestVirt.Model;

namespace NestVirt.Filters;

/// <summary>Keeps virtual machines.</summary>
/// <param name="names">Their names or ids; * and ? stand for other characters.</param>
public sealed class VmNestedCpuFilter(IEnumerable<string>? names) : ResultFilter<VmNestedCpu>
{
    private readonly WantedWords _names = new("the virtual machine", names ?? []);

    /// <inheritdoc/>
    public override IReadOnlyList<MissingValue> Missing => [.. _names.Missing];

    /// <inheritdoc/>
    public override IReadOnlyList<VmNestedCpu> Keep(IReadOnlyList<VmNestedCpu> results) =>
        [.. results.Where(vm => _names.Fit(vm.VmName, vm.Id))];
}
