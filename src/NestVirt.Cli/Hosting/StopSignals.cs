using System.Runtime.InteropServices;

namespace NestVirt.Cli.Hosting;

/// <summary>Turns Ctrl+C and a polite kill into a cancellation, so that no child process is left behind.</summary>
internal sealed class StopSignals : IDisposable
{
    private const int HangUp = 1;
    private const int Interrupt = 2;
    private const int Quit = 3;
    private const int Terminate = 15;

    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private volatile int _signal;

    /// <summary>Initializes a new instance of the <see cref="StopSignals"/> class, and listens.</summary>
    internal StopSignals()
    {
        Listen(PosixSignal.SIGINT, Interrupt);
        Listen(PosixSignal.SIGTERM, Terminate);
        Listen(PosixSignal.SIGHUP, HangUp);
        Listen(PosixSignal.SIGQUIT, Quit);
    }

    /// <summary>Gets the token that a signal ends.</summary>
    internal CancellationToken Token => _stop.Token;

    /// <summary>Gets the exit code that tells of the signal, or null when there was none.</summary>
    internal int? ExitCode => _signal == 0 ? null : Cli.ExitCode.SignalBase + _signal;

    /// <inheritdoc/>
    public void Dispose()
    {
        _registrations.ForEach(static registration => registration.Dispose());
        _stop.Dispose();
    }

    /// <summary>Stops for another reason than a signal.</summary>
    internal void Stop() => _stop.Cancel();

    private void Listen(PosixSignal signal, int number) =>
        _registrations.Add(
            PosixSignalRegistration.Create(
                signal,
                context =>
                {
                    // A second signal means it: the runtime then does what the signal does by itself.
                    context.Cancel = _signal == 0;
                    _signal = number;
                    _stop.Cancel();
                }
            )
        );
}
