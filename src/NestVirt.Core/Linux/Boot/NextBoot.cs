namespace NestVirt.Linux.Boot;

/// <summary>What the kernel will be given at the next boot.</summary>
/// <param name="Candidates">
/// The command lines that the boot loader may choose from: one where its choice is certain; this boot's where it is not known.
/// </param>
/// <param name="AssumedBecause">Why this boot's command line stands for the next one's, as a sentence; null when the boot loader's files say it.</param>
internal sealed record NextBoot(IReadOnlyList<KernelCommandLine> Candidates, string? AssumedBecause);
