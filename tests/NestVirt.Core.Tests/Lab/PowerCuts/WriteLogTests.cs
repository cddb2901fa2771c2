using System.Buffers.Binary;

namespace NestVirt.Core.Tests.Lab.PowerCuts;

public sealed class WriteLogTests
{
    private const int Sector = 512;

    [Fact]
    public void Read_gives_what_was_written_where_and_what_was_flushed()
    {
        List<LoggedWrite> log = WriteLog.Read(
            Log((3, 0, "one"), (0, 1, ""), (7, 2, "two"), (9, 4, ""), (11, 3, "three"))
        );

        Assert.Equal(
            [
                (3 * Sector, 'o', false, false),
                (0, '-', true, false),
                (7 * Sector, 't', false, true),
                (9 * Sector, '\0', false, false),
                (0, '-', true, false),
                (11 * Sector, 't', false, true),
            ],
            log.Select(static one =>
                ((int)one.Offset, one.Data.Length == 0 ? '-' : (char)one.Data.Span[0], one.IsFlush, one.IsForced)
            )
        );
    }

    [Fact]
    public void Read_leaves_out_what_is_not_whole_yet()
    {
        byte[] log = Log((3, 0, "one"), (0, 1, ""), (7, 0, "two"));

        Assert.Equal(3, WriteLog.Read(log).Count);
        Assert.Equal(2, WriteLog.Read(log.AsMemory(0, log.Length - 1)).Count);
        Assert.Equal(2, WriteLog.Read(log.AsMemory(0, log.Length - Sector)).Count);
        Assert.Equal(3, WriteLog.Read((byte[])[.. log, .. new byte[3 * Sector]]).Count);
        Assert.Empty(WriteLog.Read(new byte[Sector]));
    }

    [Fact]
    public void Between_cuts_at_each_flush_at_stops_and_at_the_end()
    {
        List<LoggedWrite> log = WriteLog.Read(
            Log((1, 0, "a"), (0, 1, ""), (2, 0, "b"), (3, 0, "c"), (0, 1, ""), (4, 0, "d"), (5, 0, "e"))
        );

        Assert.Equal(
            ["2: a + ", "4:  + bc", "6: bc + d", "7:  + de"],
            CutPoint
                .Between(log, 2, 7, 2, 6)
                .Select(static point => $"{point.At}: {Names(point.Flushed)} + {Names(point.Pending)}")
        );
    }

    [Fact]
    public void Left_is_nothing_some_or_all_of_what_waits_and_always_what_was_forced()
    {
        List<LoggedWrite> log = WriteLog.Read(
            Log([(0, 1, ""), (1, 2, "F"), .. Enumerable.Range(2, 40).Select(static at => (at, 0, "x"))])
        );
        CutPoint point = CutPoint.Between(log, log.Count, log.Count).Single();

        Assert.Equal("F", Names(point.Left(Kept.None, new Random(1))));
        Assert.Equal(41, point.Left(Kept.All, new Random(1)).Count());
        Assert.InRange(point.Left(Kept.Half, new Random(1)).Count(), 12, 30);
    }

    private static string Names(IEnumerable<LoggedWrite> writes) =>
        string.Concat(writes.Select(static write => (char)write.Data.Span[0]));

    // A text takes a sector; a discard has none.
    private static byte[] Log(params IEnumerable<(int At, int Flags, string Text)> entries)
    {
        List<byte> log = [.. Words(0x6a736677736872, 1, 0, Sector)];
        foreach ((int at, int flags, string text) in entries)
        {
            bool hasSectors = text.Length > 0 || (flags & 4) != 0;
            log.AddRange(Words((ulong)at, hasSectors ? 1UL : 0, (ulong)flags, 0));
            if (text.Length > 0)
            {
                log.AddRange([.. text.Select(static letter => (byte)letter), .. new byte[Sector - text.Length]]);
            }
        }

        return [.. log];
    }

    private static byte[] Words(params ulong[] words)
    {
        byte[] sector = new byte[Sector];
        for (int index = 0; index < words.Length; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(sector.AsSpan(index * sizeof(ulong)), words[index]);
        }

        return sector;
    }
}
