using NestVirt.Cli.Output;
using NestVirt.Hosts;
using NestVirt.Model;

namespace NestVirt.Cli.Tables;

/// <summary>Prints whether hosts can nest: a card for one host, a line each for many.</summary>
/// <param name="page">Where to.</param>
internal sealed class SupportTable(Page page) : IResultSink<NestedSupport>
{
    private IResultSink<NestedSupport>? _form;

    /// <inheritdoc/>
    public void Begin(IReadOnlyList<HostTarget> hosts)
    {
        _form = hosts.Count == 1 ? new SupportCard(page) : new SupportList(page);
        _form.Begin(hosts);
    }

    /// <inheritdoc/>
    public void Take(HostTarget host, IReadOnlyList<NestedSupport> results)
    {
        _form!.Take(host, results);
        page.Flush();
    }

    /// <inheritdoc/>
    public void Fail(HostFailure failure) => _form!.Fail(failure);

    /// <inheritdoc/>
    public void End()
    {
        _form!.End();
        page.Dispose();
    }
}
