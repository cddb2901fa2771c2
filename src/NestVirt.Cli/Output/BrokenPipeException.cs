namespace NestVirt.Cli.Output;

/// <summary>Nobody reads standard output any more.</summary>
internal sealed class BrokenPipeException() : IOException("Standard output was closed.");
