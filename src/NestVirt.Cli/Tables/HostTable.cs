using NestVirt.Cli.Output;
using NestVirt.Hosts;

namespace NestVirt.Cli.Tables;

/// <summary>Prints what each host has, under its name where there are many.</summary>
/// <typeparam name="T">The type of a result.</typeparam>
/// <param name="page">Where to.</param>
internal abstract class HostTable<T>(Page page) : IResultSink<T>
{
    private bool _hasMany;
    private bool _isFirst = true;

    /// <summary>Gets the page.</summary>
    protected Page Page { get; } = page;

    /// <summary>Gets what to say of a host that has nothing to list.</summary>
    protected abstract string NothingText { get; }

    /// <inheritdoc/>
    public void Begin(IReadOnlyList<HostTarget> hosts) => _hasMany = hosts.Count > 1;

    /// <inheritdoc/>
    public void Take(HostTarget host, IReadOnlyList<T> results)
    {
        if (!_isFirst)
        {
            Page.Gap();
        }

        _isFirst = false;
        if (_hasMany)
        {
            Page.Line(host.Name, Tables.Page.Bold);
        }

        if (results.Count == 0)
        {
            Page.Line(NothingText);
        }
        else
        {
            Print(results);
        }

        Page.Flush();
    }

    /// <inheritdoc/>
    public void Fail(HostFailure failure) { }

    /// <inheritdoc/>
    public void End() => Page.Dispose();

    /// <summary>Prints the results of a host.</summary>
    /// <param name="results">The results; at least one.</param>
    protected abstract void Print(IReadOnlyList<T> results);
}
