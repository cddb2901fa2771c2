using System.Globalization;
using System.Text.Json.Serialization;
using NestVirt.Text;

namespace NestVirt.Changes;

/// <summary>One change to one setting of one host.</summary>
/// <param name="Setting">What changes, in the host's own terms, such as a file or a parameter of a module.</param>
/// <param name="From">The state before, or null when there is none.</param>
/// <param name="To">The state wanted, or null when the setting goes away.</param>
/// <param name="Step">What makes the change.</param>
public sealed record HostChange(string Setting, string? From, string? To, HostStep Step)
{
    // All four stand here, since their order is that of documents and fingerprints.

    /// <summary>Gets what changes, in the host's own terms, such as a file or a parameter of a module.</summary>
    public string Setting
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Setting);

    /// <summary>Gets the state before, or null when there is none; a mark stands in the place of a password.</summary>
    public string? From
    {
        get;
        init => field = HostText.ShownLines(value);
    } = Public(From);

    /// <summary>Gets the state wanted, or null when the setting goes away; a mark stands in the place of a password.</summary>
    public string? To
    {
        get;
        init => field = HostText.ShownLines(value);
    } = Public(To);

    /// <summary>Gets what makes the change.</summary>
    public HostStep Step { get; init; } = Step;

    /// <summary>Gets when the change takes effect.</summary>
    public ChangeTiming TakesEffect { get; init; } = ChangeTiming.Now;

    /// <summary>Gets what is interrupted while the change is made, as a phrase; null when nothing is.</summary>
    public string? Disrupts
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets what <c>undo</c> does about it, as a phrase.</summary>
    public required string Undo
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets a value indicating whether the change replaces a file that has other names, which keep the old one.</summary>
    internal bool EndsHardLinks { get; init; }

    /// <summary>Gets the lines of a file that change, each behind <c>-</c>, <c>+</c> or a blank; none for what is no file.</summary>
    public IReadOnlyList<string> Diff
    {
        get;
        init => field = TextList<string>.Of([.. (value ?? []).Where(static line => line.Length > 0).Select(Line)]);
    } = TextList<string>.Empty;

    /// <summary>Gets the setting with its states before and after; of a file, how many lines it gains and loses.</summary>
    [JsonIgnore]
    public string Summary =>
        Diff.Count == 0
            ? $"{Setting}: {From ?? "(none)"} -> {To ?? "(none)"}"
            : string.Create(CultureInfo.InvariantCulture, $"{Setting} (+{Lines('+')} -{Lines('-')})");

    /// <inheritdoc/>
    public override string ToString() => Summary;

    // The line ends of Windows are what a reviewer of a document wants to know; who shows the line leaves its end out.
    private static string Line(string line)
    {
        string text = HostText.Shown(SecretText.Hide(line.TrimEnd('\r')));
        return line.EndsWith('\r') ? $"{text}\r" : text;
    }

    private static string? Public(string? text) => text is null ? null : HostText.ShownLines(SecretText.Hide(text));

    private int Lines(char sign) => Diff.Count(line => line.StartsWith(sign));
}
