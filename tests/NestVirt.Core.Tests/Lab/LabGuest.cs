using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace NestVirt.Core.Tests.Lab;

/// <summary>A guest of a lab host that shuts down when it is asked to, as guests do.</summary>
/// <remarks>The prepared guest l2 has no power button; this one is the same with a driver for it and somebody who listens.</remarks>
internal static class LabGuest
{
    /// <summary>The guest's name.</summary>
    internal const string Name = "polite";

    private const string Images = "/var/lib/libvirt/images";

    private const string Init = """
        #!/bin/busybox sh
        b=/bin/busybox
        $b mkdir -p /proc /sys /dev
        $b mount -t proc proc /proc; $b mount -t sysfs sys /sys; $b mount -t devtmpfs dev /dev
        $b insmod /button.ko; $b insmod /evdev.ko
        while ! $b grep -q 'Power Button' /proc/bus/input/devices; do $b sleep 0.1; done
        $b sleep 1
        for event in /dev/input/event*; do
          { $b head -c 24 "$event" >/dev/null; $b poweroff -f; } &
        done
        echo 'guest is up'
        while :; do $b sleep 1000; done
        """;

    /// <summary>Starts the guest on a host and waits until it listens.</summary>
    internal static async Task StartAsync(string host)
    {
        byte[] button = await ModuleAsync(host, "button");
        byte[] evdev = await ModuleAsync(host, "evdev");
        byte[] archive = Archive(("init", Encoding.ASCII.GetBytes(Init.ReplaceLineEndings("\n"))), ("button.ko", button), ("evdev.ko", evdev));
        await LabHost.RunAsync(host, $$"""
            cd {{Images}}
            base64 -d >extra.cpio.gz <<'END'
            {{Convert.ToBase64String(archive, Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\n")}}
            END
            cat l2.cpio.gz extra.cpio.gz >polite.cpio.gz
            virsh dumpxml l2 | sed -e '/<uuid>/d' -e '/<seclabel/,/<\/seclabel>/d' -e 's,<name>l2<,<name>{{Name}}<,' -e 's,l2.cpio.gz,polite.cpio.gz,' -e 's,l2.log,polite.log,' >polite.xml
            virsh -q define polite.xml
            : >polite.log
            """);
        await LabHost.RunAsync(host, $"virsh -q start {Name}; until grep -q 'guest is up' {Images}/polite.log; do sleep 0.5; done");
    }

    /// <summary>Takes the guest away.</summary>
    internal static Task RemoveAsync(string host) =>
        LabHost.RunAsync(host, $"virsh -q destroy {Name} 2>/dev/null; virsh -q undefine {Name} 2>/dev/null; rm -f {Images}/polite.* {Images}/extra.cpio.gz; true");

    private static async Task<byte[]> ModuleAsync(string host, string module) => Convert.FromBase64String(
        await LabHost.RunAsync(host, $"base64 \"$(find /lib/modules/$(uname -r) -name {module}.ko)\""));

    // The format "newc" of cpio(5).
    private static byte[] Archive(params ReadOnlySpan<(string Name, byte[] Content)> files)
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
        archive.Write(Encoding.ASCII.GetBytes("070701" + string.Concat(fields.Select(static field => field.ToString("X8", CultureInfo.InvariantCulture))) + name + "\0"));
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
