using NestVirt.Execution;

namespace NestVirt.Cli.Hosting;

/// <summary>Tells a person at a terminal how far a slow run is, on standard error.</summary>
internal sealed class Progress
{
    private const string EraseLine = "\r\u001b[K";

    private bool? _isWanted;
    private bool _isShown;

    /// <summary>Shows how many hosts are done.</summary>
    /// <param name="progress">How far the run is.</param>
    internal void Show(HostProgress progress)
    {
        _isWanted ??= !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb");
        if (_isWanted is true)
        {
            _isShown = true;
            string hosts =
                progress.Added == 1 ? "Waiting for the host" : $"{progress.Ended} of {progress.Added} hosts done";
            Console.Error.Write($"{EraseLine}{hosts}, {progress.Elapsed.TotalSeconds:0} s …");
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
