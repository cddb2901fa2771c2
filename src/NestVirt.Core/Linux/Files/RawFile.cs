using System.Text;
using NestVirt.Text;

namespace NestVirt.Linux.Files;

/// <summary>A file of a host, byte for byte.</summary>
/// <param name="Path">Its path on the host.</param>
/// <param name="Bytes">Its content.</param>
internal sealed record RawFile(string Path, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Gets a value indicating whether the file has more names than one on its file system.</summary>
    public bool HasOtherNames { get; init; }

    /// <summary>Gets the content with a character for every byte, so that writing it back loses nothing.</summary>
    public string Text => Encoding.Latin1.GetString(Bytes.Span);

    /// <summary>Gets the state as the host's <c>file</c> action prints it.</summary>
    public string State => Sha256.Hex(Bytes.Span);
}
