using System.Text.Json.Serialization;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Changes;

/// <summary>What became of a change.</summary>
public enum ChangeState : long
{
    /// <summary>There was nothing to change.</summary>
    Unchanged,

    /// <summary>Made, and in effect.</summary>
    InEffect,

    /// <summary>Made; it waits for a reload, a guest's restart or the next boot.</summary>
    Pending,

    /// <summary>Made, and what the host shows is not what was asked for.</summary>
    NotInEffect,

    /// <summary>Taken back.</summary>
    Undone,
}

/// <summary>What became of a change of one host.</summary>
/// <param name="Target">The host.</param>
/// <param name="Title">What was asked for, as a phrase.</param>
/// <param name="State">What became of it.</param>
public sealed record ChangeResult([property: JsonIgnore] HostTarget Target, string Title, ChangeState State)
{
    /// <summary>Gets what was asked for, as a phrase.</summary>
    public string Title
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Title);

    /// <summary>Gets the name of <see cref="Target"/>.</summary>
    public string HostName => Target.Name;

    /// <summary>Gets the number in the host's journal; null when nothing was changed.</summary>
    public int? Id { get; init; }

    /// <summary>Gets the changes that were made, or taken back.</summary>
    public IReadOnlyList<HostChange> Changes
    {
        get;
        init => field = TextList<HostChange>.Of(value);
    } = TextList<HostChange>.Empty;

    /// <summary>Gets what waits, and for what.</summary>
    public IReadOnlyList<Finding> Pending
    {
        get;
        init => field = TextList<Finding>.Of(value);
    } = TextList<Finding>.Empty;

    /// <summary>Gets what may surprise.</summary>
    public IReadOnlyList<Finding> Findings
    {
        get;
        init => field = TextList<Finding>.Of(value);
    } = TextList<Finding>.Empty;

    /// <summary>Gets the sentence of the first thing that went wrong, that waits, or that may surprise; null when there is none.</summary>
    [JsonIgnore]
    public string? Remark =>
        Findings
            .Where(static finding => finding.Severity == Severity.Error)
            .Concat(Pending)
            .Concat(Findings)
            .FirstOrDefault()
            ?.Message;

    /// <summary>Gets what was asked for and, where there is one, <see cref="Remark"/>.</summary>
    [JsonIgnore]
    public string Summary => Remark is null ? Title : $"{Title}: {Remark}";

    /// <inheritdoc/>
    public override string ToString() => $"{HostName}: {Title}: {State}";
}
