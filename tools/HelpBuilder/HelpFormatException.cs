namespace NestVirt.HelpBuilder;

/// <summary>A page that lacks what help needs.</summary>
/// <param name="file">The page.</param>
/// <param name="message">What it lacks.</param>
public sealed class HelpFormatException(string file, string message) : Exception($"{file}: {message}");
