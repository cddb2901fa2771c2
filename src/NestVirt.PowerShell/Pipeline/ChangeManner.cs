using NestVirt.Changes;

namespace NestVirt.PowerShell.Pipeline;

/// <summary>How a cmdlet goes about changes.</summary>
/// <param name="ThrottleLimit">How many hosts are changed at once.</param>
/// <param name="PassThru">What became of the changes is written.</param>
internal sealed record ChangeManner(int ThrottleLimit, bool PassThru)
{
    /// <summary>Gets a value indicating whether plans are written, and nothing is changed.</summary>
    internal bool AsPlan { get; init; }

    /// <summary>Gets a value indicating whether nobody is asked about what is interrupted.</summary>
    internal bool Force { get; init; }

    /// <summary>Gets a value indicating whether hosts may be restarted.</summary>
    internal bool Restart { get; init; }

    /// <summary>Gets what makes the part of a plan that the user agreed to; null where a plan is made whole or not at all.</summary>
    internal Func<ChangePlan, CancellationToken, Task<ChangeResult>>? ApplyPart { get; init; }
}
