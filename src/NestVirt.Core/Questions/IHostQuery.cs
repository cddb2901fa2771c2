using NestVirt.Hosts;
using NestVirt.Model;

namespace NestVirt.Questions;

/// <summary>One question that can be put to any host.</summary>
/// <typeparam name="T">The type of an answer.</typeparam>
public interface IHostQuery<T>
{
    /// <summary>Asks one host.</summary>
    /// <param name="target">The host.</param>
    /// <param name="cancellationToken">Stops the query.</param>
    /// <returns>The answers of the host.</returns>
    /// <exception cref="NestVirtException">The host gave no answer.</exception>
    IAsyncEnumerable<T> RunAsync(HostTarget target, CancellationToken cancellationToken);

    /// <summary>Gets what was found of a host beside its answers.</summary>
    /// <param name="target">The host, when it has answered.</param>
    /// <returns>The findings.</returns>
    IReadOnlyList<Finding> FindingsOf(HostTarget target) => [];
}
