using System.Diagnostics;

namespace NestVirt.Cli.Hosting;

/// <summary>Tells a person at a terminal how far a slow run is, on standard error and past one second.</summary>
/// <param name="hostCount">How many hosts are asked.</param>
internal sealed class Progress(int hostCount)
{
    private const string EraseLine = "\r\u001b[K";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private bool? _isWanted;
    private bool _isShown;

    /// <summary>Shows how many hosts are done.</summary>
    /// <param name="doneCount">The number.</param>
    internal void Show(int doneCount)
    {
        if (_clock.Elapsed < s_patience)
        {
            return;
        }

        _isWanted ??= !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb");
        if (_isWanted is true)
        {
            _isShown = true;
            string hosts = hostCount == 1 ? "Waiting for the host" : $"{doneCount} of {hostCount} hosts done";
            Console.Error.Write($"{EraseLine}{hosts}, {_clock.Elapsed.TotalSeconds:0} s …");
        }
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
