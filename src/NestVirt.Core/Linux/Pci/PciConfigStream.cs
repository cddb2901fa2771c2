using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Pci;

/// <summary>Cuts the bytes that <c>od</c> prints, of many files one after the other, into config spaces.</summary>
/// <param name="files">The files in their order, with their lengths.</param>
internal sealed class PciConfigStream(IReadOnlyList<PciConfigFile> files)
{
    private const int BlockLength = 16;
    private const int BufferLength = 4096;

    private readonly Dictionary<PciAddress, PciConfigSpace> _spaces = new(files.Count);
    private readonly byte[] _buffer = new byte[BufferLength];
    private readonly byte[] _block = new byte[BlockLength];
    private readonly long _total = files.Sum(static file => (long)file.Length);
    private long _position;
    private int _file;
    private int _filled;
    private bool _isRepeated;
    private bool _isEnded;

    /// <summary>Gets the config spaces that were cut so far.</summary>
    public IReadOnlyDictionary<PciAddress, PciConfigSpace> Spaces => _spaces;

    /// <summary>Gets a value indicating whether the stream ended where the lengths say that it does.</summary>
    public bool IsComplete => _isEnded && _position == _total;

    /// <summary>Gets a value indicating whether nothing was read.</summary>
    public bool IsEmpty => _position == 0;

    /// <summary>Takes one line of od: an address and up to 16 bytes, the last address alone, or <c>*</c>.</summary>
    /// <param name="line">The line.</param>
    /// <returns>True if it is of that form.</returns>
    public bool TryRead(ReadOnlySpan<char> line)
    {
        if (line is "*")
        {
            bool isFirst = !_isRepeated && _position > 0 && !_isEnded;
            _isRepeated = true;
            return isFirst;
        }

        int space = line.IndexOf(' ');
        ReadOnlySpan<char> digits = space < 0 ? line : line[..space];
        if (_isEnded || !TryParseAddress(digits, out long address) || !TryReach(address))
        {
            return false;
        }

        _isEnded = space < 0;
        return _isEnded || TryReadBlock(line[space..]);
    }

    private static bool TryParseAddress(ReadOnlySpan<char> digits, out long value)
    {
        value = 0;
        foreach (char digit in digits)
        {
            int nibble = HexText.ValueOf(digit);
            if (nibble < 0 || value > int.MaxValue)
            {
                return false;
            }

            value = (value << 4) | (long)nibble;
        }

        return digits.Length > 0;
    }

    private bool TryReach(long address)
    {
        if (_isRepeated)
        {
            _isRepeated = false;
            while (_position < address && _position < _total)
            {
                Append(_block.AsSpan(0, (int)Math.Min(BlockLength, address - _position)));
            }

            // Beyond the files' lengths there is nothing to fill; the end will disagree with the counts.
            _position = Math.Max(_position, address);
        }

        return address == _position;
    }

    private bool TryReadBlock(ReadOnlySpan<char> text)
    {
        int count = 0;
        for (int at = 0; at < text.Length && count < BlockLength; at += 3, count++)
        {
            if (at + 3 > text.Length || text[at] != ' ')
            {
                return false;
            }

            int value = (HexText.ValueOf(text[at + 1]) << 4) | HexText.ValueOf(text[at + 2]);
            if (value < 0)
            {
                return false;
            }

            _block[count] = (byte)value;
        }

        Append(_block.AsSpan(0, count));
        return text.Length == count * 3;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        _position += bytes.Length;
        while (!bytes.IsEmpty && _file < files.Count)
        {
            int wanted = files[_file].Length - _filled;
            int taken = Math.Min(wanted, bytes.Length);
            bytes[..taken].CopyTo(_buffer.AsSpan(_filled));
            _filled += taken;
            bytes = bytes[taken..];
            if (taken == wanted)
            {
                _spaces[files[_file].Address] = PciConfigSpace.Decode(_buffer.AsSpan(0, _filled));
                _filled = 0;
                _file++;
            }
        }
    }
}
