using NestVirt.Model;

namespace NestVirt.Filters;

/// <summary>Keeps KVM's modules.</summary>
/// <param name="names">Their names; a hyphen is taken for an underscore, as the kernel does.</param>
public sealed class KvmModuleFilter(IEnumerable<string>? names) : ResultFilter<KvmModule>
{
    // A hyphen inside brackets is a range: such a pattern stays as it is.
    private readonly WantedWords _names = new(
        "the module",
        (names ?? []).Select(static name => name.Contains('[') ? name : name.Replace('-', '_'))
    );

    /// <inheritdoc/>
    public override IReadOnlyList<MissingValue> Missing => [.. _names.Missing];

    /// <inheritdoc/>
    public override IReadOnlyList<KvmModule> Keep(IReadOnlyList<KvmModule> results) =>
        [.. results.Where(module => _names.Fit(module.Name))];
}
