using NestVirt.Cli.Output;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Text;
using Spectre.Console;

namespace NestVirt.Cli.Tables;

/// <summary>Prints a line a host as it answers, and at the end why hosts are not ready.</summary>
/// <param name="page">Where to.</param>
internal sealed class SupportList(Page page) : IResultSink<NestedSupport>
{
    private const int LongestName = 28;
    private const int VerdictWidth = 14;
    private const int StateWidth = 9;
    private const int ReasonsStart = VerdictWidth + (3 * StateWidth);
    private const int ShownHosts = 12;
    private const int Indentation = 2;

    private readonly List<NestedSupport> _hosts = [];
    private int _nameWidth;
    private int _failedCount;

    /// <inheritdoc/>
    public void Begin(IReadOnlyList<HostTarget> hosts)
    {
        _nameWidth = Math.Min(LongestName, hosts.Max(static host => HostText.ForDisplay(host.Name).Length)) + 2;
        Print(
            "HOST",
            new Spectre.Console.Text("VERDICT", Page.Bold),
            "LAYER",
            "NESTING",
            "IOMMU",
            "REASONS",
            Page.Bold
        );
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
            Print(
                support.HostName,
                Page.Cell(support.Verdict.ToString(), Wording.StyleOf(support.Verdict)),
                support.Layer.ToString(),
                support.Nested.Effective == NestedState.NotApplicable ? "-" : Wording.WordOf(support.Nested.Effective),
                iommu,
                CodesOf(support)
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

    // The gravest code, cut where the line ends: the reasons are told in full below the list.
    private string CodesOf(NestedSupport support)
    {
        string[] codes =
        [
            .. support
                .Reasons.Where(static reason => reason.Severity != Severity.Information)
                .Select(static reason => reason.Code),
        ];
        if (codes.Length == 0)
        {
            return string.Empty;
        }

        string more = codes.Length == 1 ? string.Empty : $" +{codes.Length - 1}";
        int room = Math.Max(page.Width - _nameWidth - ReasonsStart - more.Length - 1, 1);
        return HostText.ForDisplay(codes[0], room) + more;
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

    private void Print(
        string host,
        Spectre.Console.Text verdict,
        string layer,
        string nesting,
        string iommu,
        string reasons,
        Style? style = null
    )
    {
        Grid grid = new();
        grid.AddColumn(Column(_nameWidth))
            .AddColumn(Column(VerdictWidth))
            .AddColumn(Column(StateWidth))
            .AddColumn(Column(StateWidth))
            .AddColumn(Column(StateWidth));
        grid.AddColumn(new GridColumn { Padding = new Padding(0, 0, 0, 0) });
        grid.AddRow(
            Page.Cell(host, style),
            verdict,
            Page.Cell(layer, style),
            Page.Cell(nesting, style),
            Page.Cell(iommu, style),
            Page.Cell(reasons, style)
        );
        page.Block(grid);
    }

    private static GridColumn Column(int width) => new() { Width = width, Padding = new Padding(0, 0, 0, 0) };
}
