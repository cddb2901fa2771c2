using NestVirt.Hosts;

namespace NestVirt.Cli.Output;

/// <summary>Writes what hosts answer, in the order of arrival. Called by one thread.</summary>
/// <typeparam name="T">The type of a result.</typeparam>
internal interface IResultSink<T>
{
    /// <summary>Starts the output.</summary>
    /// <param name="hosts">The hosts that are asked.</param>
    void Begin(IReadOnlyList<HostTarget> hosts);

    /// <summary>Writes all results of one host.</summary>
    /// <param name="host">The host.</param>
    /// <param name="results">Its results; there may be none.</param>
    void Take(HostTarget host, IReadOnlyList<T> results);

    /// <summary>Takes note of a host without an answer. Standard error has told of it already.</summary>
    /// <param name="failure">Why there is none.</param>
    void Fail(HostFailure failure);

    /// <summary>Ends the output.</summary>
    void End();
}
