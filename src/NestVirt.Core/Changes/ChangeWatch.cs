namespace NestVirt.Changes;

/// <summary>What is seen of a change while it is made, from any thread.</summary>
internal sealed class ChangeWatch : IProgress<string>
{
    private volatile bool _hasBegun;
    private volatile string? _doing;

    /// <summary>Gets a value indicating whether the host was told to begin.</summary>
    internal bool HasBegun => _hasBegun;

    /// <summary>Gets what is done right now, as a phrase; null where that was not told.</summary>
    internal string? Doing => _doing;

    /// <summary>Takes what is done right now.</summary>
    /// <param name="value">A phrase.</param>
    public void Report(string value) => _doing = value;

    /// <summary>Takes that the host is about to be told to begin.</summary>
    internal void Begin() => _hasBegun = true;
}
