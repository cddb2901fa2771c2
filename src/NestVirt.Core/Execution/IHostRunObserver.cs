using NestVirt.Hosts;

namespace NestVirt.Execution;

/// <summary>Takes what hosts give; every call comes on the thread that runs the loop.</summary>
/// <typeparam name="T">The type of a result.</typeparam>
public interface IHostRunObserver<T>
{
    /// <summary>Takes all that a host gave; what one host says is kept together.</summary>
    /// <param name="host">The host.</param>
    /// <param name="results">Its results.</param>
    void OnResults(HostTarget host, IReadOnlyList<T> results);

    /// <summary>Takes the error that a host gave instead of results.</summary>
    /// <param name="host">The host.</param>
    /// <param name="failure">The error.</param>
    void OnFailure(HostTarget host, Exception failure);

    /// <summary>Shows how far the run is: not in its first second, and at most four times a second.</summary>
    /// <param name="progress">How far.</param>
    void OnProgress(HostProgress progress);

    /// <summary>Takes the progress away; called only when it was shown.</summary>
    void OnProgressEnded();
}
