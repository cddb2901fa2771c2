using NestVirt.Guidance;
using NestVirt.Hosts;

namespace NestVirt.Transport.Shell.Local;

/// <summary>Stands on Windows where other systems have their <c>/bin/sh</c>, and says what to do instead.</summary>
internal sealed class NoLocalShell : IHostShellFactory
{
    /// <inheritdoc/>
    public Task<IHostShell> OpenAsync(HostTarget target, CancellationToken cancellationToken) =>
        throw (
            target.Address is TreeAddress
                ? Refusal(
                    "A directory tree is read by /bin/sh, which Windows does not have.",
                    Advice.Of(
                        $"Read it on Linux or in WSL, or record it there ({OwnCommand.Snapshot}) and read the snapshot here."
                    )
                )
                : Refusal(
                    "This machine runs Windows, which has no /bin/sh, and its own Hyper-V is read by the module in PowerShell alone.",
                    Advice.Of(
                        $"Name a KVM host, which is asked over SSH, a Hyper-V host, which is asked over WS-Management, or a snapshot of one ({OwnCommand.Snapshot})."
                    )
                )
        );

    private static NestVirtException Refusal(string message, string remedy) =>
        new(NestVirtErrorKind.FeatureNotSupported, message) { Remedy = remedy };
}
