namespace NestVirt.Model;

/// <summary>How much a finding matters.</summary>
public enum Severity : long
{
    /// <summary>Good to know.</summary>
    Information,

    /// <summary>Works, but not as well or as lastingly as it should.</summary>
    Warning,

    /// <summary>Does not work.</summary>
    Error,
}

/// <summary>One thing found out about a host, with what proves it and what to do.</summary>
/// <param name="Code">A stable name, such as <c>NestedOff</c>.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Message">One sentence.</param>
public sealed record Finding(string Code, Severity Severity, string Message)
{
    /// <summary>Gets what the host itself said: a file and its text, a log line; null when there is nothing to quote.</summary>
    public string? Evidence { get; init; }

    /// <summary>Gets what to do, or null when nothing need be done.</summary>
    public string? Remedy { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Severity} {Code}: {Message}";
}
