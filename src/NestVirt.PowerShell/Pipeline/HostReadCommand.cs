using System.Management.Automation;
using NestVirt.Filters;
using NestVirt.Hosts;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Parameters;
using NestVirt.Questions;
using NestVirt.Text;

namespace NestVirt.PowerShell.Pipeline;

/// <summary>Reads hosts, live and recorded, and writes the answers that are wanted.</summary>
/// <typeparam name="T">The type of an answer.</typeparam>
public abstract class HostReadCommand<T> : HostCommand, ILiteralPathParameter
    where T : class
{
    private HostReading<T> _reading = null!;
    private ResultFilter<T> _filter = null!;

    /// <summary>Gets or sets the recorded hosts, by paths in which no character is a wildcard.</summary>
    [Parameter(ParameterSetName = RecordedSet)]
    [ValidateNotNullOrEmpty]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Makes the query of what the parameters say. It runs off the pipeline thread.</summary>
    /// <returns>The query.</returns>
    protected abstract IHostQuery<T> CreateQuery();

    /// <summary>Makes what keeps the wanted answers, of what the parameters say.</summary>
    /// <returns>The filter.</returns>
    protected virtual ResultFilter<T> CreateFilter() => new NoFilter<T>();

    /// <summary>Looks at a host that the pipeline names, before it is asked.</summary>
    private protected virtual void OnPiped(HostTarget host, PSObject item) { }

    /// <summary>Says what to write of what is wanted of a host.</summary>
    private protected virtual IReadOnlyList<T> OnAnswer(HostTarget host, IReadOnlyList<T> wanted) => wanted;

    /// <inheritdoc/>
    protected sealed override void BeginProcessing()
    {
        base.BeginProcessing();
        _filter = CreateFilter();
        _reading = new HostReading<T>(this, CreateQuery(), Write);
    }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        foreach (NamedHost named in Hosts.OfRecord())
        {
            if (named.Origin is not null)
            {
                OnPiped(named.Target, named.Origin);
            }

            _reading.Ask(named.Target);
        }

        _reading.Drain();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        _reading.Finish();
        if (!_reading.HasAnswer || StopToken.IsCancellationRequested)
        {
            return;
        }

        foreach (MissingValue missing in _filter.Missing)
        {
            WriteError(ErrorRecords.ValueNotFound(missing));
        }
    }

    private void Write(HostTarget host, IReadOnlyList<T> results)
    {
        foreach (T result in results)
        {
            SeenValues.Remember(result);
        }

        if (_filter.FindNote(results) is { } note)
        {
            WriteWarning(HostText.ForDisplay($"{host.Name}: {note.Message} {note.Remedy}"));
        }

        foreach (T result in OnAnswer(host, _filter.Keep(results)))
        {
            WriteObject(result);
        }
    }
}
