using NestVirt.Text;

namespace NestVirt.Transport.Cim;

/// <summary>An answer of CIM that is not what its class says, or that cannot be read at all.</summary>
internal sealed class CimFormatException : NestVirtException
{
    private const int ShownLength = 120;

    /// <summary>Initializes a new instance of the <see cref="CimFormatException"/> class.</summary>
    /// <param name="what">What cannot be read, as the start of a sentence.</param>
    /// <param name="text">What is there instead; what is shown of it is bounded and holds no control characters.</param>
    /// <param name="inner">The cause, if there is one.</param>
    internal CimFormatException(string what, ReadOnlySpan<char> text, Exception? inner = null)
        : base(
            NestVirtErrorKind.ProbeOutputInvalid,
            $"{what} cannot be read: '{HostText.ForDisplay(text, ShownLength)}'.",
            inner
        ) { }
}
