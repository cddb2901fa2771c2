using System.Globalization;
using System.Text.Json.Serialization;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Changes;

/// <summary>Which machine a plan was made for.</summary>
/// <param name="MachineId">The text of /etc/machine-id; empty when the host has none.</param>
/// <param name="BootId">The kernel's random id of this boot.</param>
/// <param name="KernelRelease">What <c>uname -r</c> prints.</param>
public sealed record HostIdentity(string MachineId, string BootId, string KernelRelease)
{
    /// <summary>Gets the text of /etc/machine-id; empty when the host has none.</summary>
    public string MachineId
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(MachineId);

    /// <summary>Gets the kernel's random id of this boot.</summary>
    public string BootId
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(BootId);

    /// <summary>Gets what <c>uname -r</c> prints.</summary>
    public string KernelRelease
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(KernelRelease);

    /// <summary>Gets the identity of a machine that nobody asked.</summary>
    internal static HostIdentity Unknown { get; } = new(string.Empty, string.Empty, string.Empty);

    /// <inheritdoc/>
    public override string ToString() => MachineId;
}

/// <summary>The changes that bring one host to the wanted state. Empty when it is there already.</summary>
/// <param name="Target">The host.</param>
/// <param name="Request">What was asked for; null in a plan that takes changes back.</param>
/// <param name="Identity">The machine.</param>
/// <param name="Changes">The changes, in the order they must be made.</param>
public sealed record ChangePlan(
    [property: JsonIgnore] HostTarget Target,
    [property: JsonIgnore] ChangeRequest? Request,
    HostIdentity Identity,
    IReadOnlyList<HostChange> Changes
)
{
    /// <summary>Gets the changes, in the order they must be made.</summary>
    public IReadOnlyList<HostChange> Changes
    {
        get;
        init => field = TextList<HostChange>.Of(value);
    } = TextList<HostChange>.Of(Changes);

    /// <summary>Gets the name of <see cref="Target"/>.</summary>
    public string HostName => Target.Name;

    /// <summary>Gets a value indicating whether the plan was made over a recorded host: it is for review, and a live host is named to apply it.</summary>
    public bool IsRecorded => Target.IsRecorded;

    /// <summary>Gets what the plan does, as a phrase.</summary>
    public string Title => HostText.Shown(Label ?? Request?.Title ?? string.Empty);

    /// <summary>Gets the phrase to show instead of the request's own, or null.</summary>
    [JsonIgnore]
    public string? Label
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the request by which the host is planned again to see whether it is as wanted; null for <see cref="Request"/>, which may name things by what they do not tell any more.</summary>
    [JsonIgnore]
    internal ChangeRequest? Again { get; init; }

    /// <summary>Gets what may surprise.</summary>
    public IReadOnlyList<Finding> Findings
    {
        get;
        init => field = TextList<Finding>.Of([.. value.Select(finding => finding.For(Target, Request?.Call))]);
    } = TextList<Finding>.Empty;

    /// <summary>Gets what is configured, or will be, and waits for a reload, a guest's restart or the next boot.</summary>
    public IReadOnlyList<Finding> Pending
    {
        get;
        init => field = TextList<Finding>.Of([.. value.Select(finding => finding.For(Target, Request?.Call))]);
    } = TextList<Finding>.Empty;

    /// <summary>Gets the changes that the user left out: that they are missing afterwards is no failure.</summary>
    [JsonIgnore]
    public IReadOnlyList<HostChange> LeftOut
    {
        get;
        init => field = TextList<HostChange>.Of(value);
    } = TextList<HostChange>.Empty;

    /// <summary>Gets the SHA-256 over the machine, the request and all changes: another one means that the host has changed.</summary>
    public string Fingerprint => PlanDocument.Fingerprint(this);

    /// <summary>Gets the phrases of what the plan interrupts, each once.</summary>
    public IReadOnlyList<string> Disruptions =>
        TextList<string>.Of([
            .. Changes.Select(static change => change.Disrupts).OfType<string>().Distinct(StringComparer.Ordinal),
        ]);

    /// <summary>Gets the phrases of what the request lets the change do beyond what is planned, should it be needed when the change is made.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Allowances =>
        TextList<string>.Of([
            .. Request is { StopGuests: true }
                ?
                [
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"may shut down running guests, waiting up to {Request.GuestTimeoutSeconds} s for them, and start them again"
                    ),
                ]
                : Array.Empty<string>(),
            .. Request is { Force: true } ? ["may interrupt what is in use"] : Array.Empty<string>(),
            .. Request is { ReplaceConflict: true }
                ? ["may comment out conflicting lines of other files"]
                : Array.Empty<string>(),
        ]);

    /// <summary>Gets when all of the plan is in effect; null when there is nothing to change.</summary>
    [JsonIgnore]
    public ChangeTiming? TakesEffect => Changes.Count == 0 ? null : Changes.Max(static change => change.TakesEffect);

    /// <inheritdoc/>
    public override string ToString() => $"{HostName}: {Title}";
}
