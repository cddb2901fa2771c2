using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Kvm;

/// <summary>Says what about KVM's modules and its device deserves attention, whatever the verdict.</summary>
internal static class KvmFindings
{
    /// <summary>Names the findings.</summary>
    /// <param name="state">What was read.</param>
    /// <returns>The findings.</returns>
    public static IEnumerable<Finding> Assess(KvmHostState state)
    {
        if (state.Listing is not { } listing)
        {
            yield break;
        }

        foreach (Finding conflict in ConflictAssessor.Assess(state, listing))
        {
            yield return conflict;
        }

        if (
            listing.Present.Contains("kvm_pvm")
            && state.Machine.Virtualization.State != VirtualizationState.NotAvailable
        )
        {
            yield return new Finding(
                FindingCodes.KvmPvm,
                Severity.Information,
                "/dev/kvm of this host is kvm_pvm, which is not part of Linux and needs no virtualization extension; what it can nest is not judged here."
            )
            {
                Evidence = "/sys/module/kvm_pvm",
            };
        }

        if (
            state.NestingModule is "kvm_intel" or "kvm_amd"
            && (state.NestingModule == "kvm_intel" ? "kvm_amd" : "kvm_intel") is string other
            && listing.FindLoaded(other) is not null
        )
        {
            yield return new Finding(
                FindingCodes.ModuleOfOtherVendorLoaded,
                Severity.Warning,
                $"{other} is loaded, and the processor is one for {state.NestingModule}."
            )
            {
                Evidence = $"/proc/modules: {other}",
                Remedy = $"Run: modprobe -r {other}",
            };
        }

        if (listing.Device is { IsPresent: true, IsUsable: false } device)
        {
            yield return NotUsable(state, device);
        }

        if (
            state.Configuration.Files.Unreadable.FirstOrDefault(path => !state.FilesLeftOut.Contains(path)) is
            { } unreadable
        )
        {
            yield return new Finding(
                FindingCodes.ModprobeFileUnreadable,
                Severity.Information,
                "This account may not read all of modprobe's files, so what they configure is not known."
            )
            {
                Evidence = unreadable,
                Remedy = "Ask as root.",
            };
        }
    }

    private static Finding NotUsable(KvmHostState state, KvmDevice device)
    {
        string members =
            device.KvmGroupMembers.Count > 0
                ? $" Members of the group kvm: {HostText.ForDisplay(string.Join(", ", device.KvmGroupMembers), 120)}."
                : string.Empty;
        bool isRoot = state.System.UserId == 0;
        return new Finding(
            FindingCodes.KvmDeviceNotUsable,
            Severity.Warning,
            isRoot
                ? "Even root may not open /dev/kvm here, as in a container without the right to the device."
                : $"The account that asked may not open /dev/kvm.{members}"
        )
        {
            Evidence = device.Mode is null
                ? "/dev/kvm"
                : HostText.ForDisplay($"/dev/kvm: {device.Mode} {device.Owner} {device.Group}", 120),
            Remedy =
                isRoot ? "Let the container use the device."
                : device.Group is null or "root"
                    ? "Give /dev/kvm the group kvm and mode 660, as systemd-udevd does, and add the account to that group."
                : $"Add the account to the group {PlainWord.Or(device.Group, "of the device")}, and log in again.",
        };
    }
}
