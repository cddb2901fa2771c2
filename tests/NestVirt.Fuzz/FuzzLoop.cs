using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace NestVirt.Fuzz;

/// <summary>Feeds one target with inputs, keeps those that take new ways, and reports what a host or a file must not be able to do.</summary>
/// <param name="target">The target.</param>
/// <param name="folder">Where findings, and the input at hand, are written.</param>
internal sealed class FuzzLoop(FuzzTarget target, string folder)
{
    // What devices and files of honest hosts need is far below; instrumented code takes three times as long.
    private const long FreeBytes = 64 << 20;
    private const long BytesPerCharacter = 1024;
    private const int Attempts = 3;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_smaller = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(30);

    private readonly HashSet<string> _found = new(StringComparer.Ordinal);
    private readonly List<string> _corpus = [.. target.Seeds];
    private long _began = Stopwatch.GetTimestamp();

    /// <summary>Gets the file that holds the input at hand, for whoever finds that the process has ended.</summary>
    internal static string CurrentFile(string folder, string target) => Path.Combine(folder, $"{target}.current");

    /// <summary>Runs.</summary>
    /// <param name="seed">Makes it repeatable.</param>
    /// <param name="rounds">How many inputs at most.</param>
    /// <param name="time">How long at most.</param>
    /// <returns>How many findings there are.</returns>
    internal int Run(int seed, long rounds, TimeSpan time)
    {
        using Timer watch = new(_ => EndWhereStuck(), null, s_hang, TimeSpan.FromSeconds(1));
        long start = Stopwatch.GetTimestamp();
        foreach (string text in target.Seeds)
        {
            Execute(text);
        }

        foreach (string text in Growth.Of(target))
        {
            Execute(text);
        }

        Mutator mutator = new(new Random(seed), target);
        long round = 0;
        for (; round < rounds && Stopwatch.GetElapsedTime(start) < time; round++)
        {
            string text = mutator.Next(_corpus);
            if (Execute(text) && text.Length < Mutator.MaximumLength / 4)
            {
                _corpus.Add(text);
            }
        }

        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{target.Name}: {round} inputs in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s, {_corpus.Count} kept, {_found.Count} findings"
            )
        );
        return _found.Count;
    }

    /// <summary>Reads one input, and reports what comes of it.</summary>
    /// <returns>Whether it took a new way.</returns>
    internal bool Execute(string text)
    {
        InputText.Write(CurrentFile(folder, target.Name), text);
        Coverage.Clear();
        TimeSpan fastest = TimeSpan.MaxValue;
        bool isNew = false;
        for (int attempt = 0; attempt < Attempts && fastest > s_limit; attempt++)
        {
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            _began = Stopwatch.GetTimestamp();
            TimeSpan start = Environment.CpuUsage.TotalTime;
            string? fault = Run(text);
            TimeSpan time = Environment.CpuUsage.TotalTime - start;
            bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
            fastest = time < fastest ? time : fastest;
            isNew |= Coverage.IsNew();
            if (fault is not null)
            {
                if (!_found.Contains(fault))
                {
                    text = Smaller(text, fault);
                }

                Report(fault, text);
            }

            if (bytes > FreeBytes + (BytesPerCharacter * text.Length))
            {
                Report($"memory: {bytes >> 20} MB", text, "memory");
            }
        }

        if (fastest > s_limit)
        {
            Report($"time: {fastest.TotalSeconds:0.0} s", text, "time");
        }

        return isNew;
    }

    private string? Run(string text)
    {
        try
        {
            target.Run(text);
            return null;
        }
        catch (NestVirtException)
        {
            return null;
        }
        catch (Exception error)
        {
            string[] frames = (error.StackTrace ?? string.Empty).Split('\n');
            string at =
                Array.Find(frames, static frame => frame.Contains("NestVirt.", StringComparison.Ordinal)) ?? frames[0];
            return error is BrokenPromiseException
                ? error.Message
                : $"{error.GetType().Name}: {error.Message.Split('\n')[0]}{at.TrimEnd()}";
        }
    }

    // What is not needed for it goes, as long as that does not take long.
    private string Smaller(string text, string fault)
    {
        long start = Stopwatch.GetTimestamp();
        int head = target.HasHeader ? text.IndexOf('\n', StringComparison.Ordinal) + 1 : 0;
        for (int size = text.Length / 2; size > 0; size = size == 1 ? 0 : (size + 1) / 2)
        {
            for (int at = head; at + size <= text.Length && Stopwatch.GetElapsedTime(start) < s_smaller; )
            {
                _began = Stopwatch.GetTimestamp();
                string shorter = text.Remove(at, size);
                (text, at) = Run(shorter) == fault ? (shorter, at) : (text, at + size);
            }
        }

        return text;
    }

    private void Report(string fault, string text, string? kind = null)
    {
        if (!_found.Add(kind ?? fault))
        {
            return;
        }

        string name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(kind ?? fault)))[..8];
        string file = Path.Combine(folder, $"{target.Name}-{name}.txt");
        InputText.Write(file, text);
        Console.WriteLine($"FOUND {target.Name}: {fault} ({text.Length} characters, {file})");
    }

    private void EndWhereStuck()
    {
        if (Stopwatch.GetElapsedTime(_began) > s_hang)
        {
            Console.WriteLine($"FOUND {target.Name}: it hangs");
            Environment.Exit(3);
        }
    }
}
