using System.Management.Automation;
using System.Text;
using NestVirt.Hosts;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Parameters;

namespace NestVirt.PowerShell.Pipeline;

/// <summary>A change that may be of virtual machines: of those that are named, or of those that come down the pipeline.</summary>
/// <remarks>What comes of one host is one plan, one question and one change.</remarks>
public abstract class VmChangeCommand : HostChangeCommand
{
    private readonly OrderedDictionary<HostTarget, List<string>> _gathered = [];
    private IReadOnlyList<string>? _named;

    /// <summary>Gets or sets the virtual machines of a Hyper-V host that are meant, by name or id.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public virtual string[]? VMName { get; set; }

    /// <summary>Gets what names the virtual machines of the present pipeline record, or at the end of the host whose turn it is; null where nothing does.</summary>
    private protected IReadOnlyList<string>? VMs => _named ?? OfRecord();

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _named = VMName;
        base.BeginProcessing();
    }

    /// <inheritdoc/>
    private protected sealed override bool Gather(HostTarget target)
    {
        if (_named is not null || OfRecord() is not { } names)
        {
            return false;
        }

        if (!_gathered.TryGetValue(target, out List<string>? known))
        {
            _gathered.Add(target, known = []);
        }

        known.AddRange(names);
        return true;
    }

    /// <inheritdoc/>
    private protected sealed override IEnumerable<HostTarget> TakeGathered()
    {
        foreach ((HostTarget target, List<string> names) in _gathered)
        {
            _named = [.. names.Distinct(StringComparer.OrdinalIgnoreCase)];
            yield return target;
        }
    }

    // A host that comes down the pipeline with one virtual machine is not asked for all of them. Hyper-V's own cmdlets write VMId.
    // A record of which nobody can tell whose it is gets a blank word, which names none and is refused.
    private string[]? OfRecord() =>
        !PipedHost.Has(Record, "VMName") && !PipedHost.Has(Record, "VMId") ? null
        : new[] { TextOf("VMId"), TextOf("Id") }.FirstOrDefault(static text => Guid.TryParse(text, out _)) is { } id
            ? [id]
        : [Literally(TextOf("VMName") ?? string.Empty)];

    private string? TextOf(string property) => PipedHost.Text(Record!, property);

    private static string Literally(string name)
    {
        StringBuilder text = new();
        foreach (char c in name)
        {
            text.Append(c is '*' or '?' or '[' or '`' ? $"`{c}" : c.ToString());
        }

        return text.ToString();
    }
}
