using NestVirt.HyperV.Machine;
using NestVirt.Model;

namespace NestVirt.HyperV.Support;

/// <summary>Whether Hyper-V of a host can give its VMs the virtualization extension, whatever is set of them.</summary>
/// <param name="IsPossible">Whether it can; null when that is unknown.</param>
/// <param name="LeastVersion">The least version of a VM's configuration that it takes; null where it is not possible, or unknown.</param>
/// <param name="Reason">Why not, or why that is unknown; null where it is possible.</param>
/// <remarks>
/// Intel: Windows Server 2016 or Windows 10 version 1607, and version 8.0 of the configuration. AMD: Windows Server 2022 or
/// Windows 11, and 9.3 (Microsoft, "Enable nested virtualization", 2025-06-10). On AMD before that the setting is taken, and
/// the VM does not start (VVV issue 2534, Easy-GPU-PV issue 7). Arm: no page of Microsoft has it, and VMs with the setting
/// do not start (NanaBox issue 3, WSL issue 13796).
/// </remarks>
internal sealed record HostNesting(bool? IsPossible, ConfigurationVersion? LeastVersion, Finding? Reason)
{
    private static readonly ConfigurationVersion s_intel = new(8, 0);
    private static readonly ConfigurationVersion s_amd = new(9, 3);

    /// <summary>Judges a host.</summary>
    /// <param name="host">The host.</param>
    /// <returns>What it can give.</returns>
    internal static HostNesting Of(HyperVHost host)
    {
        WindowsFacts windows = host.Windows;
        return host.Processor.Kind switch
        {
            ProcessorKind.Arm => OnArm(host),
            _ when windows.Build is null => Unknown(HyperVFindings.Unread(host)),
            _ when windows.Build < WindowsRelease.FirstThatNests => No(HyperVFindings.WithoutNesting(host)),
            ProcessorKind.Amd => OnAmd(host),
            ProcessorKind.Intel => new HostNesting(true, s_intel, null),
            _ => Unknown(HyperVFindings.CpuUnknown(host)),
        };
    }

    private static HostNesting OnAmd(HyperVHost host)
    {
        int build = host.Windows.Build!.Value;
        bool? isNewEnough = host.Windows.Kind switch
        {
            WindowsKind.Server => build >= WindowsRelease.FirstServerForAmd,
            WindowsKind.Client => build >= WindowsRelease.FirstClientForAmd,
            _ => build >= WindowsRelease.FirstClientForAmd ? true
            : build < WindowsRelease.FirstServerForAmd ? false
            : null,
        };
        return isNewEnough switch
        {
            true => new HostNesting(true, s_amd, null),
            false => No(HyperVFindings.TooOldForAmd(host)),
            null => Unknown(HyperVFindings.Unread(host)),
        };
    }

    private static HostNesting OnArm(HyperVHost host) =>
        host.Windows.Build is > WindowsRelease.LastDocumented
            ? Unknown(HyperVFindings.OnArm(host, isKnown: false))
            : No(HyperVFindings.OnArm(host, isKnown: true));

    private static HostNesting No(Finding reason) => new(false, null, reason);

    private static HostNesting Unknown(Finding reason) => new(null, null, reason);
}
