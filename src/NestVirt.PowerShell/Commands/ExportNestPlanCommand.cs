using System.Management.Automation;
using System.Text;
using NestVirt.Changes;
using NestVirt.PowerShell.Errors;
using NestVirt.PowerShell.Parameters;
using NestVirt.Text;

namespace NestVirt.PowerShell.Commands;

/// <summary>Writes plans to a file for review; Invoke-NestPlan makes them so.</summary>
[Cmdlet(VerbsData.Export, "NestPlan", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(FileInfo))]
public sealed class ExportNestPlanCommand : PSCmdlet
{
    private PipedPlans _piped = null!;

    /// <summary>Gets or sets the plans that -AsPlan wrote.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject? InputObject { get; set; }

    /// <summary>Gets or sets the file; no character is a wildcard.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [Alias("LiteralPath")]
    public string Path { get; set; } = string.Empty;

    /// <summary>Gets or sets a value indicating whether to leave a file that exists as it is.</summary>
    [Parameter]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Gets or sets a value indicating whether to replace a read-only file too.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Gets or sets a value indicating whether to write the file to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => _piped = new PipedPlans(this, takesFiles: false);

    /// <inheritdoc/>
    protected override void ProcessRecord() => _piped.Add(InputObject!);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        string path = this.FilePath(Path);
        if (_piped.Plans.Count == 0)
        {
            return;
        }

        if (NoClobber && System.IO.Path.Exists(path))
        {
            WriteError(ErrorRecords.FileExists(path, "Leave out -NoClobber, or name another path."));
        }
        else if (!Force && WholeFile.IsReadOnly(path))
        {
            WriteError(ErrorRecords.FileExists(path, "It is read-only; -Force replaces it."));
        }
        else if (
            ShouldProcess(path, $"Write {_piped.Plans.Count} plan{(_piped.Plans.Count == 1 ? string.Empty : "s")}")
        )
        {
            Write(path);
        }
    }

    private void Write(string path)
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            WholeFile.Write(path, Encoding.UTF8.GetBytes(PlanDocument.WriteAll(_piped.Plans)), overwrite: !NoClobber);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            WriteError(ErrorRecords.WriteFailed(error, path, "PlanNotWritten"));
            return;
        }

        if (PassThru)
        {
            this.WriteFile(path);
        }
    }
}
