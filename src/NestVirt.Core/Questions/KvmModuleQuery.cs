using System.Runtime.CompilerServices;
using NestVirt.Hosts;
using NestVirt.Linux.Kvm;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Questions;

/// <summary>Answers which KVM modules a host has, and how they are set.</summary>
/// <param name="reader">Asks the host.</param>
public sealed class KvmModuleQuery(IProbeReader reader) : IHostQuery<KvmModule>
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<KvmModule> RunAsync(
        HostTarget target,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ProbeAnswers answers = await reader
            .ReadAsync(target, KvmHostState.Probes, cancellationToken)
            .ConfigureAwait(false);
        foreach (KvmModule module in KvmModuleAssessor.Assess(answers.Read(KvmHostState.Reading), target))
        {
            yield return module;
        }
    }
}
