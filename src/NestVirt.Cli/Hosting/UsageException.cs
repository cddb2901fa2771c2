namespace NestVirt.Cli.Hosting;

/// <summary>A command line that cannot work, whatever the hosts say.</summary>
/// <param name="message">What is wrong and where, as a sentence.</param>
/// <param name="remedy">What to type instead, or null.</param>
internal sealed class UsageException(string message, string? remedy = null) : Exception(message)
{
    /// <summary>Gets what to type instead, or null.</summary>
    internal string? Remedy { get; } = remedy;
}
