using NestVirt.Text;

namespace NestVirt.Probing;

/// <summary>The output of a probe that a parser could not read.</summary>
internal sealed class ProbeFormatException : NestVirtException
{
    private const int ShownLength = 120;

    /// <summary>Initializes a new instance of the <see cref="ProbeFormatException"/> class.</summary>
    /// <param name="probe">The name of the probe.</param>
    /// <param name="lineNumber">The one-based line.</param>
    /// <param name="line">The text of the line; what is shown of it is bounded and holds no control characters.</param>
    public ProbeFormatException(string probe, int lineNumber, ReadOnlySpan<char> line)
        : base(
            NestVirtErrorKind.ProbeOutputInvalid,
            $"Line {lineNumber} of the {probe} probe cannot be read: '{HostText.ForDisplay(line, ShownLength)}'."
        ) => LineNumber = lineNumber;

    /// <summary>Gets the one-based line.</summary>
    public int LineNumber { get; }
}
