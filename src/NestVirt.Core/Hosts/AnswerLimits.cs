namespace NestVirt.Hosts;

/// <summary>How much one host may answer, and all of them together: what the devices of the largest hosts explain, and not what a hostile one can make.</summary>
/// <remarks>
/// An ordinary host answers 50 to 500 KB to all probes together. One with 2,000 PCI functions, 1,024 CPUs and ten times
/// the files and messages of another takes 5.6 MB in 98,000 lines (a test says so of a part of it). What is made of an answer takes up to ten times
/// its bytes, and each line an object at least, however short it is.
/// </remarks>
internal static class AnswerLimits
{
    /// <summary>How many bytes an answer may have.</summary>
    internal const int Bytes = 12 << 20;

    /// <summary>How many lines an answer may have.</summary>
    internal const int Lines = 300_000;

    /// <summary>How many bytes an answer has at most that needs no <see cref="AnswerPlace"/>.</summary>
    internal const int ShortBytes = 1 << 20;

    /// <summary>How many long answers are held at once.</summary>
    internal const int LongAtOnce = 4;

    /// <summary>How many bytes a file of answers may have: escapes and indents make it longer than them.</summary>
    internal const int FileBytes = 32 << 20;
}
