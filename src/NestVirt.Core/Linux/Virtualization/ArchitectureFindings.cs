using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Virtualization;

/// <summary>Says that what was asked runs in an emulator of another architecture, and what that makes of the answers.</summary>
internal static class ArchitectureFindings
{
    private const string Remedy =
        "Ask from a shell of the machine's own architecture, outside of a container or chroot of another one.";

    /// <summary>Says that /proc/cpuinfo is not the kernel's.</summary>
    /// <param name="kernel">The architecture as the kernel names it.</param>
    /// <param name="shown">The family of processors that the file describes.</param>
    /// <returns>The finding.</returns>
    public static Finding CpuInfo(string kernel, ProcessorFamily shown) =>
        Differ(
            $"The kernel is one for {HostText.ForDisplay(kernel, 20)}, and /proc/cpuinfo describes {ProcessorFamilies.Name(shown)}, as an emulator such as qemu-user shows it: the processor is not known.",
            $"/proc/sys/kernel/arch: {HostText.ForDisplay(kernel, 20)}; /proc/cpuinfo: {ProcessorFamilies.Name(shown)}"
        );

    /// <summary>Says that uname names another architecture than the processors are of.</summary>
    /// <param name="uname">The architecture as uname names it.</param>
    /// <param name="shown">The architecture of the processors.</param>
    /// <returns>The finding.</returns>
    public static Finding Uname(string uname, string shown) =>
        Differ(
            $"uname names {HostText.ForDisplay(uname, 20)}, as an emulator such as qemu-user makes it, and the processors are {HostText.ForDisplay(shown, 20)}: that is taken for the machine.",
            $"uname -m: {HostText.ForDisplay(uname, 20)}; /proc/cpuinfo: {HostText.ForDisplay(shown, 20)}"
        );

    private static Finding Differ(string message, string evidence) =>
        new(FindingCodes.ArchitecturesDiffer, Severity.Warning, message) { Evidence = evidence, Remedy = Remedy };
}
