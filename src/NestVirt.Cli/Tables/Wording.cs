using NestVirt.Model;
using Spectre.Console;

namespace NestVirt.Cli.Tables;

/// <summary>Puts values into words.</summary>
internal static class Wording
{
    /// <summary>Says what a verdict means.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <returns>A sentence.</returns>
    internal static string SentenceOf(Verdict verdict) =>
        verdict switch
        {
            Verdict.Ready => "Guests of this host can run hypervisors of their own.",
            Verdict.Configurable =>
                "Guests of this host cannot run hypervisors now, but could after a change of its settings.",
            Verdict.Blocked =>
                "Guests of this host cannot run hypervisors, and no setting of its software changes that.",
            _ => "It could not be told whether guests of this host can run hypervisors.",
        };

    /// <summary>Says what the state of the IOMMU means.</summary>
    /// <param name="state">The state.</param>
    /// <returns>A sentence.</returns>
    internal static string SentenceOf(IommuState state) =>
        state switch
        {
            IommuState.On => "They can own PCI devices: the IOMMU is on.",
            IommuState.Off => "They cannot own PCI devices: the IOMMU is off.",
            _ => "Whether they can own PCI devices is unknown.",
        };

    /// <summary>Says what a layer is.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="hypervisor">Who runs the machine.</param>
    /// <returns>A phrase.</returns>
    internal static string PhraseOf(HostLayer layer, HypervisorFacts hypervisor) =>
        layer switch
        {
            HostLayer.L0 => "L0: bare metal",
            HostLayer.L1 => $"L1: a guest of {hypervisor.Vendor ?? "an unknown hypervisor"}",
            HostLayer.L2 => $"L2: a guest of a guest ({hypervisor.Vendor ?? "unknown hypervisor"})",
            _ => hypervisor.Vendor is null ? "unknown" : $"a guest of {hypervisor.Vendor}, at which depth is unknown",
        };

    /// <summary>Says what a state of nesting is.</summary>
    /// <param name="state">The state.</param>
    /// <returns>A word or two.</returns>
    internal static string WordOf(NestedState state) =>
        state switch
        {
            NestedState.On => "on",
            NestedState.Off => "off",
            NestedState.NotApplicable => "not applicable",
            _ => "unknown",
        };

    /// <summary>Says what a state of virtualization is.</summary>
    /// <param name="state">The state.</param>
    /// <returns>A word or two.</returns>
    internal static string WordOf(VirtualizationState state) =>
        state switch
        {
            VirtualizationState.Available => "available",
            VirtualizationState.DisabledInFirmware => "disabled in firmware",
            VirtualizationState.NotAvailable => "not available",
            _ => "unknown",
        };

    /// <summary>Gives the colour of a verdict.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <returns>The style.</returns>
    internal static Style StyleOf(Verdict verdict) =>
        verdict switch
        {
            Verdict.Ready => Page.Good,
            Verdict.Blocked => Page.Bad,
            _ => Page.Doubtful,
        };

    /// <summary>Gives the word and the colour of a finding's severity.</summary>
    /// <param name="severity">The severity.</param>
    /// <returns>A word and a style.</returns>
    internal static (string Word, Style Style) MarkOf(Severity severity) =>
        severity switch
        {
            Severity.Error => ("problem", Page.Bad),
            Severity.Warning => ("warning", Page.Doubtful),
            _ => ("note", Style.Plain),
        };

    /// <summary>Counts things.</summary>
    /// <param name="count">How many.</param>
    /// <param name="noun">The noun; its plural ends in s.</param>
    /// <returns>The phrase.</returns>
    internal static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
