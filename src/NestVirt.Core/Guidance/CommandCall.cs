namespace NestVirt.Guidance;

/// <summary>A command of ours with its arguments, which each front end words for itself.</summary>
/// <param name="Command">The command.</param>
/// <param name="Arguments">The arguments, in the order in which they are said.</param>
public sealed record CommandCall(
    OwnCommand Command,
    params IReadOnlyList<(CommandArgument Name, string Value)> Arguments
)
{
    /// <summary>Gets what names the host, as user@host:port or wsman:host:port; null for this machine.</summary>
    public string? Host { get; init; }

    /// <summary>Gets the switches.</summary>
    public IReadOnlyList<ChangeSwitch> Switches { get; init; } = [];
}
