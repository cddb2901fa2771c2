using System.Text;
using NestVirt.Cli.Tables;
using NestVirt.Execution;
using NestVirt.Text;

namespace NestVirt.Cli.Hosting;

/// <summary>Tells a person at a terminal how far a slow run is, on standard error.</summary>
internal sealed class Progress
{
    private const string EraseLine = "\r\u001b[K";

    private bool? _isWanted;
    private bool _isShown;

    /// <summary>Shows how many hosts are done, and what is done at one of them.</summary>
    /// <param name="progress">How far the run is.</param>
    internal void Show(HostProgress progress)
    {
        _isWanted ??= !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb");
        if (_isWanted is true)
        {
            _isShown = true;
            Console.Error.Write(EraseLine + LineOf(progress, Console.WindowWidth));
        }
    }

    /// <summary>Writes the line.</summary>
    /// <param name="progress">How far the run is.</param>
    /// <param name="width">The width of the terminal; 0 where it is not known.</param>
    /// <returns>The line; cut off before the end of one of the terminal's, of which no more than one is erased.</returns>
    internal static string LineOf(HostProgress progress, int width)
    {
        string hosts =
            progress.Added == 1 ? "Waiting for the host" : $"{progress.Ended} of {progress.Added} hosts done";
        string doing = progress.Doing is { } text ? $" ({HostText.ForDisplay(text)})" : string.Empty;
        string line = $"{hosts}, {progress.Elapsed.TotalSeconds:0} s{doing} …";
        return width > 1 ? CutTo(line, width - 1) : line;
    }

    // By columns, of which many letters have two: what is longer than the terminal's line is on two, and one is erased.
    private static string CutTo(string line, int columns)
    {
        int end = 0;
        int used = 0;
        foreach (Rune rune in line.EnumerateRunes())
        {
            used += TextCell.WidthOf(rune.ToString());
            if (used > columns)
            {
                return line[..end];
            }

            end += rune.Utf16SequenceLength;
        }

        return line;
    }

    /// <summary>Takes the line away, before anything else is written.</summary>
    internal void Clear()
    {
        if (_isShown)
        {
            _isShown = false;
            Console.Error.Write(EraseLine);
        }
    }
}
