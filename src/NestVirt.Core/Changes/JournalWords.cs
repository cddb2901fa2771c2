namespace NestVirt.Changes;

/// <summary>The words by which a journal says how a change stands, on whichever machine it is kept.</summary>
internal static class JournalWords
{
    /// <summary>Gets the word of a change that was made.</summary>
    internal const string Applied = "applied";

    /// <summary>Gets the word of a change that failed, and was taken back.</summary>
    internal const string RolledBack = "rolled-back";

    /// <summary>Gets the word of a change that failed, and was not all taken back.</summary>
    internal const string Failed = "failed";

    /// <summary>Gets the word of a change that was taken back.</summary>
    internal const string Undone = "undone";

    /// <summary>Gets the word of a change that is being taken back; where it stays, that was interrupted.</summary>
    internal const string Undoing = "undoing";

    /// <summary>Reads how a change stands.</summary>
    /// <param name="word">The word; null where there is none: where the power went before it was on the disk, the worker was ended in the middle, too.</param>
    /// <param name="hasPlan">Whether there is a plan.</param>
    /// <param name="isRunning">Whether a change is being made just now.</param>
    /// <returns>How it stands.</returns>
    internal static JournalState Read(string? word, bool hasPlan, bool isRunning) =>
        word switch
        {
            Applied => JournalState.Applied,
            RolledBack => JournalState.RolledBack,
            Failed => JournalState.Failed,
            Undone => JournalState.Undone,
            _ when !hasPlan => JournalState.Unknown,
            _ => isRunning ? JournalState.Running : JournalState.Interrupted,
        };
}
