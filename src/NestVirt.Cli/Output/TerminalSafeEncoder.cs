using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace NestVirt.Cli.Output;

/// <summary>Leaves text readable, and escapes what could move a terminal's cursor or reorder its text.</summary>
internal sealed unsafe class TerminalSafeEncoder : JavaScriptEncoder
{
    private static readonly JavaScriptEncoder s_inner = UnsafeRelaxedJsonEscaping;

    /// <summary>Gets the one encoder.</summary>
    internal static TerminalSafeEncoder Instance { get; } = new();

    /// <inheritdoc/>
    public override int MaxOutputCharactersPerInputCharacter => s_inner.MaxOutputCharactersPerInputCharacter;

    /// <inheritdoc/>
    public override int FindFirstCharacterToEncode(char* text, int textLength)
    {
        ReadOnlySpan<char> span = new(text, textLength);
        int index = 0;
        while (index < span.Length)
        {
            if (
                Rune.DecodeFromUtf16(span[index..], out Rune rune, out int length)
                    != System.Buffers.OperationStatus.Done
                || WillEncode(rune.Value)
            )
            {
                return index;
            }

            index += length;
        }

        return -1;
    }

    /// <inheritdoc/>
    public override bool TryEncodeUnicodeScalar(
        int unicodeScalar,
        char* buffer,
        int bufferLength,
        out int numberOfCharactersWritten
    )
    {
        if (s_inner.WillEncode(unicodeScalar) || unicodeScalar > char.MaxValue || !IsFormat(unicodeScalar))
        {
            return s_inner.TryEncodeUnicodeScalar(unicodeScalar, buffer, bufferLength, out numberOfCharactersWritten);
        }

        Span<char> place = new(buffer, bufferLength);
        return place.TryWrite(CultureInfo.InvariantCulture, $"\\u{unicodeScalar:X4}", out numberOfCharactersWritten);
    }

    /// <inheritdoc/>
    public override bool WillEncode(int unicodeScalar) => s_inner.WillEncode(unicodeScalar) || IsFormat(unicodeScalar);

    private static bool IsFormat(int unicodeScalar) =>
        unicodeScalar > 0x7F && CharUnicodeInfo.GetUnicodeCategory(unicodeScalar) == UnicodeCategory.Format;
}
