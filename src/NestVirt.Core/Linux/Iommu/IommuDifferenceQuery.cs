using System.Runtime.CompilerServices;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Questions;
using NestVirt.Text;

namespace NestVirt.Linux.Iommu;

/// <summary>Answers which devices of a host keep other company than in an earlier look at it.</summary>
/// <param name="groups">Reads the groups of either side.</param>
/// <param name="reference">The earlier look: a snapshot, or a host.</param>
internal sealed class IommuDifferenceQuery(IHostQuery<IommuGroup> groups, HostTarget reference)
    : IHostQuery<IommuDifference>
{
    private readonly Lock _gate = new();
    private Task<List<IommuGroup>>? _before;

    /// <inheritdoc/>
    public IReadOnlyList<Finding> FindingsOf(HostTarget target) => groups.FindingsOf(target);

    /// <inheritdoc/>
    public async IAsyncEnumerable<IommuDifference> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        List<IommuGroup> before = await ReadReferenceOnce(cancellationToken).ConfigureAwait(false);
        List<IommuGroup> after = await groups
            .RunAsync(target, cancellationToken)
            .ToListAsync(cancellationToken)
            .ConfigureAwait(false);
        foreach (IommuDifference difference in IommuComparison.Compare(before, after, reference.Name, target))
        {
            yield return difference;
        }
    }

    // The reference may be a live host, which is asked once, however many hosts it is held against.
    private Task<List<IommuGroup>> ReadReferenceOnce(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _before ??= ReadReferenceAsync(cancellationToken);
        }
    }

    private async Task<List<IommuGroup>> ReadReferenceAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await groups
                .RunAsync(reference, cancellationToken)
                .ToListAsync(cancellationToken)
                .ConfigureAwait(false);
        }
        catch (NestVirtException error)
        {
            throw new NestVirtException(
                error.Kind,
                $"The reference {HostText.ForDisplay(reference.Name)}: {error.Message}",
                error
            )
            {
                Remedy = error.Remedy,
            };
        }
    }
}
