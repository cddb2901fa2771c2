using System.Buffers;
using System.Buffers.Text;

namespace NestVirt.Transport.Shell;

/// <summary>Finds one frame in the bytes of a stream, however they are cut. Does no input or output of its own.</summary>
/// <param name="token">The token of the run.</param>
/// <param name="contentLimit">How many bytes the frame may have.</param>
/// <param name="noiseLimit">How many bytes may come before it.</param>
/// <param name="lineLimit">How many lines the frame may have: each becomes an object, however short it is.</param>
internal sealed class FrameReader(string token, int contentLimit, int noiseLimit, int lineLimit = int.MaxValue)
{
    private readonly byte[] _begin = ShellFraming.BeginMarker(token);
    private readonly byte[] _end = ShellFraming.EndMarker(token);

    private byte[] _buffer = [];
    private int _count;

    // Everything before this offset has been searched for the marker in wait.
    private int _searched;
    private int _contentStart = -1;
    private int _contentEnd = -1;
    private int _lines;

    /// <summary>Gets a value indicating whether the frame has begun.</summary>
    public bool HasBegun => _contentStart >= 0;

    /// <summary>Gets a value indicating whether the frame is complete.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Gets how many bytes came.</summary>
    public int Count => _count;

    /// <summary>Gets a value indicating whether more bytes or lines came than are allowed.</summary>
    public bool IsOverLimit =>
        !IsComplete && (HasBegun ? Count - _contentStart > contentLimit || HasTooManyLines : Count > noiseLimit);

    /// <summary>Gets a value indicating whether it is the lines of which there are too many.</summary>
    public bool HasTooManyLines => _lines > lineLimit;

    /// <summary>Gets the exit code that the frame's end carries; -1 when it carries no number.</summary>
    public int ExitCode { get; private set; } = -1;

    /// <summary>Gets the bytes between the frame's lines; of a frame that is not complete, what is there so far.</summary>
    public ReadOnlyMemory<byte> Content =>
        HasBegun
            ? _buffer.AsMemory(_contentStart..(_contentEnd < 0 ? _count : _contentEnd))
            : ReadOnlyMemory<byte>.Empty;

    /// <summary>Gets the bytes before the frame.</summary>
    public ReadOnlyMemory<byte> Noise => _buffer.AsMemory(0, HasBegun ? _contentStart - _begin.Length : _count);

    /// <summary>Gets a place for the next bytes.</summary>
    /// <param name="sizeHint">How many bytes are wanted at least.</param>
    /// <returns>The place. Say with <see cref="Advance"/> how much of it was used.</returns>
    public Memory<byte> GetMemory(int sizeHint)
    {
        if (_buffer.Length - _count < sizeHint)
        {
            // What is outgrown is taken again by the next host: as garbage it would stay long, being large.
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _buffer.Length, _count + sizeHint));
            _buffer.AsSpan(0, _count).CopyTo(larger);
            GiveBack();
            _buffer = larger;
        }

        return _buffer.AsMemory(_count);
    }

    /// <summary>Takes bytes that were written to the place that <see cref="GetMemory"/> gave.</summary>
    /// <param name="count">How many.</param>
    public void Advance(int count)
    {
        int came = _count;
        _count += count;
        if (!HasBegun && TryFind(_begin, out int begin))
        {
            _contentStart = begin + _begin.Length;
            _searched = _contentStart;
        }

        if (HasBegun)
        {
            _lines += Written[Math.Max(came, _contentStart)..].Count((byte)'\n');
        }

        if (HasBegun && !IsComplete && (_contentEnd >= 0 || TryFind(_end, out _contentEnd)))
        {
            TryComplete();
        }
    }

    /// <summary>Forgets all that came. Nobody may be writing to the place that <see cref="GetMemory"/> gave.</summary>
    public void Clear()
    {
        GiveBack();
        (_buffer, _count, _searched, _lines, _contentStart, _contentEnd) = ([], 0, 0, 0, -1, -1);
    }

    private ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _count);

    private void GiveBack()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
    }

    private bool TryFind(ReadOnlySpan<byte> marker, out int offset)
    {
        int found = Written[_searched..].IndexOf(marker);
        offset = found < 0 ? -1 : _searched + found;
        if (found < 0)
        {
            _searched = Math.Max(_searched, _count - marker.Length + 1);
        }

        return found >= 0;
    }

    private void TryComplete()
    {
        ReadOnlySpan<byte> tail = Written[(_contentEnd + _end.Length)..];
        int newline = tail.IndexOf((byte)'\n');
        if (newline < 0)
        {
            return;
        }

        IsComplete = true;
        if (Utf8Parser.TryParse(tail[..newline], out int exitCode, out int length) && length == newline)
        {
            ExitCode = exitCode;
        }
    }
}
