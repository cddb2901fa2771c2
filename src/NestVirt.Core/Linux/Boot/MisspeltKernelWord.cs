namespace NestVirt.Linux.Boot;

/// <summary>A word of a kernel command line that the kernel takes for another one than was meant.</summary>
/// <param name="Written">The word as it stands; several words where blanks took it apart.</param>
/// <param name="Meant">The word, or words, that the kernel takes.</param>
/// <param name="Fault">What is wrong with it, as the end of a sentence.</param>
internal sealed record MisspeltKernelWord(string Written, string Meant, string Fault);
