using System.Globalization;
using System.Text;
using NestVirt.Text;

namespace NestVirt.Linux.Worker;

/// <summary>How far the worker came with a step.</summary>
internal enum StepState
{
    /// <summary>It was not begun.</summary>
    NotBegun,

    /// <summary>It was begun, and no more is known.</summary>
    Begun,

    /// <summary>It was made.</summary>
    Done,

    /// <summary>It failed.</summary>
    Failed,

    /// <summary>It was taken back, or had never changed anything.</summary>
    TakenBack,

    /// <summary>It was made, and stood as before the change already when it was to be taken back: somebody else had done that.</summary>
    AsBefore,

    /// <summary>It could not be taken back, or cannot be now.</summary>
    Kept,
}

/// <summary>What the worker said of one step.</summary>
/// <param name="State">How far it came.</param>
/// <param name="Output">What its tools printed, at most 20 lines for each way.</param>
internal sealed record StepReport(StepState State, string Output);

/// <summary>What the worker on a host said.</summary>
internal sealed record ChangeReport
{
    private const int ShownLength = 400;
    private const int ShownLines = 20;

    /// <summary>Gets the number in the journal; null when none was made.</summary>
    public int? Id { get; init; }

    /// <summary>Gets the last state of the journal (applied, rolled-back, failed, undone); null when nothing was begun.</summary>
    public string? State { get; init; }

    /// <summary>Gets why nothing was begun, as the worker's words; null when something was.</summary>
    public string? Refusal { get; init; }

    /// <summary>Gets the number of the step that failed, or null.</summary>
    public int? FailedStep { get; init; }

    /// <summary>Gets the steps whose state is not the expected one, with the state found.</summary>
    public IReadOnlyDictionary<int, string> Differences { get; init; } = new Dictionary<int, string>();

    /// <summary>Gets the steps that the worker spoke of.</summary>
    public IReadOnlyDictionary<int, StepReport> Steps { get; init; } = new Dictionary<int, StepReport>();

    /// <summary>Reads what the worker printed.</summary>
    /// <param name="text">Its output; lines of unknown form are left out.</param>
    /// <param name="stepCount">How many steps the plan has; what is said of others is left out.</param>
    /// <returns>The report.</returns>
    public static ChangeReport Parse(string text, int stepCount = int.MaxValue)
    {
        ChangeReport report = new();
        Dictionary<int, string> differences = [];
        Dictionary<int, StepState> states = [];
        Dictionary<int, StringBuilder> outputs = [];
        int last = 0;
        int shown = 0;
        foreach (string line in text.Split('\n'))
        {
            if (line is ['|', .. string output])
            {
                if (
                    shown < ShownLines
                    && outputs.TryGetValue(last, out StringBuilder? said)
                    && said.Length < 2 * ShownLines * ShownLength
                )
                {
                    shown++;
                    said.Append(said.Length == 0 ? string.Empty : "\n")
                        .Append(HostText.ForDisplay(output, ShownLength));
                }

                continue;
            }

            string[] words = line.Split(' ', 3);
            int number =
                words.Length > 1
                && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                    ? value
                    : 0;
            if (words[0] is "id")
            {
                report = report with { Id = number > 0 ? number : null };
            }
            else if (words[0] is "state" && words.Length > 1)
            {
                report = report with { State = words[1] };
            }
            else if (words[0] is "differs" && number > 0 && number <= stepCount)
            {
                differences[number] = words.Length > 2 ? HostText.ForDisplay(words[2], ShownLength) : string.Empty;
            }
            else if (StateOf(words[0]) is { } state)
            {
                (last, shown) = (number, 0);
                if (number < 1 || number > stepCount)
                {
                    continue;
                }

                report = state == StepState.Failed ? report with { FailedStep = number } : report;
                states[number] = state;
                outputs.TryAdd(number, new StringBuilder());
            }
            else if (
                words[0]
                is "locked"
                    or "interrupted"
                    or "missing"
                    or "denied"
                    or "sudo"
                    or "broken"
                    or "gone"
                    or "newer"
            )
            {
                report = report with { Refusal = HostText.ForDisplay(line, ShownLength) };
            }
        }

        return report with
        {
            Differences = differences,
            Steps = states.ToDictionary(
                static pair => pair.Key,
                pair => new StepReport(pair.Value, outputs[pair.Key].ToString())
            ),
        };
    }

    private static StepState? StateOf(string word) =>
        word switch
        {
            "begin" => StepState.Begun,
            "done" => StepState.Done,
            "failed" => StepState.Failed,
            "same" => StepState.AsBefore,
            "back" or "never" => StepState.TakenBack,
            "kept" or "blocked" => StepState.Kept,
            _ => null,
        };
}
