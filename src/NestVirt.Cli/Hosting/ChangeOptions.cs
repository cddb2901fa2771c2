namespace NestVirt.Cli.Hosting;

/// <summary>How a command goes about a change.</summary>
/// <param name="IsYes">Nobody is asked.</param>
/// <param name="IsWhatIf">Nothing is changed.</param>
/// <param name="PlanPath">The file that the plan goes to instead, or null.</param>
/// <param name="StopGuests">Guests may be shut down and started again.</param>
/// <param name="GuestTimeoutSeconds">How long that may take for a guest.</param>
/// <param name="Force">What is in use may be interrupted.</param>
/// <param name="ReplaceConflict">Conflicting lines of other files are commented out.</param>
/// <param name="Restart">The host may be restarted.</param>
internal sealed record ChangeOptions(
    bool IsYes,
    bool IsWhatIf,
    string? PlanPath,
    bool StopGuests,
    int GuestTimeoutSeconds,
    bool Force,
    bool ReplaceConflict,
    bool Restart
)
{
    /// <summary>Gets a value indicating whether plans are all that is wanted.</summary>
    internal bool IsPlanOnly => IsWhatIf || PlanPath is not null;
}
