using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using NestVirt.Changes;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.PowerShell.Internal;

/// <summary>What the format files of this module call. Not meant for anyone else; it may change at any time.</summary>
[SuppressMessage(
    "Naming",
    "CA1707",
    Justification = "The underscore says that the type is internal to the format files."
)]
public static class _Format
{
    private const string Green = "\e[32m";
    private const string Yellow = "\e[33m";
    private const string Red = "\e[31m";
    private const string Reset = "\e[0m";
    private const string Nothing = "-";
    private const long Mebibyte = 1L << 20;

    /// <summary>Shows text from a host, which may hold anything, without what could move the cursor.</summary>
    /// <param name="value">The text.</param>
    /// <returns>The text, or nothing.</returns>
    public static string Text(object? value) =>
        value switch
        {
            null => string.Empty,
            IEnumerable<string> words => HostText.ForDisplay(string.Join(", ", words)),
            _ => HostText.ForDisplay(Convert.ToString(value, CultureInfo.CurrentCulture)),
        };

    /// <summary>Shows text of several lines.</summary>
    /// <param name="value">The text.</param>
    /// <returns>The lines, or nothing.</returns>
    public static string Lines(string? value) =>
        value is null ? string.Empty : string.Join('\n', value.Split('\n').Select(Text));

    /// <summary>Shows yes, no, or that it is unknown.</summary>
    /// <param name="value">The statement.</param>
    /// <returns>The word.</returns>
    public static string YesNo(bool? value) =>
        value switch
        {
            true => "Yes",
            false => "No",
            null => "Unknown",
        };

    /// <summary>Shows the verdict, in the colour of a light that the format system takes away where it has none.</summary>
    /// <param name="support">The support.</param>
    /// <returns>The word.</returns>
    public static string Verdict(NestedSupport support) =>
        Paint(
            support.Verdict.ToString(),
            support.Verdict switch
            {
                Model.Verdict.Ready => Green,
                Model.Verdict.Configurable => Yellow,
                Model.Verdict.Blocked => Red,
                _ => null,
            }
        );

    /// <summary>Shows the verdict as a sentence.</summary>
    /// <param name="support">The support.</param>
    /// <returns>The sentence.</returns>
    public static string Answer(NestedSupport support) =>
        $"{Verdict(support)}: "
        + support.Verdict switch
        {
            Model.Verdict.Ready => "guests of this host can run hypervisors now.",
            Model.Verdict.Configurable => "guests could run hypervisors, once settings of this host change.",
            Model.Verdict.Blocked =>
                "guests cannot run hypervisors: the hardware, its firmware or the hypervisor below stands against it.",
            _ => "what is needed to tell could not be read.",
        };

    /// <summary>Shows the gravest reason.</summary>
    /// <param name="support">The support.</param>
    /// <returns>Its sentence, or nothing.</returns>
    public static string Why(NestedSupport support) =>
        support.Reasons is [Finding gravest, ..] ? Text(gravest.Message) : string.Empty;

    /// <summary>Shows the processor.</summary>
    /// <param name="support">The support.</param>
    /// <returns>Its model, or its vendor.</returns>
    public static string Cpu(NestedSupport support) => Text(support.Cpu.Model ?? support.Cpu.Vendor);

    /// <summary>Shows the virtualization extension and its state.</summary>
    /// <param name="support">The support.</param>
    /// <returns>Such as "VT-x, Available".</returns>
    public static string Virtualization(NestedSupport support) =>
        Text($"{support.Virtualization.Extension ?? "none"}, {support.Virtualization.State}");

    /// <summary>Shows who runs the machine.</summary>
    /// <param name="support">The support.</param>
    /// <returns>Such as "KVM (full)".</returns>
    public static string Hypervisor(NestedSupport support) =>
        support.Hypervisor switch
        {
            { Vendor: null } => "none",
            { Type: null } some => Text(some.Vendor),
            { } some => Text($"{some.Vendor} ({some.Type})"),
        };

    /// <summary>Shows nesting at its three times.</summary>
    /// <param name="support">The support.</param>
    /// <returns>Such as "On now, not configured, On after the next boot (kvm_intel)".</returns>
    public static string Nesting(NestedSupport support)
    {
        NestedFacts nested = support.Nested;
        string configured = nested.Configured is NestedState state ? $"configured {state}" : "not configured";
        return Text(
            $"{nested.Effective} now, {configured}, {nested.NextBoot} after the next boot ({nested.Module ?? "no module"})"
        );
    }

