namespace NestVirt.Changes;

/// <summary>What the worker may do beyond its steps.</summary>
/// <param name="StopGuests">Shut guests down, and start them again.</param>
/// <param name="GuestTimeoutSeconds">How long a guest may take to shut down.</param>
/// <param name="Force">Interrupt what is in use; on the way back, take back what was changed since.</param>
public readonly record struct ChangeScope(bool StopGuests, int GuestTimeoutSeconds, bool Force)
{
    /// <summary>How long a guest may take to shut down where nothing is said.</summary>
    public const int DefaultGuestTimeoutSeconds = 120;

    /// <summary>How long a guest may take at most.</summary>
    public const int MaximumGuestTimeoutSeconds = 86_400;

    /// <summary>Gets what a request allows.</summary>
    /// <param name="request">The request.</param>
    /// <returns>The scope.</returns>
    internal static ChangeScope Of(ChangeRequest request) =>
        new(request.StopGuests, request.GuestTimeoutSeconds, request.Force);
}
