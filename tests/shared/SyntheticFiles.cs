using System.Globalization;
using System.Text;

namespace NestVirt.Testing;

/// <summary>Writes the long text files of a host into a tree: configuration, logs, lists; of any length, for speeds.</summary>
public static class SyntheticFiles
{
    private const string Release = "6.1.0-18-amd64";

    /// <summary>Writes the files.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="cpuCount">How many logical CPUs it has.</param>
    /// <param name="factor">How often the length of an ordinary host's files.</param>
    public static void Write(string root, int cpuCount, int factor)
    {
        WriteModules(root, factor);
        WriteBoot(root, factor);
        WriteTopology(root, cpuCount);
        WriteText(
            root,
            "var/log/dmesg",
            Lines(
                2000 * factor,
                static number =>
                    $"[    {number % 90}.{number:000000}] kvm [{number}]: vcpu0, guest rIP: 0xffffffff8106a1f0 disabled perfctr wrmsr: 0xc2 data 0xffff"
            )
        );
        WriteText(
            root,
            "usr/share/misc/pci.ids",
            "8086  Intel Corporation\n"
                + Lines(4096, static number => $"\t{0x1000 + number:x4}  Ethernet Connection I219-LM ({number})")
                + "C 02  Network controller\n\t00  Ethernet controller\n"
        );
        WriteText(
            root,
            "proc/self/mountinfo",
            Lines(
                200 * factor,
                static number =>
                    $"{number} 21 0:{number} / /var/lib/containers/storage/overlay/{number:x32}/merged rw,nodev,relatime shared:{number} - overlay overlay rw,lowerdir=/l/{number:x8}"
            )
        );
    }

    private static void WriteModules(string root, int factor)
    {
        for (int file = 0; file < 60 * factor; file++)
        {
            WriteText(
                root,
                string.Create(CultureInfo.InvariantCulture, $"etc/modprobe.d/vendor-{file:000}.conf"),
                Lines(
                    10,
                    static number =>
                        (number % 3) switch
                        {
                            0 => $"# The driver of the vendor's cards hangs without this on boards before {number}.",
                            1 => $"options vendor_driver_{number} debug=0 interrupt_mode=2 queues={number}",
                            _ => $"blacklist vendor_legacy_{number}",
                        }
                )
            );
        }

        WriteText(root, "proc/sys/kernel/osrelease", Release + "\n");
        WriteText(
            root,
            "proc/modules",
            Lines(
                150 * factor,
                static number => $"driver_{number} 28672 2 other_{number},user_{number}, Live 0xffffffffc0{number:x6}"
            )
        );
        WriteText(root, "sys/module/kvm/initstate", "live\n");
        WriteText(root, "sys/module/kvm_intel/initstate", "live\n");
        for (int number = 0; number < 40 * factor; number++)
        {
            WriteText(root, $"sys/module/kvm_intel/parameters/parameter_{number}", "Y\n");
        }
    }

    private static void WriteBoot(string root, int factor)
    {
        StringBuilder menu = new("if [ -s $prefix/grubenv ]; then\n  load_env\nfi\nset default=\"0\"\n");
        for (int kernel = 0; kernel < 5 * factor; kernel++)
        {
            menu.Append(
                CultureInfo.InvariantCulture,
                $$"""
                menuentry 'Debian GNU/Linux, with Linux 6.1.0-{{kernel}}-amd64' --class debian --class gnu-linux $menuentry_id_option 'gnulinux-6.1.0-{{kernel}}-advanced' {
                	load_video
                	insmod gzio
                	if [ x$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi
                	insmod part_gpt
                	insmod ext2
                	search --no-floppy --fs-uuid --set=root 2f1b3c4d-0000-4000-8000-000000000000
                	echo	'Loading Linux 6.1.0-{{kernel}}-amd64 ...'
                	linux	/boot/vmlinuz-6.1.0-{{kernel}}-amd64 root=UUID=2f1b3c4d-0000-4000-8000-000000000000 ro quiet intel_iommu=on iommu=pt
                	echo	'Loading initial ramdisk ...'
                	initrd	/boot/initrd.img-6.1.0-{{kernel}}-amd64
                }

                """
            );
        }

        WriteText(root, "boot/grub/grub.cfg", menu.ToString());
        WriteText(
            root,
            "etc/default/grub",
            "GRUB_DEFAULT=0\nGRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet intel_iommu=on\"\nGRUB_CMDLINE_LINUX=\"\"\n"
        );
    }

    private static void WriteTopology(string root, int cpuCount)
    {
        WriteText(
            root,
            "sys/devices/system/cpu/online",
            string.Create(CultureInfo.InvariantCulture, $"0-{cpuCount - 1}\n")
        );
        for (int cpu = 0; cpu < cpuCount; cpu++)
        {
            int core = cpu % (cpuCount / 2);
            WriteText(
                root,
                string.Create(CultureInfo.InvariantCulture, $"sys/devices/system/cpu/cpu{cpu}/topology/core_cpus_list"),
                string.Create(CultureInfo.InvariantCulture, $"{core},{core + (cpuCount / 2)}\n")
            );
        }
    }

    private static string Lines(int count, Func<int, FormattableString> line)
    {
        StringBuilder text = new();
        for (int number = 0; number < count; number++)
        {
            text.Append(FormattableString.Invariant(line(number))).Append('\n');
        }

        return text.ToString();
    }

    private static void WriteText(string root, string path, string text)
    {
        string full = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