    /// <summary>Shows the IOMMU with the number of its groups.</summary>
    /// <param name="support">The support.</param>
    /// <returns>Such as "On (14)".</returns>
    public static string Iommu(NestedSupport support) =>
        support.Iommu.GroupCount is > 0 and int count
            ? string.Create(CultureInfo.CurrentCulture, $"{support.Iommu.State} ({count})")
            : support.Iommu.State.ToString();

    /// <summary>Shows processors, memory and huge pages.</summary>
    /// <param name="support">The support.</param>
    /// <returns>Such as "16 CPUs, 8 cores, 1 node, 31997 MiB, 512 x 2 MiB".</returns>
    public static string Topology(NestedSupport support)
    {
        TopologyFacts topology = support.Topology;
        List<string> parts = [];
        AddCount(parts, topology.LogicalCpuCount, "CPU");
        AddCount(parts, topology.CoreCount, "core");
        AddCount(parts, topology.Nodes.Count == 0 ? null : topology.Nodes.Count, "node");
        if (topology.MemoryBytes is long memory)
        {
            parts.Add(string.Create(CultureInfo.CurrentCulture, $"{memory / Mebibyte} MiB"));
        }

        parts.AddRange(
            topology
                .HugePages.Where(static pool => pool.TotalCount > 0)
                .Select(static pool =>
                    string.Create(
                        CultureInfo.CurrentCulture,
                        $"{pool.TotalCount} x {pool.PageSizeBytes / Mebibyte} MiB"
                    )
                )
        );
        return string.Join(", ", parts);
    }

    /// <summary>Shows findings with what proves them and what to do, each on lines of its own.</summary>
    /// <param name="findings">The findings.</param>
    /// <returns>The lines.</returns>
    public static string Findings(IEnumerable<Finding> findings)
    {
        StringBuilder lines = new();
        foreach (Finding finding in findings)
        {
            AppendLine(lines, $"{finding.Severity} {finding.Code}: {finding.Message}");
            AppendLine(lines, string.IsNullOrEmpty(finding.Evidence) ? null : $"  Evidence: {finding.Evidence}");
            AppendLine(lines, string.IsNullOrEmpty(finding.Remedy) ? null : $"  Remedy: {finding.Remedy}");
        }

        return lines.ToString();
    }

    /// <summary>Shows whether a guest could be given a group now.</summary>
    /// <param name="group">The group.</param>
    /// <returns>Yes or No.</returns>
    public static string Viable(IommuGroup group) => Paint(group.IsViable is null ? Nothing : YesNo(group.IsViable), group.IsViable == true ? Green : null);

    /// <summary>Shows the devices of a group, each on a line.</summary>
    /// <param name="group">The group.</param>
    /// <returns>The lines.</returns>
    public static string Devices(IommuGroup group) =>
        string.Join(
            '\n',
            group
                .Devices.Select(static device => Text($"{device.Address} {device.Driver ?? Nothing} {Kind(device)}"))
                .Concat(group.OtherDevices.Select(static name => Text(name)))
        );

    /// <summary>Shows the regions of a group that must not be mapped.</summary>
    /// <param name="group">The group.</param>
    /// <returns>Such as "fee00000-feefffff msi".</returns>
    public static string Regions(IommuGroup group) =>
        string.Join(
            '\n',
            group.ReservedRegions.Select(static region => Text($"{region.Start:x8}-{region.End:x8} {region.Kind}"))
        );

    /// <summary>Shows the names of a function.</summary>
    /// <param name="device">The function.</param>
    /// <returns>Such as "Intel Corporation 82574L Gigabit Network Connection".</returns>
    public static string Name(PciDevice device) =>
        Text(
            $"{device.Vendor ?? device.VendorId.ToString("x4", CultureInfo.InvariantCulture)} "
                + (device.Device ?? device.DeviceId.ToString("x4", CultureInfo.InvariantCulture))
        );

    /// <summary>Shows the class of a function.</summary>
    /// <param name="device">The function.</param>
    /// <returns>The name, or the code.</returns>
    public static string Kind(PciDevice device) =>
        Text(device.Class ?? device.ClassCode.ToString("x6", CultureInfo.InvariantCulture));

    /// <summary>Shows the ids of a function as lspci does.</summary>
    /// <param name="device">The function.</param>
    /// <returns>Such as 8086:10d3.</returns>
    public static string Ids(PciDevice device) =>
        string.Create(CultureInfo.InvariantCulture, $"{device.VendorId:x4}:{device.DeviceId:x4}");

