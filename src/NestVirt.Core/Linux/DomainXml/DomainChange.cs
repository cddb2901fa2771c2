namespace NestVirt.Linux.DomainXml;

/// <summary>What an edit changes in a definition, as a plan shows it.</summary>
/// <param name="Setting">What changes, such as <c>CPU mode</c> or <c>CPU feature vmx</c>.</param>
/// <param name="From">The state before, or null when there is none.</param>
/// <param name="To">The state after, or null when the setting goes away.</param>
internal sealed record DomainChange(string Setting, string? From, string? To)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Setting}: {From ?? "(none)"} -> {To ?? "(none)"}";
}
