namespace NestVirt.Sessions;

/// <summary>What can be done with a session.</summary>
public enum NestSessionState : long
{
    /// <summary>It waits for the next command.</summary>
    Opened,

    /// <summary>A command runs in it; the next ones wait.</summary>
    Busy,

    /// <summary>It was closed, since nothing was asked in it for its idle time.</summary>
    TimedOut,

    /// <summary>Its host went away, or a command in it came to no end.</summary>
    Broken,

    /// <summary>It was removed.</summary>
    Closed,
}
