using System.Text;
using System.Text.Unicode;

namespace NestVirt.Text;

/// <summary>Reads text of a host, whose files are in UTF-8, in Latin-1, or in both.</summary>
internal static class HostEncoding
{
    /// <summary>Reads a text: each line as UTF-8 where it is that, else as Latin-1, in which every byte is a character.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The text.</returns>
    internal static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        StringBuilder text = new(bytes.Length);
        while (!bytes.IsEmpty)
        {
            int end = bytes.IndexOf((byte)'\n') + 1;
            ReadOnlySpan<byte> line = end == 0 ? bytes : bytes[..end];
            text.Append((Utf8.IsValid(line) ? Encoding.UTF8 : Encoding.Latin1).GetString(line));
            bytes = bytes[line.Length..];
        }

        return text.ToString();
    }

    /// <summary>Reads a text of which each character stands for a byte.</summary>
    /// <param name="bytes">Such a text, which an editor works on; one that was read already stays as it is.</param>
    /// <returns>The text to show.</returns>
    internal static string Decode(string bytes) =>
        Ascii.IsValid(bytes) || bytes.AsSpan().ContainsAnyExceptInRange('\0', '\u00FF')
            ? bytes
            : Decode(Encoding.Latin1.GetBytes(bytes));
}
