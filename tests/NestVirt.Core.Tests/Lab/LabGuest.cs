using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace NestVirt.Core.Tests.Lab;

/// <summary>A guest of a lab host that shuts down when it is asked to, as guests do, or that does not listen.</summary>
/// <remarks>It is the host's kernel with this machine's busybox, which must be linked statically, as busybox-static's is.</remarks>
internal static class LabGuest
{
    /// <summary>The guest's name.</summary>
    internal const string Name = "guest1";

    private const string Images = "/var/lib/libvirt/images";

    // It asks for AMD-V, as a guest that runs guests does.
    private const string Nesting = "<cpu mode='host-passthrough'><feature policy='require' name='svm'/></cpu>";

    private static string Domain(string cpu) =>
        $"""
            <domain type='kvm'>
              <name>{Name}</name><memory unit='MiB'>256</memory><vcpu>1</vcpu>
              <os><type arch='x86_64' machine='pc'>hvm</type>
                <kernel>{Images}/vmlinuz</kernel><initrd>{Images}/{Name}.cpio.gz</initrd><cmdline>console=ttyS0 quiet</cmdline></os>
              <features><acpi/><apic/></features>
              {cpu}
              <on_poweroff>destroy</on_poweroff><on_reboot>destroy</on_reboot>
              <devices>
                <emulator>/usr/bin/qemu-system-x86_64</emulator>
                <serial type='file'><source path='{Images}/{Name}.log'/><target port='0'/></serial>
                <memballoon model='none'/>
              </devices>
            </domain>
            """;

    private const string Init = """
        #!/busybox sh
        b=/busybox
        $b mkdir -p /proc /sys /dev
        $b mount -t proc proc /proc; $b mount -t sysfs sys /sys; $b mount -t devtmpfs dev /dev
        if [ -e /listens ]; then
          $b insmod /button.ko; $b insmod /evdev.ko
          while ! $b grep -q 'Power Button' /proc/bus/input/devices; do $b sleep 0.1; done
          $b sleep 1
          for event in /dev/input/event*; do
            { $b head -c 24 "$event" >/dev/null; $b poweroff -f; } &
          done
        fi
        case " $($b grep -m 1 flags /proc/cpuinfo) " in *' svm '*) echo 'guest sees svm' ;; *) echo 'guest sees none' ;; esac
        echo 'guest is up'
        while :; do $b sleep 1000; done
        """;

    /// <summary>Starts the guest on a host and waits until it is up, and listens where it is to.</summary>
    internal static async Task StartAsync(string host, bool listens, string cpu = Nesting)
    {
        List<(string, byte[])> files =
        [
            ("init", Encoding.ASCII.GetBytes(Init.ReplaceLineEndings("\n"))),
            ("busybox", await File.ReadAllBytesAsync("/bin/busybox")),
        ];
        if (listens)
        {
            files.AddRange([
                ("listens", []),
                ("button.ko", await ModuleAsync(host, "button")),
                ("evdev.ko", await ModuleAsync(host, "evdev")),
            ]);
        }

        await LabHost.RunAsync(
            host,
            $$"""
            set -e
            cd {{Images}}
            base64 -d >{{Name}}.cpio.gz <<'END'
            {{Convert.ToBase64String(Archive(files), Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings(
                "\n"
            )}}
            END
            : >{{Name}}.log
            cat >{{Name}}.xml <<'END'
            {{Domain(cpu).ReplaceLineEndings("\n")}}
            END
            virsh -q define {{Name}}.xml
            """
        );
        await LabHost.RunAsync(host, $"virsh -q start {Name}");
        await IsUpAsync(host);
    }

    /// <summary>Waits until the guest is up.</summary>
    /// <returns>Whether its own kernel sees AMD-V.</returns>
    internal static async Task<bool> IsUpAsync(string host) =>
        (
            await LabHost.RunAsync(
                host,
                $"until grep -q 'guest is up' {Images}/{Name}.log; do sleep 0.5; done; cat {Images}/{Name}.log"
            )
        ).Contains("guest sees svm", StringComparison.Ordinal);

    /// <summary>Takes the guest away.</summary>
    internal static Task RemoveAsync(string host) =>
        LabHost.RunAsync(
            host,
            $"virsh -q destroy {Name} 2>/dev/null; virsh -q undefine {Name} 2>/dev/null; rm -f {Images}/{Name}.*; true"
        );

    private static async Task<byte[]> ModuleAsync(string host, string module) =>
        Convert.FromBase64String(
            await LabHost.RunAsync(host, $"base64 \"$(find /lib/modules/$(uname -r) -name {module}.ko)\"")
        );

    // The format "newc" of cpio(5).
    private static byte[] Archive(IEnumerable<(string Name, byte[] Content)> files)
    {
        using MemoryStream archive = new();
        foreach ((string name, byte[] content) in files)
        {
            Append(archive, name, content, 0x81ED);
        }

        Append(archive, "TRAILER!!!", [], 0);
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
        {
            gzip.Write(archive.ToArray());
        }

        return packed.ToArray();
    }

    private static void Append(MemoryStream archive, string name, byte[] content, int mode)
    {
        int[] fields = [0, mode, 0, 0, 1, 0, content.Length, 0, 0, 0, 0, name.Length + 1, 0];
        archive.Write(
            Encoding.ASCII.GetBytes(
                "070701"
                    + string.Concat(fields.Select(static field => field.ToString("X8", CultureInfo.InvariantCulture)))
                    + name
                    + "\0"
            )
        );
        Pad(archive);
        archive.Write(content);
        Pad(archive);
    }

    private static void Pad(MemoryStream archive)
    {
        while (archive.Length % 4 != 0)
        {
            archive.WriteByte(0);
        }
    }
}
