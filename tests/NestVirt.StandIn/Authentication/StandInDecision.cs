namespace NestVirt.StandIn.Authentication;

/// <summary>What a log-on makes of a request.</summary>
public sealed record StandInDecision
{
    private StandInDecision() { }

    /// <summary>Gets the user; null where the request is not let in.</summary>
    public string? User { get; private init; }

    /// <summary>Gets the body in the clear; null where the request is not let in.</summary>
    public StandInBody? Body { get; private init; }

    /// <summary>Gets the values of WWW-Authenticate: challenges, or the last token beside an answer.</summary>
    public IReadOnlyList<string> Headers { get; private init; } = [];

    /// <summary>
    /// Gets whether the connection is closed without an answer, as OMI does with what it cannot read.
    /// </summary>
    public bool ClosesConnection { get; private init; }

    /// <summary>Lets a request in.</summary>
    /// <param name="user">The user.</param>
    /// <param name="body">The body in the clear.</param>
    /// <param name="headers">Values of WWW-Authenticate beside the answer.</param>
    public static StandInDecision Accept(string user, StandInBody body, params string[] headers) =>
        new()
        {
            User = user,
            Body = body,
            Headers = headers,
        };

    /// <summary>Answers with 401.</summary>
    /// <param name="headers">Values of WWW-Authenticate.</param>
    public static StandInDecision Challenge(params string[] headers) => new() { Headers = headers };

    /// <summary>Closes the connection.</summary>
    public static StandInDecision Close() => new() { ClosesConnection = true };
}
