using NestVirt.Cli.Output;
using NestVirt.Hosts;
using NestVirt.Model;

namespace NestVirt.Cli.Tables;

/// <summary>Prints one host: the verdict in words with what to do, then the facts, then what led there.</summary>
/// <param name="page">Where to.</param>
internal sealed class SupportCard(Page page) : IResultSink<NestedSupport>
{
    private const int LabelWidth = 15;
    private const int Indentation = 2;

    /// <inheritdoc/>
    public void Begin(IReadOnlyList<HostTarget> hosts) { }

    /// <inheritdoc/>
    public void Take(HostTarget host, IReadOnlyList<NestedSupport> results)
    {
        foreach (NestedSupport support in results)
        {
            PrintVerdict(support);
            PrintFacts(support);
            PrintFindings(support);
        }
    }

    /// <inheritdoc/>
    public void Fail(HostFailure failure) { }

    /// <inheritdoc/>
    public void End() { }

    private static string CpuOf(NestedSupport support)
    {
        string model = support.Cpu.Model ?? "unknown";
        string vendor = support.Cpu.Vendor is null ? string.Empty : $" ({support.Cpu.Vendor})";
        return $"{model}{vendor}, {support.Architecture ?? "unknown architecture"}";
    }

    private static string ExtensionOf(VirtualizationFacts facts)
    {
        string name = facts.Extension is null ? string.Empty : $"{facts.Extension}: ";
        return name + Wording.WordOf(facts.State);
    }

    private static string NestingOf(NestedSupport support)
    {
        NestedFacts facts = support.Nested;
        if (support.Platform == HostPlatform.HyperV)
        {
            return facts.Effective switch
            {
                NestedState.On => "can be given to virtual machines, to each by its own setting",
                NestedState.Off => "cannot be given to virtual machines",
                _ => Wording.WordOf(facts.Effective),
            };
        }

        string module = facts.Module is null ? string.Empty : $"{facts.Module}: ";
        if (facts is { Effective: NestedState.NotApplicable, Configured: null })
        {
            return module + Wording.WordOf(facts.Effective);
        }

        string configured = facts.Configured is { } wanted ? $"configured {Wording.WordOf(wanted)}" : "not configured";
        return $"{module}{Wording.WordOf(facts.Effective)} now, {configured}, {Wording.WordOf(facts.NextBoot)} after the next boot";
    }

    private static string IommuOf(IommuSummary summary)
    {
        List<string> parts = [summary.State.ToString().ToLowerInvariant()];
        Add(summary.GroupCount is { } count ? Wording.Count(count, "group") : null);
        Add(summary.DefaultDomainType is { } type ? $"mostly of type {type}" : null);
        Add(
            summary.HasInterruptRemapping is { } isRemapped
                ? $"interrupt remapping {(isRemapped ? "on" : "off")}"
                : null
        );
        Add(summary.FirmwareTable is { } table ? $"firmware table {table}" : null);
        return string.Join(", ", parts);

        void Add(string? part)
        {
            if (part is not null)
            {
                parts.Add(part);
            }
        }
    }

    private static string SystemOf(NestedSupport support)
    {
        SystemFacts facts = support.System;
        string[] parts =
        [
            facts.Distribution ?? "unknown distribution",
            $"{(support.Platform == HostPlatform.HyperV ? "version" : "kernel")} {facts.KernelRelease ?? "unknown"}",
            .. facts.LibvirtVersion is { } libvirt ? [$"libvirt {libvirt}"] : Array.Empty<string>(),
            .. facts.QemuVersion is { } qemu ? [$"QEMU {qemu}"] : Array.Empty<string>(),
            .. facts.Container is { } container ? [$"in a container ({container})"] : Array.Empty<string>(),
        ];
        return string.Join(", ", parts);
    }

    private void PrintVerdict(NestedSupport support)
    {
        page.Line($"{support.HostName}: {support.Verdict}", Wording.StyleOf(support.Verdict));
        page.Line(
            $"{Wording.SentenceOf(support.Verdict)} {Wording.SentenceOf(support.Iommu.State)}",
            indentation: Indentation
        );
        if (support.FirstStep is { } first)
        {
            page.Line($"Do this first: {first.Remedy}", Page.Bold, Indentation);
            if (first.Command is { } command)
            {
                page.Line($"Or run: {command}", Page.Bold, Indentation);
            }
        }

        page.Gap();
    }

    private void PrintFacts(NestedSupport support)
    {
        Fact("Processor", CpuOf(support));
        Fact("Virtualization", ExtensionOf(support.Virtualization));
        if (support.Virtualization.Features.Count > 0)
        {
            Fact("Features", string.Join(' ', support.Virtualization.Features));
        }

        Fact("Layer", Wording.PhraseOf(support.Layer, support.Hypervisor));
        Fact("Nesting", NestingOf(support));
        Fact("IOMMU", IommuOf(support.Iommu));
        Fact("System", SystemOf(support));
    }

    private void Fact(string label, string text) => page.Labelled(label, text, LabelWidth);

    private void PrintFindings(NestedSupport support)
    {
        if (support.Reasons.Count == 0)
        {
            return;
        }

        page.Gap();
        page.Line("Why", Page.Bold);
        foreach (Finding reason in support.Reasons)
        {
            FindingLines.Print(page, reason, Indentation);
        }
    }
}
