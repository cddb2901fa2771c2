using System.Collections;
using System.Management.Automation;
using NestVirt.Hosts;
using NestVirt.PowerShell.Cim;
using NestVirt.PowerShell.Errors;

namespace NestVirt.PowerShell.Parameters;

/// <summary>A host, and the object of the pipeline that it was named beside, or by.</summary>
/// <param name="Target">The host.</param>
/// <param name="Record">The object of the pipeline; null where there is none.</param>
internal readonly record struct NamedHost(HostTarget Target, PSObject? Record)
{
    /// <summary>Gets the object of the pipeline that named the host; null where a parameter did.</summary>
    internal PSObject? Origin { get; init; }
}

/// <summary>The hosts that the parameters of a cmdlet and its pipeline name.</summary>
internal sealed class HostNames
{
    private readonly LiveHostCommand _cmdlet;
    private readonly Connection _connection;
    private readonly bool _isNamed;
    private readonly bool _takesName;

    /// <summary>Initializes a new instance of the <see cref="HostNames"/> class before the first record of the pipeline.</summary>
    internal HostNames(LiveHostCommand cmdlet)
    {
        _cmdlet = cmdlet;
        _connection = new Connection(cmdlet, cmdlet);

        // What the pipeline binds comes later.
        _isNamed =
            IsBound(nameof(LiveHostCommand.HostName))
            || IsBound(nameof(LiveHostCommand.ComputerName))
            || IsBound(nameof(LiveHostCommand.Target))
            || IsBound(nameof(LiveHostCommand.Session))
            || IsBound(nameof(LiveHostCommand.CimSession));
        _takesName = !cmdlet.MyInvocation.MyCommand.Parameters.Values.Any(IsPipedName);
    }

    /// <summary>Makes a host of a word, or ends the cmdlet when it names none or several.</summary>
    internal HostTarget HostOf(string word) => _connection.HostOf(word);

    /// <summary>Gives a host the limits that hold for all.</summary>
    internal HostTarget WithLimits(HostTarget target) => _connection.WithLimits(target);

    /// <summary>Makes the host of a snapshot file, which is shown by the name of its file.</summary>
    internal static HostTarget Recorded(string file) => HostTarget.Snapshot(file);

    /// <summary>Lists the hosts of the present pipeline record, and writes an error for each name that is none.</summary>
    internal IEnumerable<NamedHost> OfRecord() =>
        Named().Select(named => named with { Target = _connection.WithLimits(named.Target) });

    private IEnumerable<NamedHost> Named() =>
        (_cmdlet, _cmdlet.ParameterSetName) switch
        {
            (HostCommand recorded, HostCommand.RecordedSet) => WithoutOrigin(RecordedHosts(recorded)),
            (HostCommand tree, HostCommand.RootSet) => WithoutOrigin(tree.Root.Select(Tree)),
            _ when _cmdlet.InputObject is { } input => Piped(input),
            _ when _cmdlet.MyInvocation.ExpectingInput || IsBound(nameof(LiveHostCommand.InputObject)) => OfNothing(),
            _ => WithoutOrigin(OfParameters()),
        };

    private static IEnumerable<NamedHost> WithoutOrigin(IEnumerable<HostTarget> targets) =>
        targets.Select(static target => new NamedHost(target, Record: null));

    private static bool IsPipedName(ParameterMetadata parameter) =>
        (parameter.Name == "Name" || parameter.Aliases.Contains("Name"))
        && parameter.ParameterSets.Values.Any(static set => set.ValueFromPipelineByPropertyName);

    private bool IsBound(string parameter) => _cmdlet.MyInvocation.BoundParameters.ContainsKey(parameter);

    private IEnumerable<HostTarget> OfParameters()
    {
        if (
            _cmdlet.HostName.Length
                + _cmdlet.ComputerName.Length
                + _cmdlet.Target.Length
                + _cmdlet.Session.Length
                + _cmdlet.CimSession.Length
            > 0
        )
        {
            return _cmdlet
                .Session.Select(static session => session.Target)
                .Concat(_cmdlet.CimSession.Select(MiClient.TargetOf))
                .Concat(_cmdlet.Target.SelectMany(Known))
                .Concat(_cmdlet.HostName.SelectMany(word => OfWord(word, new HostSettings())))
                .Concat(_cmdlet.ComputerName.SelectMany(word => OfWord(HostWords.HyperV(word), new HostSettings())))
                .Distinct();
        }

        if (_isNamed)
        {
            _cmdlet.WriteError(ErrorRecords.TargetsEmpty());
            return [];
        }

        return _cmdlet.InventoryPath is null ? _connection.Words.Resolve([]) : OfWord(word: null, new HostSettings());
    }

