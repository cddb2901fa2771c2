using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using NestVirt.Text;

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
        if (s_inner.WillEncode(unicodeScalar) || !IsUnseen(unicodeScalar))
        {
            return s_inner.TryEncodeUnicodeScalar(unicodeScalar, buffer, bufferLength, out numberOfCharactersWritten);
        }

        numberOfCharactersWritten = 0;
        Span<char> units = stackalloc char[2];
        foreach (char unit in units[..new Rune(unicodeScalar).EncodeToUtf16(units)])
        {
            Span<char> place = new(buffer + numberOfCharactersWritten, bufferLength - numberOfCharactersWritten);
            if (!place.TryWrite(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}", out int written))
            {
                numberOfCharactersWritten = 0;
                return false;
            }

            numberOfCharactersWritten += written;
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool WillEncode(int unicodeScalar) => s_inner.WillEncode(unicodeScalar) || IsUnseen(unicodeScalar);

    private static bool IsUnseen(int unicodeScalar) =>
        unicodeScalar > 0x7F && !HostText.IsSeen(new Rune(unicodeScalar));
}
