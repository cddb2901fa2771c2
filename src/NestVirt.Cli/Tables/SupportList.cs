using NestVirt.Cli.Output;
using NestVirt.Hosts;
using NestVirt.Model;

namespace NestVirt.Cli.Tables;

/// <summary>Prints a line a host as it answers, and at the end why hosts are not ready.</summary>
/// <param name="page">Where to.</param>
internal sealed class SupportList(Page page) : IResultSink<NestedSupport>
{
    // Longer names have a line of their own, so that one does not leave the others without a table.
    private const int LongestName = 28;
    private const int VerdictWidth = 12;
    private const int StateWidth = 7;
    private const int NarrowestReasons = 8;
    private const int ShownHosts = 12;
    private const int Indentation = 2;

    private readonly List<NestedSupport> _hosts = [];

    private readonly TextTable _table = new("HOST", "VERDICT", "LAYER", "NESTING", "IOMMU", "REASONS")
    {
        NarrowestLast = NarrowestReasons,
    };

    private int _failedCount;

    /// <inheritdoc/>
    public void Begin(IReadOnlyList<HostTarget> hosts)
    {
        int nameWidth = hosts.Max(static host => TextCell.Of(host.Name).Width);
        _table.Reserve(
            Math.Min(LongestName, nameWidth),
            VerdictWidth,
            StateWidth,
            StateWidth,
            StateWidth,
            NarrowestReasons
        );
        page.Headings(_table);
    }

    /// <inheritdoc/>
    public void Take(HostTarget host, IReadOnlyList<NestedSupport> results)
    {
        foreach (NestedSupport support in results)
        {
            _hosts.Add(support);
            string iommu = support.Iommu is { State: IommuState.On, GroupCount: { } count }
                ? $"on, {count}"
                : support.Iommu.State.ToString().ToLowerInvariant();
            page.Row(
                _table,
                [
                    TextCell.Of(support.HostName),
                    TextCell.Of(support.Verdict.ToString(), Wording.StyleOf(support.Verdict)),
                    TextCell.Of(support.Layer.ToString()),
                    TextCell.Of(
                        support.Nested.Effective == NestedState.NotApplicable
                            ? null
                            : Wording.WordOf(support.Nested.Effective)
                    ),
                    TextCell.Of(iommu),
                    TextCell.Of(CodesOf(support)),
                ]
            );
        }
    }

    /// <inheritdoc/>
    public void Fail(HostFailure failure) => _failedCount++;

    /// <inheritdoc/>
    public void End()
    {
        page.Gap();
        page.Line(Totals(), Page.Bold);
        IEnumerable<IGrouping<string, (NestedSupport Host, Finding Reason)>> groups = _hosts
            .Where(static host => host.Verdict != Verdict.Ready)
            .SelectMany(static host =>
                host.Reasons.Where(static reason => reason.Severity == Severity.Error).Select(reason => (host, reason))
            )
            .GroupBy(static entry => entry.reason.Code)
            .OrderByDescending(static group => group.Count());
        foreach (IGrouping<string, (NestedSupport Host, Finding Reason)> group in groups)
        {
            PrintReason(group.Key, [.. group]);
        }
    }

    // The gravest code: the reasons are explained in full below the list.
    private static string CodesOf(NestedSupport support)
    {
        string[] codes =
        [
            .. support
                .Reasons.Where(static reason => reason.Severity != Severity.Information)
                .Select(static reason => reason.Code),
        ];
        return codes.Length <= 1 ? string.Concat(codes) : $"{codes[0]} +{codes.Length - 1}";
    }

    private string Totals()
    {
        IEnumerable<string> counts = _hosts
            .GroupBy(static host => host.Verdict)
            .OrderBy(static group => group.Key)
            .Select(static group => $"{group.Count()} {group.Key}");
        string failed =
            _failedCount == 0
                ? string.Empty
                : $"{(_hosts.Count == 0 ? string.Empty : ", ")}{_failedCount} without an answer";
        return $"{Wording.Count(_hosts.Count + _failedCount, "host")}: {string.Join(", ", counts)}{failed}";
    }

    private void PrintReason(string code, IReadOnlyList<(NestedSupport Host, Finding Reason)> entries)
    {
        page.Gap();
        IEnumerable<string> names = entries.Select(static entry => entry.Host.HostName).Distinct();
        int count = names.Count();
        string more = count > ShownHosts ? $" and {count - ShownHosts} more" : string.Empty;
        page.Line($"{code}: {string.Join(", ", names.Take(ShownHosts))}{more}", Page.Bold);
        page.Line(entries[0].Reason.Message, indentation: Indentation);
        if (entries[0].Reason.Remedy is { } remedy)
        {
            page.Line($"do: {remedy}", indentation: Indentation);
        }

        // It names its host.
        if (count == 1 && entries[0].Reason.Command is { } command)
        {
            page.Line($"run: {command}", indentation: Indentation);
        }
    }
}
