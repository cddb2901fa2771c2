using System.Globalization;
using System.Text.Json.Serialization;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Changes;

/// <summary>How a change in a host's journal stands.</summary>
public enum JournalState : long
{
    /// <summary>It could not be told.</summary>
    Unknown,

    /// <summary>It is being made, or taken back, just now.</summary>
    Running,

    /// <summary>Its worker was ended in the middle: undo puts back what was there before.</summary>
    Interrupted,

    /// <summary>Made.</summary>
    Applied,

    /// <summary>It failed, and was taken back.</summary>
    RolledBack,

    /// <summary>It failed, and not all of it could be taken back.</summary>
    Failed,

    /// <summary>Taken back.</summary>
    Undone,
}

/// <summary>One change in a host's journal.</summary>
/// <param name="Target">The host.</param>
/// <param name="Id">Its number: the newest has the highest.</param>
/// <param name="State">How it stands.</param>
public sealed record JournalEntry([property: JsonIgnore] HostTarget Target, int Id, JournalState State)
{
    /// <summary>Gets the name of <see cref="Target"/>.</summary>
    public string HostName => Target.Name;

    /// <summary>Gets when it was begun by the host's clock; null when the journal does not say.</summary>
    public DateTimeOffset? When { get; init; }

    /// <summary>Gets who made it, as user@machine; null when the journal does not say.</summary>
    public string? Who
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the boot in which it was made; null when the journal does not say.</summary>
    public string? BootId
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the plan; null when it cannot be read.</summary>
    [JsonIgnore]
    public ChangePlan? Plan { get; init; }

    /// <summary>Gets what each change of the plan has in its hands, as the platform names it.</summary>
    internal IReadOnlyList<TouchedThing> Touches
    {
        get;
        init => field = TextList<TouchedThing>.Of(value);
    } = TextList<TouchedThing>.Empty;

    /// <summary>Gets a value indicating whether this release knows all that the plan does.</summary>
    internal bool IsReadable => Plan is not null && !Touches.Any(static thing => thing.Path == TouchedThing.Everything);

    /// <summary>Gets what the change does, as a phrase.</summary>
    public string Title => Plan?.Title ?? "(the plan cannot be read)";

    /// <summary>Gets the changes.</summary>
    public IReadOnlyList<HostChange> Changes => Plan?.Changes ?? TextList<HostChange>.Empty;

    /// <summary>Gets whether the change is in effect now, for the newest of its kind that did not take effect at once; null otherwise.</summary>
    public ChangeState? Effect { get; init; }

    /// <summary>Gets <see cref="Effect"/> where it is known, and <see cref="State"/> otherwise.</summary>
    [JsonIgnore]
    public string Outcome => Effect?.ToString() ?? State.ToString();

    /// <summary>Gets what the change still waits for.</summary>
    public IReadOnlyList<Finding> Pending
    {
        get;
        init => field = TextList<Finding>.Of(value);
    } = TextList<Finding>.Empty;

    /// <summary>Gets a value indicating whether there is something to take back.</summary>
    public bool CanUndo =>
        IsReadable && State is JournalState.Applied or JournalState.Interrupted or JournalState.Failed;

    /// <summary>Finds the settings of this change whose things another one has in its hands, too.</summary>
    /// <param name="other">What the other has in its hands.</param>
    /// <returns>The settings; none when they are of different things.</returns>
    internal IEnumerable<string> Shared(TouchedThings other) =>
        Touches.Where(other.Overlap).Select(static own => own.Setting);

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{HostName} {Id}: {Title}: {State}");
}
