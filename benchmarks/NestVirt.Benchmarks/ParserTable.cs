using NestVirt.Kvm;

namespace NestVirt.Benchmarks;

/// <summary>The parser of each probe's answer.</summary>
internal static class ParserTable
{
    /// <summary>Gets each probe's name and what reads its answer.</summary>
    internal static IReadOnlyList<(string Name, Action<string> Parse)> All { get; } =
    [
        ("pci", static text => PciProbe.Parse(text)),
        ("iommu", static text => IommuProbe.Parse(text)),
    ];
}
