namespace NestVirt.HelpBuilder;

/// <summary>A mistake in a page, told as compilers tell theirs, so that editors and MSBuild find the line.</summary>
/// <param name="file">The page.</param>
/// <param name="line">The line, from 1.</param>
/// <param name="message">What is wrong, and what to do.</param>
public sealed class HelpFormatException(string file, int line, string message)
    : Exception($"{file}({line}): error HELP: {message}");
