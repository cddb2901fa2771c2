using System.Globalization;

namespace NestVirt.Linux.DomainXml;

/// <summary>A definition of a guest that cannot be read.</summary>
internal sealed class DomainXmlException : NestVirtException
{
    /// <summary>Initializes a new instance of the <see cref="DomainXmlException"/> class.</summary>
    /// <param name="fault">What is wrong, as the rest of a sentence on the definition.</param>
    /// <param name="line">The line, from 1.</param>
    /// <param name="column">The column, from 1.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public DomainXmlException(string fault, int line, int column, Exception? inner = null)
        : base(
            NestVirtErrorKind.ProbeOutputInvalid,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The definition of the virtual machine {fault} (line {line}, column {column})."
            ),
            inner
        )
    {
        Line = line;
        Column = column;
    }

    /// <summary>Gets the line, from 1.</summary>
    public int Line { get; }

    /// <summary>Gets the column, from 1.</summary>
    public int Column { get; }
}
