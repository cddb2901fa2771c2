using System.Text;

namespace NestVirt.Cli.Tables;

/// <summary>Leaves out the blanks that fill tables up at the ends of lines.</summary>
/// <param name="inner">Where the rest goes.</param>
internal sealed class TrimmingWriter(TextWriter inner) : TextWriter
{
    private int _blanks;

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Gets a value indicating whether the last line has ended.</summary>
    internal bool IsAtLineStart { get; private set; } = true;

    /// <inheritdoc/>
    public override void Write(char value)
    {
        switch (value)
        {
            case ' ':
                _blanks++;
                IsAtLineStart = false;
                break;
            case '\r':
                break;
            case '\n':
                _blanks = 0;
                inner.Write('\n');
                IsAtLineStart = true;
                break;
            default:
                for (; _blanks > 0; _blanks--)
                {
                    inner.Write(' ');
                }

                inner.Write(value);
                IsAtLineStart = false;
                break;
        }
    }

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
