using NestVirt.Linux.Boot;
using NestVirt.Linux.DeviceUse;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Iommu;

/// <summary>What holds the memory of a function that is to be a guest's: VFIO takes the function, and the card does not work.</summary>
/// <remarks>
/// vfio-pci asks for each BAR as a whole when a guest opens it (vfio_pci_core.c), and __request_region() of
/// kernel/resource.c refuses that while something smaller lies inside. From Linux 6.0 on vfio_pci_vga_init() removes the
/// firmware's framebuffer first, for functions of the class VGA alone. A framebuffer's platform device keeps BOOTFB after
/// its driver is unbound (drivers/firmware/sysfb_simplefb.c); removing the function takes its lines away, too.
/// </remarks>
internal static class HeldMemory
{
    private const int VgaClass = 0x0300;

    private static readonly Version s_removesFramebuffer = new(6, 0);

    private static readonly Dictionary<string, string> s_framebuffers = new(StringComparer.Ordinal)
    {
        ["BOOTFB"] = "simple-framebuffer",
        ["simpledrm"] = "simple-framebuffer",
        ["simplefb"] = "simple-framebuffer",
        ["simple-framebuffer"] = "simple-framebuffer",
        ["efifb"] = "efi-framebuffer",
        ["efidrm"] = "efi-framebuffer",
        ["efi-framebuffer"] = "efi-framebuffer",
        ["vesafb"] = "vesa-framebuffer",
        ["vesadrm"] = "vesa-framebuffer",
        ["vesa-framebuffer"] = "vesa-framebuffer",
        ["offb"] = "of-display",
        ["ofdrm"] = "of-display",
    };

    /// <summary>Names what holds a function's memory.</summary>
    /// <param name="host">What the host says of its IOMMU.</param>
    /// <param name="device">The function.</param>
    /// <returns>The findings.</returns>
    internal static IEnumerable<Finding> Assess(IommuFacts host, PciDevice device)
    {
        MemoryInside[] lines = [.. host.Memory[device.Address]];
        MemoryInside[] framebuffers = [.. lines.Where(static line => s_framebuffers.ContainsKey(line.Name))];
        bool isGiven = device.Driver is not (null or "pcieport") && DmaDrivers.IsHarmless(device);
        if (framebuffers.Length > 0 && (isGiven || !IsRemovedByVfio(host, device)))
        {
            yield return Framebuffer(host, device, framebuffers);
        }

        string[] others = isGiven
            ?
            [
                .. lines
                    .Select(static line => line.Name)
                    .Where(name => !s_framebuffers.ContainsKey(name) && !DmaDrivers.IsHarmless(name))
                    .Distinct(),
            ]
            : [];
        if (others.Length > 0)
        {
            yield return new Finding(
                FindingCodes.MemoryHeld,
                Severity.Warning,
                $"{string.Join(" and ", others)} still has memory of {device.Address}, which {device.Driver} is to give to a guest: the guest gets the device without that memory, and it will not work."
            )
            {
                Evidence = Evidence(lines.Where(line => others.Contains(line.Name))),
                Remedy =
                    $"Stop what uses {string.Join(" and ", others.Select(static name => PlainWord.Or(name, "it")))}, unload it, or keep it from being loaded and restart the host.",
            };
        }
    }

    private static bool IsRemovedByVfio(IommuFacts host, PciDevice device) =>
        device.ClassCode >> 8 == VgaClass && host.Kernel >= s_removesFramebuffer;

    private static Finding Framebuffer(IommuFacts host, PciDevice device, MemoryInside[] lines)
    {
        // The driver inside of BOOTFB says more than BOOTFB.
        MemoryInside holder = lines.LastOrDefault(static line => line.Name != "BOOTFB") ?? lines[0];
        string driver = s_framebuffers[holder.Name];
        string word =
            driver is "efi-framebuffer" ? "efifb"
            : driver is "vesa-framebuffer" ? "vesafb"
            : string.Empty;
        string? useless = word.Length > 0 ? null : UselessWord(host);
        return new Finding(
            FindingCodes.FirmwareFramebuffer,
            Severity.Warning,
            $"The firmware's framebuffer ({string.Join(", ", lines.Select(static line => line.Name).Distinct())}) lies in the memory of {device.Address}: a guest can be given the device, vfio-pci cannot reserve that memory, and the card will not work."
        )
        {
            Evidence = Evidence(lines),
            Remedy =
                $"Unbind {driver}.0 (echo {driver}.0 >/sys/bus/platform/drivers/{driver}/unbind); where its line stays in /proc/iomem, remove the device and scan again (echo 1 >/sys/bus/pci/devices/{device.Address}/remove, echo 1 >/sys/bus/pci/rescan). Or boot "
                + (word.Length > 0 ? $"with video={word}:off, or " : string.Empty)
                + "a kernel without it, or have the firmware show its screen on another card."
                + (useless is null ? string.Empty : $" {useless} does nothing on this kernel."),
        };
    }

    // sysfb gives the screen to simple-framebuffer, which no video= word turns off.
    private static string? UselessWord(IommuFacts host) =>
        new KernelCommandLine(host.CommandLine ?? string.Empty, "/proc/cmdline")
            .Arguments.Select(static argument => argument.Text)
            .FirstOrDefault(static word =>
                word
                    is "video=efifb:off"
                        or "video=vesafb:off"
                        or "video=efifb:off,vesafb:off"
                        or "video=vesafb:off,efifb:off"
            );

    private static string Evidence(IEnumerable<MemoryInside> lines) =>
        HostText.ForDisplay(string.Join("; ", lines.Select(static line => line.Evidence)), 500);
}