    // What is nothing names no host, and so not this machine either.
    private IEnumerable<NamedHost> OfNothing()
    {
        if (_isNamed || _cmdlet.InventoryPath is not null)
        {
            return WithoutOrigin(OfParameters());
        }

        _cmdlet.WriteError(ErrorRecords.InputNotHost(null, "it is nothing"));
        return [];
    }

    private IEnumerable<NamedHost> Piped(PSObject input) =>
        input.BaseObject is IEnumerable many and not string and not IDictionary
            ? many.Cast<object?>().SelectMany(item => item is null ? OfNothing() : OfItem(PSObject.AsPSObject(item)))
            : OfItem(input);

    private IEnumerable<NamedHost> OfItem(PSObject item)
    {
        PipedHost host = PipedHost.Of(item, _takesName);
        if (host.IsNone && (_isNamed || _cmdlet.InventoryPath is not null))
        {
            return OfParameters().Select(target => new NamedHost(target, Record: item));
        }

        if (_isNamed)
        {
            _cmdlet.ThrowTerminatingError(
                ErrorRecords.RequestInvalid(
                    "-HostName, -ComputerName, -Target, -Session or -CimSession names a host, and so does the object from the pipeline: give one of the two."
                )
            );
        }

        return OfPiped(host, item).Select(target => new NamedHost(target, item) { Origin = item });
    }

    private IEnumerable<HostTarget> OfPiped(PipedHost host, PSObject item)
    {
        if (host.Target is not null)
        {
            return Known(host.Target);
        }

        if (host.Word is not null)
        {
            return OfWord(host.Word, host.Columns);
        }

        if (host.Path is not null)
        {
            return [Recorded(_cmdlet.FilePath(host.Path))];
        }

        _cmdlet.WriteError(ErrorRecords.InputNotHost(item, host.Fault));
        return [];
    }

    private IReadOnlyList<HostTarget> Known(HostTarget target)
    {
        try
        {
            return [_connection.Words.CompleteKnown(target)];
        }
        catch (HostWordException error)
        {
            _cmdlet.WriteError(ErrorRecords.FromHostWord(error, target.Name));
            return [];
        }
    }

    private IReadOnlyList<HostTarget> OfWord(string? word, HostSettings nearer)
    {
        if (word is not null && _cmdlet.TakesFilesForHosts && _cmdlet.FindFile(word) is { } file)
        {
            return [Recorded(file)];
        }

        try
        {
            return word is null ? _connection.Words.All() : _connection.Words.HostsOf(word, nearer);
        }
        catch (HostWordException error)
        {
            _cmdlet.WriteError(ErrorRecords.FromHostWord(error, word ?? _cmdlet.InventoryPath));
            return [];
        }
    }

    private IEnumerable<HostTarget> RecordedHosts(HostCommand recorded)
    {
        string[] literal = recorded is ILiteralPathParameter { LiteralPath: var paths } ? paths : [];
        return recorded
            .SnapshotPath.SelectMany(SnapshotFiles)
            .Concat(literal.Select(_cmdlet.FilePath))
            .Select(Recorded);
    }

    private string[] SnapshotFiles(string path)
    {
        IReadOnlyList<string> found = _cmdlet.FilesOf(path, error => ErrorRecords.SourceNotFound(path, error));
        string[] files = [.. found.SelectMany(FilesIn)];

        // An audit of no files must not look like one that went well.
        if (found.Count > 0 && files.Length == 0)
        {
            _cmdlet.WriteError(ErrorRecords.SourceNotFound(path));
        }

        return files;
    }

    private static IEnumerable<string> FilesIn(string path) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.json").Order(StringComparer.Ordinal) : [path];

    private HostTarget Tree(string path) => HostTarget.Tree(_cmdlet.FilePath(path));
}
