namespace NestVirt.HyperV.Worker;

/// <summary>A journal that cannot be kept. What it is of may be as was asked for all the same.</summary>
/// <param name="kind">Whether the host was changed by then.</param>
/// <param name="message">A sentence.</param>
/// <param name="inner">The error of the file system.</param>
internal sealed class JournalException(NestVirtErrorKind kind, string message, Exception inner)
    : NestVirtException(kind, message, inner);
