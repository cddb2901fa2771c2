using System.Runtime.CompilerServices;
using NestVirt.Hosts;
using NestVirt.Linux.Iommu;
using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Questions;

/// <summary>Answers which IOMMU groups a host has.</summary>
/// <param name="reader">Asks the host.</param>
public sealed class IommuQuery(IProbeReader reader) : IHostQuery<IommuGroup>
{
    private static readonly HostProbe[] s_probes = [IommuProbe.Probe, .. PciInventory.Probes];

    /// <inheritdoc/>
    public async IAsyncEnumerable<IommuGroup> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ProbeAnswers answers = await reader.ReadAsync(target, s_probes, cancellationToken).ConfigureAwait(false);
        if (IommuInventory.UnavailableReason(answers) is { } reason)
        {
            throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                $"The IOMMU groups of the host are not known: {reason}."
            );
        }

        foreach (IommuGroup group in IommuInventory.Read(answers, target))
        {
            yield return group;
        }
    }
}
