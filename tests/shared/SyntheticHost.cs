using System.Globalization;
using System.Text;

namespace NestVirt.Testing;

/// <summary>Writes a directory tree that looks like a host's /proc and /sys, of any size, for counts and speeds.</summary>
/// <remarks>The layout is the kernel's: Documentation/ABI/testing/sysfs-bus-pci and sysfs-kernel-iommu_groups.</remarks>
public static class SyntheticHost
{
    private const int FunctionsOnABus = 8;
    private const int ConfigSize = 4096;
    private const int FirstModel = 0x1000;
    private const int Models = 64;

    /// <summary>Writes the tree.</summary>
    /// <param name="root">A directory, which is made.</param>
    /// <param name="deviceCount">How many single-function network cards it has, each in an IOMMU group of its own.</param>
    /// <param name="cpuCount">How many logical CPUs it has.</param>
    public static void Write(string root, int deviceCount, int cpuCount)
    {
        WriteCpus(root, cpuCount);
        WriteText(root, "proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/vda1 ro intel_iommu=on\n");
        WriteText(root, "etc/os-release", "PRETTY_NAME=\"Synthetic 1\"\n");
        WriteText(root, "sys/bus/pci/drivers/e1000e/new_id", string.Empty);
        for (int number = 0; number < deviceCount; number++)
        {
            WriteDevice(root, number);
        }
    }

    /// <summary>Names the device of a number.</summary>
    /// <param name="number">The number, from 0.</param>
    /// <returns>Its PCI address.</returns>
    public static string AddressOf(int number)
    {
        int bus = 1 + (number / FunctionsOnABus);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{bus >> 8:x4}:{bus & 0xFF:x2}:{number % FunctionsOnABus:x2}.0"
        );
    }

    private static void WriteCpus(string root, int cpuCount)
    {
        StringBuilder text = new();
        for (int cpu = 0; cpu < cpuCount; cpu++)
        {
            text.Append(
                    CultureInfo.InvariantCulture,
                    $"processor\t: {cpu}\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\n"
                )
                .Append("model name\t: Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz\n")
                .Append(CultureInfo.InvariantCulture, $"cpu MHz\t\t: {2100 + cpu}.000\napicid\t\t: {cpu}\n")
                .Append("flags\t\t: fpu vme de pse tsc msr pae mce cx8 apic vmx ept vpid\n")
                .Append(
                    "vmx flags\t: vnmi preemption_timer invvpid ept_x_only ept_ad flexpriority unrestricted_guest\n\n"
                );
        }

        WriteText(root, "proc/cpuinfo", text.ToString());
    }

    private static void WriteDevice(string root, int number)
    {
        string address = AddressOf(number);
        string folder = $"sys/devices/pci{address[..7]}/{address}";
        string group = string.Create(CultureInfo.InvariantCulture, $"sys/kernel/iommu_groups/{number}");
        WriteText(root, $"{folder}/class", "0x020000\n");
        WriteText(root, $"{folder}/vendor", "0x8086\n");
        int model = FirstModel + (number % Models);
        WriteText(root, $"{folder}/device", string.Create(CultureInfo.InvariantCulture, $"0x{model:x4}\n"));
        WriteText(root, $"{folder}/subsystem_vendor", "0x8086\n");
        WriteText(root, $"{folder}/subsystem_device", "0x0000\n");
        WriteText(root, $"{folder}/revision", "0x00\n");
        WriteText(root, $"{folder}/numa_node", "0\n");
        WriteText(root, $"{folder}/driver_override", "(null)\n");
        WriteText(root, $"{folder}/reset_method", "flr pm\n");
        WriteText(root, $"{folder}/irq", "11\n");
        WriteText(root, $"{folder}/resource", string.Concat(Enumerable.Repeat($"0x{0:x16} 0x{0:x16} 0x{0:x16}\n", 7)));
        File.WriteAllBytes(Path.Combine(root, folder, "config"), Config(model));
        WriteText(root, $"{group}/type", "DMA-FQ\n");
        WriteText(root, $"{group}/reserved_regions", "0x00000000fee00000 0x00000000feefffff msi\n");
        Link(root, $"{folder}/driver", "../../../bus/pci/drivers/e1000e");
        Link(root, $"{folder}/iommu_group", $"../../../kernel/iommu_groups/{number}");
        Link(root, $"{group}/devices/{address}", $"../../../../devices/pci{address[..7]}/{address}");
        Link(root, $"sys/bus/pci/devices/{address}", $"../../../devices/pci{address[..7]}/{address}");
        Link(root, $"sys/bus/pci/drivers/e1000e/{address}", $"../../../../devices/pci{address[..7]}/{address}");
    }

    // As an Intel 82574L: a PCI Express endpoint without ACS, with an AER capability first in its extended space.
    private static byte[] Config(int model)
    {
        byte[] config = new byte[ConfigSize];
        byte[] header =
        [
            0x86,
            0x80,
            (byte)model,
            (byte)(model >> 8),
            0x07,
            0x04,
            0x10,
            0x00,
            0x00,
            0x00,
            0x00,
            0x02,
            0x10,
            0x00,
            0x00,
            0x00,
        ];
        header.CopyTo(config, 0);
        config[0x34] = 0xE0;
        new byte[] { 0x10, 0x00, 0x02, 0x00 }.CopyTo(config, 0xE0);
        new byte[] { 0x01, 0x00, 0x02, 0x00 }.CopyTo(config, 0x100);
        return config;
    }

    private static void WriteText(string root, string path, string text)
    {
        string full = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private static void Link(string root, string path, string target)
    {
        string full = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.CreateSymbolicLink(full, target);
    }
}
