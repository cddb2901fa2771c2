using System.Management.Automation;
using NestVirt.Client;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Parameters;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Questions;
using NestVirt.Text;

namespace NestVirt.PowerShell.Commands;

/// <summary>Records every answer of one or more hosts, each in a file that the other cmdlets read back.</summary>
[Cmdlet(
    VerbsData.Export,
    "NestSnapshot",
    DefaultParameterSetName = HostSet,
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Low
)]
[OutputType(typeof(FileInfo))]
public sealed class ExportNestSnapshotCommand : HostCommand
{
    private SnapshotFolder _folder = null!;
    private HostReading<SnapshotDocument> _reading = null!;

    /// <summary>Gets or sets the file, or the directory that gets a file for each host; no character is a wildcard.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    [Alias("LiteralPath")]
    public string Path { get; set; } = string.Empty;

    /// <summary>Gets or sets a value indicating whether to remove what identifies the machine.</summary>
    [Parameter]
    public SwitchParameter Redact { get; set; }

    /// <summary>Gets or sets a value indicating whether to leave a file that exists as it is.</summary>
    [Parameter]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Gets or sets a value indicating whether to replace a read-only file too.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Gets or sets a value indicating whether to write the files to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _folder = new SnapshotFolder(this.FilePath(Path), Redact);
        base.BeginProcessing();
        _reading = new HostReading<SnapshotDocument>(
            this,
            HostQueries.Record(Redact),
            (_, documents) => Save(documents[0])
        );
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (NamedHost named in Hosts.OfRecord())
        {
            _reading.Ask(named.Target);
        }

        _reading.Drain();
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => _reading.Finish();

    private void Save(SnapshotDocument value)
    {
        if (!_folder.TryName(value.Target, out string path))
        {
            WriteError(ErrorRecords.PathNotDirectory(path, value.Target));
        }
        else if (NoClobber && System.IO.Path.Exists(path))
        {
            WriteError(ErrorRecords.FileExists(path, "Leave out -NoClobber, or name another path."));
        }
        else if (!Force && WholeFile.IsReadOnly(path))
        {
            WriteError(ErrorRecords.FileExists(path, "It is read-only; -Force replaces it."));
        }
        else if (ShouldProcess(path, $"Write the snapshot of {value.Target.Name}"))
        {
            Write(value, path);
        }
    }

    private void Write(SnapshotDocument document, string path)
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            WholeFile.Write(path, document.Utf8.Span, overwrite: !NoClobber);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            WriteError(ErrorRecords.WriteFailed(error, path, "SnapshotNotWritten"));
            return;
        }

        if (PassThru)
        {
            this.WriteFile(path);
        }
    }
}
