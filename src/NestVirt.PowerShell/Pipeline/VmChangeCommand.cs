using System.Management.Automation;
using System.Text;
using NestVirt.PowerShell.Completion;
using NestVirt.PowerShell.Parameters;

namespace NestVirt.PowerShell.Pipeline;

/// <summary>A change that may be of virtual machines: of those that are named, or of the one that comes down the pipeline.</summary>
public abstract class VmChangeCommand : HostChangeCommand
{
    private string[]? _named;

    /// <summary>Gets or sets the virtual machines of a Hyper-V host that are meant, by name or id.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public virtual string[]? VMName { get; set; }

    /// <summary>Gets what names the virtual machines of the present pipeline record; null where nothing does.</summary>
    private protected IReadOnlyList<string>? VMs => _named ?? OfRecord();

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _named = VMName;
        base.BeginProcessing();
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