    /// <summary>Shows Access Control Services.</summary>
    /// <param name="device">The function.</param>
    /// <returns>What is on of what there is, or why it is unknown.</returns>
    public static string Acs(PciDevice device) =>
        device.Acs switch
        {
            null => Text($"Unknown: {device.AcsUnknownReason}"),
            { IsPresent: false } => "none",
            { } acs => Text($"enabled {ListOf(acs.Enabled)}; capable {ListOf(acs.Capable)}"),
        };

    /// <summary>Shows what the host needs a function for.</summary>
    /// <param name="device">The function.</param>
    /// <returns>The uses, each on a line.</returns>
    public static string Uses(PciDevice device) =>
        string.Join('\n', device.HostUses.Select(static use => Text($"{use.Kind}: {use.Evidence}")));

    /// <summary>Shows how many virtual functions there are of how many there can be.</summary>
    /// <param name="device">The function.</param>
    /// <returns>Such as 4/64, or nothing.</returns>
    public static string VirtualCount(PciDevice device) =>
        device.Sriov is SriovState state
            ? string.Create(CultureInfo.InvariantCulture, $"{state.Count}/{state.TotalCount}")
            : string.Empty;

    /// <summary>Shows the virtual functions, each on a line.</summary>
    /// <param name="device">The physical function.</param>
    /// <returns>The lines.</returns>
    public static string VirtualFunctions(SriovDevice device) =>
        device.VirtualFunctions.Count > 0
            ? string.Join(
                '\n',
                device.VirtualFunctions.Select(static vf => Text($"{vf.Address} {vf.Driver ?? Nothing}"))
            )
            : string.Join('\n', device.State.VirtualFunctions.Select(static address => Text(address)));

    /// <summary>Shows the parameters of a module that configuration sets; where it sets none, how many there are.</summary>
    /// <param name="module">The module.</param>
    /// <returns>Such as "nested=1".</returns>
    public static string Settings(KvmModule module)
    {
        ModuleParameter[] configured =
        [
            .. module.Parameters.Where(static parameter => parameter.Configured is not null),
        ];
        string none =
            module.Parameters.Count > 0
                ? string.Create(CultureInfo.CurrentCulture, $"{module.Parameters.Count} parameters, none configured")
                : string.Empty;
        return configured.Length > 0
            ? Text(string.Join(' ', configured.Select(static parameter => $"{parameter.Name}={parameter.Configured}")))
            : none;
    }

    /// <summary>Shows the parameters of a module, each on a line.</summary>
    /// <param name="module">The module.</param>
    /// <returns>The lines.</returns>
    public static string Parameters(KvmModule module) =>
        string.Join(
            '\n',
            module.Parameters.Select(static parameter =>
                Text(
                    parameter.Configured is null
                        ? $"{parameter.Name}={parameter.Value}"
                        : $"{parameter.Name}={parameter.Value} (configured {parameter.Configured} by {parameter.ConfiguredBy})"
                )
            )
        );

