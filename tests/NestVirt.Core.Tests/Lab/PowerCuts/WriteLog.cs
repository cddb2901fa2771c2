using System.Buffers.Binary;

namespace NestVirt.Core.Tests.Lab.PowerCuts;

/// <summary>One thing that was done to a disk.</summary>
/// <param name="Offset">Where it wrote.</param>
/// <param name="Data">What it wrote.</param>
/// <param name="IsFlush">Whether all that was written before it had to be on the disk when it ended.</param>
/// <param name="IsForced">Whether what it wrote had to.</param>
internal sealed record LoggedWrite(long Offset, ReadOnlyMemory<byte> Data, bool IsFlush, bool IsForced);

/// <summary>Reads what QEMU's blklogwrites keeps of a disk, in the order in which it was done.</summary>
/// <remarks>The format is that of the kernel's dm-log-writes: Documentation/admin-guide/device-mapper/log-writes.rst.</remarks>
internal static class WriteLog
{
    private const ulong Magic = 0x6a736677736872;
    private const ulong Flush = 1;
    private const ulong Forced = 2;
    private const ulong Discard = 4;

    /// <summary>Reads a log, also one that grows: what is not whole yet is left out.</summary>
    /// <param name="log">The log.</param>
    /// <returns>The entries.</returns>
    internal static List<LoggedWrite> Read(ReadOnlyMemory<byte> log)
    {
        List<LoggedWrite> entries = [];
        // The first sector is written at the first flush.
        if (log.Length < 32 || Number(log, 0) != Magic)
        {
            return entries;
        }

        int sector = BinaryPrimitives.ReadInt32LittleEndian(log.Span[24..]);
        int at = sector;
        while (at + sector <= log.Length)
        {
            ulong flags = Number(log, at + 16);
            long length = (long)Number(log, at + 8) * sector;
            if (flags == 0 && length == 0)
            {
                break;
            }

            long offset = (long)Number(log, at) * sector;
            at += sector;
            bool isDiscard = (flags & Discard) != 0;
            if (!isDiscard && at + length > log.Length)
            {
                break;
            }

            if ((flags & Flush) != 0)
            {
                entries.Add(new LoggedWrite(0, default, IsFlush: true, IsForced: false));
            }

            // What is discarded reads as anything; zeros are what does most harm.
            ReadOnlyMemory<byte> data = isDiscard ? new byte[length] : log.Slice(at, (int)length);
            if (length > 0)
            {
                entries.Add(new LoggedWrite(offset, data, IsFlush: false, (flags & Forced) != 0));
            }

            at += isDiscard ? 0 : (int)length;
        }

        return entries;
    }

    private static ulong Number(ReadOnlyMemory<byte> log, int at) =>
        BinaryPrimitives.ReadUInt64LittleEndian(log.Span[at..]);
}
