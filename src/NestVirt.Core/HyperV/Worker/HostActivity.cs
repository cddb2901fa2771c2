namespace NestVirt.HyperV.Worker;

/// <summary>Says what is done at a host right now, to whoever waits for it.</summary>
internal sealed class HostActivity
{
    private string? _subject;

    /// <summary>Gets or sets who takes it; null for nobody.</summary>
    internal IProgress<string>? Listener { get; set; }

    /// <summary>Begins the turn of a virtual machine: what is done until it ends is done to that.</summary>
    /// <param name="subject">What it is called.</param>
    /// <returns>The turn, which ends when it is disposed.</returns>
    internal IDisposable Begin(string subject)
    {
        _subject = subject;
        return new Turn(this);
    }

    /// <summary>Says what is done.</summary>
    /// <param name="text">A phrase.</param>
    internal void Say(string text) => Listener?.Report(_subject is null ? text : $"{_subject}: {text}");

    private sealed class Turn(HostActivity activity) : IDisposable
    {
        public void Dispose() => activity._subject = null;
    }
}