    /// <summary>Shows the groups of a device before and after.</summary>
    /// <param name="difference">The difference.</param>
    /// <returns>Such as "2 -> 14".</returns>
    public static string Groups(IommuDifference difference) =>
        difference.Address is null
            ? Nothing
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{difference.PreviousGroup?.ToString(CultureInfo.InvariantCulture) ?? Nothing} -> {difference.Group?.ToString(CultureInfo.InvariantCulture) ?? Nothing}"
            );

    /// <summary>Shows what company a device gained and lost, or how much the IOMMU itself concerns.</summary>
    /// <param name="difference">The difference.</param>
    /// <returns>Each with its sign.</returns>
    public static string Company(IommuDifference difference) =>
        Text(
            difference.Address is null
                ? difference.Description
                : string.Join(
                    ' ',
                    difference
                        .Gained.Select(static address => $"+{address}")
                        .Concat(difference.Lost.Select(static address => $"-{address}"))
                )
        );

    /// <summary>Shows what a plan changes, each change on a line of its own.</summary>
    /// <param name="plan">The plan.</param>
    /// <returns>The lines.</returns>
    public static string Settings(ChangePlan plan) =>
        plan.Changes.Count == 0 ? "nothing to change" : string.Join('\n', plan.Changes.Select(Summary));

    /// <summary>Shows when all of a plan is in effect.</summary>
    /// <param name="plan">The plan.</param>
    /// <returns>The latest time of its changes.</returns>
    public static string Effect(ChangePlan plan) =>
        plan.Changes.Count == 0 ? Nothing : Effect(plan.Changes.MaxBy(static change => change.TakesEffect)!);

    /// <summary>Shows when a change takes effect.</summary>
    /// <param name="change">The change.</param>
    /// <returns>The words.</returns>
    public static string Effect(HostChange change) =>
        change.TakesEffect switch
        {
            ChangeTiming.ModuleReload => "module reload",
            ChangeTiming.GuestRestart => "guest restart",
            ChangeTiming.NextBoot => "next boot",
            _ => "now",
        };

    /// <summary>Shows changes whole: every line, when it takes effect, what it interrupts, and what undoes it.</summary>
    /// <param name="changes">The changes.</param>
    /// <returns>The lines.</returns>
    public static string Changes(IEnumerable<HostChange> changes)
    {
        StringBuilder lines = new();
        foreach (HostChange change in changes)
        {
            AppendLine(lines, Summary(change));
            foreach (string line in change.Diff)
            {
                // In a file with the line ends of Windows every line has one, and it says nothing.
                AppendLine(
                    lines,
                    $"  {line.TrimEnd('\r')}",
                    line[0] switch
                    {
                        '+' => Green,
                        '-' => Red,
                        _ => null,
                    }
                );
            }

            AppendLine(lines, change.Disrupts is null ? null : $"  Interrupts: {change.Disrupts}", Yellow);
            AppendLine(lines, $"  Effect: {Effect(change)}. Undo: {change.Undo}.");
        }

        return lines.ToString();
    }

    /// <summary>Shows what became of a change, in the colour of a light.</summary>
    /// <param name="result">The result.</param>
    /// <returns>The word.</returns>
    public static string State(ChangeResult result) =>
        Paint(
            result.State.ToString(),
            result.State switch
            {
                ChangeState.InEffect or ChangeState.Undone => Green,
                ChangeState.Pending => Yellow,
                ChangeState.NotInEffect => Red,
                _ => null,
            }
        );

    /// <summary>Shows the first thing that waits, or that may surprise.</summary>
    /// <param name="result">The result.</param>
    /// <returns>Its sentence, or nothing.</returns>
    public static string Remark(ChangeResult result) =>
        result
            .Findings.Where(static finding => finding.Severity == Severity.Error)
            .Concat(result.Pending)
            .Concat(result.Findings)
            .FirstOrDefault()
            is { } first
            ? Text(first.Message)
            : string.Empty;

    /// <summary>Shows how a change stands, in the colour of a light.</summary>
    /// <param name="entry">The change.</param>
    /// <returns>The word.</returns>
    public static string State(JournalEntry entry) =>
        Paint(
            (entry is { State: JournalState.Applied, Effect: { } effect } ? effect.ToString() : null)
                ?? entry.State.ToString(),
            entry.State switch
            {
                JournalState.Applied when entry.Effect is ChangeState.Pending => Yellow,
                JournalState.Applied when entry.Effect is ChangeState.NotInEffect => Red,
                JournalState.Applied => Green,
                JournalState.Interrupted or JournalState.Failed => Red,
                JournalState.Running => Yellow,
                _ => null,
            }
        );

    /// <summary>Shows when a change was begun, in the time of this machine.</summary>
    /// <param name="entry">The change.</param>
    /// <returns>The time to the minute, or nothing.</returns>
    public static string When(JournalEntry entry) =>
        entry.When is { } time
            ? time.LocalDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)
            : Nothing;

    // The lines of a file have a place of their own in the diff.
    private static string Summary(HostChange change) =>
        Text(change.Diff.Count > 0 ? $"{change.Setting} {Size(change.Diff)}" : change.ToString());

    private static string Size(IReadOnlyList<string> diff) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"(+{diff.Count(static line => line[0] == '+')} -{diff.Count(static line => line[0] == '-')})"
        );

    private static string Paint(string text, string? colour) => colour is null ? text : $"{colour}{text}{Reset}";

    private static string ListOf(IReadOnlyList<string> words) => words.Count == 0 ? "nothing" : string.Join(' ', words);

    private static void AddCount(List<string> parts, int? count, string noun)
    {
        if (count is int value)
        {
            parts.Add(string.Create(CultureInfo.CurrentCulture, $"{value} {noun}{(value == 1 ? string.Empty : "s")}"));
        }
    }

    private static void AppendLine(StringBuilder lines, string? text, string? colour = null)
    {
        if (text is not null)
        {
            lines.Append(lines.Length == 0 ? string.Empty : "\n").Append(Paint(Text(text), colour));
        }
    }
}
