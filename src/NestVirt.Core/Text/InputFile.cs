namespace NestVirt.Text;

/// <summary>Reads a file that somebody named, which may be a pipe that nobody writes to, a device, or without end.</summary>
public static class InputFile
{
    /// <summary>How long an inventory or a plan may be, in bytes.</summary>
    public const int LargestBytes = 64 << 20;

    /// <summary>How long a file may keep us waiting that nothing depends on but a suggestion.</summary>
    public static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    private const int ReadSize = 64 << 10;

    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(1);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limitBytes">How long it may be.</param>
    /// <param name="idle">How long nothing may arrive; null for a minute.</param>
    /// <param name="cancellationToken">Stops waiting for it.</param>
    /// <returns>Its bytes.</returns>
    /// <exception cref="IOException">It cannot be read, is longer than that, or nothing arrives from it.</exception>
    /// <exception cref="UnauthorizedAccessException">It is a directory, or may not be read.</exception>
    public static byte[] Read(
        string path,
        int limitBytes = LargestBytes,
        TimeSpan? idle = null,
        CancellationToken cancellationToken = default
    ) => ReadAsync(path, limitBytes, idle, cancellationToken).GetAwaiter().GetResult();

    /// <summary>Reads a file of text.</summary>
    /// <param name="path">The file, as UTF-8 or as UTF-16 with its mark.</param>
    /// <param name="cancellationToken">Stops waiting for it.</param>
    /// <returns>Its text.</returns>
    /// <exception cref="IOException">It cannot be read, is too long, or nothing arrives from it.</exception>
    /// <exception cref="UnauthorizedAccessException">It is a directory, or may not be read.</exception>
    public static string ReadText(string path, CancellationToken cancellationToken = default) =>
        EncodedText.ToText(Read(path, cancellationToken: cancellationToken));

    /// <summary>Reads the lines of a file that nobody named for this command, such as the user's own settings.</summary>
    /// <param name="path">The file, as UTF-8 or as UTF-16 with its mark.</param>
    /// <param name="limitBytes">How long it may be.</param>
    /// <param name="idle">How long nothing may arrive.</param>
    /// <returns>Its lines, without their ends.</returns>
    /// <exception cref="IOException">It cannot be read, is too long, or nothing arrives from it.</exception>
    /// <exception cref="UnauthorizedAccessException">It is a directory, or may not be read.</exception>
    public static IReadOnlyList<string> ReadLines(string path, int limitBytes, TimeSpan idle)
    {
        using StringReader reader = new(EncodedText.ToText(Read(path, limitBytes, idle)));
        List<string> lines = [];
        while (reader.ReadLine() is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }

    /// <inheritdoc cref="Read"/>
    internal static async Task<byte[]> ReadAsync(
        string path,
        int limitBytes,
        TimeSpan? idle,
        CancellationToken cancellationToken
    )
    {
        // To open a pipe waits for its writer, and nothing but a signal's default action ends that: so it has a thread.
        Arrival arrival = new();
        Task<byte[]> reading = Task.Factory.StartNew(
            () => ReadAll(path, limitBytes, arrival),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        long seen = 0;
        TimeSpan wait = idle ?? s_idle;
        while (await Task.WhenAny(reading, Task.Delay(wait, cancellationToken)).ConfigureAwait(false) != reading)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long count = arrival.Count;
            if (count == seen)
            {
                throw new IOException($"nothing has arrived from it for {DurationText.Of(wait)}");
            }

            seen = count;
        }

        return await reading.ConfigureAwait(false);
    }

    private static byte[] ReadAll(string path, int limitBytes, Arrival arrival)
    {
        using FileStream file = new FileInfo(path).OpenRead();
        long length = file.CanSeek ? file.Length : 0;
        using MemoryStream content = new((int)Math.Min(length, limitBytes));
        byte[] part = new byte[ReadSize];
        while (length <= limitBytes && file.Read(part) is > 0 and var count)
        {
            content.Write(part, 0, count);
            length = Math.Max(length, content.Length);
            arrival.Add(count);
        }

        return length <= limitBytes
            ? content.ToArray()
            : throw new InputTooLongException($"it is longer than {limitBytes >> 20} MiB");
    }

    private sealed class Arrival
    {
        private long _count;

        internal long Count => Interlocked.Read(ref _count);

        internal void Add(int count) => Interlocked.Add(ref _count, count);
    }
}

/// <summary>A file is longer than it may be.</summary>
/// <param name="message">How long it may be.</param>
internal sealed class InputTooLongException(string message) : IOException(message);
