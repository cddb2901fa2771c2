namespace NestVirt.Transport.Recorded;

/// <summary>What a host answered to one probe.</summary>
/// <param name="Text">The raw output; empty when there is none.</param>
/// <param name="UnavailableReason">Why there is no answer, as a sentence, or null when there is one.</param>
public sealed record ProbeAnswer(string Text, string? UnavailableReason = null)
{
    /// <summary>Gets a value indicating whether the host answered.</summary>
    public bool IsAvailable => UnavailableReason is null;
}
