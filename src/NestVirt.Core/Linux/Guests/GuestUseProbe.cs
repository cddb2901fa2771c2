using NestVirt.Probing;

namespace NestVirt.Linux.Guests;

/// <summary>Asks KVM of each virtual machine how often a guest of its own was entered, and whether one is now; starts no program.</summary>
/// <remarks>
/// KVM keeps statistics of each virtual processor, and their sums in a folder that is named by the process and its descriptor
/// (virt/kvm/kvm_main.c: kvm_create_vm_debugfs): nested_run since Linux 5.13, and guest_mode, which is 1 while a processor is inside of
/// a nested guest, since 5.14 (arch/x86/kvm/x86.c: kvm_vcpu_stats_desc), both on x86 alone. A kernel that is locked down, as with secure
/// boot, lets nobody read what could also be written, and so of the two guest_mode alone (fs/debugfs/file.c: debugfs_locked_down).
/// libvirt tells them to others than root, by <c>virsh domstats --vcpu</c>, and is not asked: it holds a lock on each guest meanwhile,
/// interrupts each of its processors, waits for an emulator that hangs, and takes several times as long as for a definition.
/// </remarks>
internal static class GuestUseProbe
{
    /// <summary>The name of the probe.</summary>
    internal const string Name = "guestuse";

    /// <summary>The fact of a virtual machine: its process and descriptor, nested_run, guest_mode; a question mark where one is not to be read.</summary>
    internal const string Fact = "use";

    /// <summary>Gets the probe.</summary>
    public static ShellProbe Probe { get; } =
        new(
            Name,
            $$"""
            for d in "$NESTVIRT_ROOT"/sys/kernel/debug/kvm/*-*; do
              [ -d "$d" ] || continue
              nv_read "$d/nested_run" || nv_value='?'
              nv_runs=$nv_value
              nv_read "$d/guest_mode" || nv_value='?'
              printf '{{Fact}}\t%s\t%s\t%s\n' "${d##*/}" "$nv_runs" "$nv_value"
            done
            """
        )
        {
            NeedsRoot = true,
        };
}
