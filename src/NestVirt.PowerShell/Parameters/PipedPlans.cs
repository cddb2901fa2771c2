using System.Collections;
using System.Management.Automation;
using System.Text;
using NestVirt.Changes;
using NestVirt.PowerShell.Errors;

namespace NestVirt.PowerShell.Parameters;

/// <summary>The plans that objects of the pipeline are: plans, files of them, or the text of such files.</summary>
/// <param name="cmdlet">The cmdlet that takes them; it writes the errors.</param>
/// <param name="takesFiles">Whether files and their text will do, too.</param>
internal sealed class PipedPlans(PSCmdlet cmdlet, bool takesFiles)
{
    private const string Deserialized = "Deserialized.NestVirt.Changes.ChangePlan";

    // What Get-Content reads has the path of its file with each line; what is piped is the plan, and not what is there.
    private readonly Dictionary<string, StringBuilder> _texts = new(StringComparer.Ordinal);

    /// <summary>Gets the plans, as they were made in this session.</summary>
    internal List<ChangePlan> Plans { get; } = [];

    /// <summary>Gets the files.</summary>
    internal List<string> Files { get; } = [];

    /// <summary>Gets the texts, each with what it is called in messages.</summary>
    internal IEnumerable<(string Source, string Text)> Texts =>
        _texts.Select(static pair =>
            (pair.Key.Length == 0 ? "The text from the pipeline" : Path.GetFileName(pair.Key), pair.Value.ToString())
        );

    /// <summary>Takes an object, or writes why it is no plan.</summary>
    internal void Add(PSObject item)
    {
        switch (item.BaseObject)
        {
            case ChangePlan plan:
                Plans.Add(plan);
                break;
            case string line when takesFiles:
                TextOf(PathOf(item)).Append(line).Append('\n');
                break;
            case FileInfo file when takesFiles:
                Files.Add(file.FullName);
                break;
            case IEnumerable many and not string and not IDictionary:
                foreach (object? one in many)
                {
                    Add(PSObject.AsPSObject(one));
                }

                break;
            default:
                AddOther(item);
                break;
        }
    }

    private void AddOther(PSObject item)
    {
        if (takesFiles && PathOf(item) is { Length: > 0 } path)
        {
            Files.Add(cmdlet.FilePath(path));
            return;
        }

        cmdlet.WriteError(
            ErrorRecords.InputNotPlan(
                item,
                item.TypeNames.Contains(Deserialized)
                    ? "it was in a file or a job, which leave out what a plan does"
                    : $"it is no plan of -AsPlan{(takesFiles ? ", no plan file and not its text" : string.Empty)}"
            )
        );
    }

    private StringBuilder TextOf(string path)
    {
        if (!_texts.TryGetValue(path, out StringBuilder? text))
        {
            _texts[path] = text = new StringBuilder();
        }

        return text;
    }

    private static string PathOf(PSObject item) => item.Properties["PSPath"]?.Value?.ToString() ?? string.Empty;
}
