using NestVirt.Changes;
using NestVirt.Text;

namespace NestVirt.PowerShell.Formatting;

/// <summary>Says in words what a change does, on one line.</summary>
internal static class ChangeText
{
    /// <summary>Says what changes, from what, to what, and when it takes effect.</summary>
    /// <param name="change">The change.</param>
    /// <returns>The words; nothing in them moves a cursor.</returns>
    internal static string Of(HostChange change)
    {
        string text =
            $"Change {change.Setting}: {Lines(change.From)} -> {Lines(change.To)}{WhenOf(change.TakesEffect)}";
        return HostText.ForDisplay(change.Disrupts is null ? text : $"{text}; {change.Disrupts}");
    }

    /// <summary>Says when a change takes effect, unless that is at once.</summary>
    /// <param name="timing">When.</param>
    /// <returns>The words in parentheses, or nothing.</returns>
    internal static string WhenOf(ChangeTiming timing) =>
        timing switch
        {
            ChangeTiming.ModuleReload => " (when the module is loaded again)",
            ChangeTiming.GuestRestart => " (when a guest starts again)",
            ChangeTiming.NextBoot => " (at the next boot)",
            _ => string.Empty,
        };

    private static string Lines(string? text) => text?.ReplaceLineEndings(" | ") ?? "(none)";
}
