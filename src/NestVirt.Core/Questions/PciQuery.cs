using System.Runtime.CompilerServices;
using NestVirt.Hosts;
using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Questions;

/// <summary>Answers which PCI functions a host has.</summary>
/// <param name="reader">Asks the host.</param>
public sealed class PciQuery(IProbeReader reader) : IHostQuery<PciDevice>
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<PciDevice> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ProbeAnswers answers = await reader
            .ReadAsync(target, PciInventory.Probes, cancellationToken)
            .ConfigureAwait(false);
        if (PciInventory.UnavailableReason(answers) is { } reason)
        {
            throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                $"The PCI functions of the host are not known: {reason}."
            );
        }

        foreach (PciDevice device in PciInventory.Read(answers, target))
        {
            yield return device;
        }
    }
}
