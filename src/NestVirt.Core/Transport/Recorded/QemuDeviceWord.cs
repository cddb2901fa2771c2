using System.Text.Json;
using NestVirt.Text;

namespace NestVirt.Transport.Recorded;

/// <summary>A word for QEMU's command line that gives a guest a device of the host past libvirt.</summary>
/// <remarks>
/// vfio-pci takes the address as host, its domain left out where it is 0, or a path of sysfs as sysfsdev (hw/vfio/pci.c); a disk of the
/// driver nvme an address as device, or nvme://ADDRESS/NAMESPACE (block/nvme.c); a network and a device of vDPA (hw/virtio/vdpa-dev-pci.c)
/// a file as vhostdev, a disk of libblkio's drivers for it and for VFIO a path (block/blkio.c). A layer of a disk names what it stands on as file.driver and so on. Since QEMU 6.2 such words may be JSON.
/// </remarks>
/// <param name="Option">What takes it: vfio-pci, nvme or vhost-vdpa.</param>
/// <param name="Place">The address of the device, the UUID of a mediated device, or the name of a file in /dev; empty where it cannot be read, as where a file is handed on open.</param>
/// <param name="Part">The number of the namespace of an NVMe controller, or null.</param>
internal sealed record QemuDeviceWord(string Option, string Place, string? Part)
{
    /// <summary>The option that gives a function or a mediated device.</summary>
    internal const string Vfio = "vfio-pci";

    /// <summary>The option that gives a vDPA device.</summary>
    internal const string Vdpa = "vhost-vdpa";

    private const string Nvme = "nvme";
    private const string Driver = "driver";
    private const string NvmePath = "nvme://";
    private const string VdpaFile = "/dev/vhost-vdpa-";
    private const int LongestUuid = 36;

    /// <summary>Reads a word.</summary>
    /// <param name="word">The word.</param>
    /// <returns>What it gives; null where it gives nothing.</returns>
    internal static QemuDeviceWord? Read(string word)
    {
        int path = word.IndexOf(NvmePath, StringComparison.Ordinal);
        if (path >= 0)
        {
            string[] parts = word[(path + NvmePath.Length)..].Split(['/', ',', '"', '?']);
            return PlainAddress(parts[0]) is { } at
                ? new(Nvme, at, parts.Length > 1 ? NumberIn(parts[1]) : null)
                : null;
        }

        Dictionary<string, string> values = word.StartsWith('{') ? OfJson(word) : OfOptions(word);
        string[] prefixes =
        [
            .. values
                .Keys.Where(static name => name == Driver || name.EndsWith($".{Driver}", StringComparison.Ordinal))
                .Select(static name => name[..^Driver.Length]),
        ];
        return prefixes
                .Select(prefix => Of(values[prefix + Driver], name => values.GetValueOrDefault(prefix + name)))
                .OfType<QemuDeviceWord>()
                .FirstOrDefault()
            ?? Of(values.GetValueOrDefault("type"), values.GetValueOrDefault);
    }

    private static QemuDeviceWord? Of(string? option, Func<string, string?> valueOf) =>
        option switch
        {
            Vfio or "vfio-pci-nohotplug" => Function(valueOf),
            "virtio-blk-vfio-pci" => PlainAddress(LastOf(valueOf("path"))) is { } at
                ? new(Vfio, at, null)
                : new(Vfio, string.Empty, null),
            Nvme when PlainAddress(valueOf("device")) is { } at => new(Nvme, at, NumberIn(valueOf("namespace"))),
            Vdpa
            or "vhost-vdpa-device"
            or "vhost-vdpa-device-pci"
            or "vhost-vdpa-device-pci-transitional"
            or "vhost-vdpa-device-pci-non-transitional" => new(
                Vdpa,
                VdpaNameOf(valueOf("vhostdev")) ?? string.Empty,
                null
            ),
            "virtio-blk-vhost-vdpa" => new(Vdpa, VdpaNameOf(valueOf("path")) ?? string.Empty, null),
            _ => null,
        };

    /// <summary>Reads the name of a vDPA device's file.</summary>
    /// <param name="path">The path of the file.</param>
    /// <returns>Its name, such as vhost-vdpa-0; null of another file.</returns>
    internal static string? VdpaNameOf(string? path) =>
        path?.StartsWith(VdpaFile, StringComparison.Ordinal) == true
        && NumberIn(path[VdpaFile.Length..]) is { } number
        && VdpaFile.Length + number.Length == path.Length
            ? path["/dev/".Length..]
            : null;

    /// <summary>Writes it with nothing in it that is not read.</summary>
    /// <returns>A word of the same meaning.</returns>
    public override string ToString() =>
        Option switch
        {
            Nvme => $"{NvmePath}{Place}/{Part}",
            _ when Place.Length == 0 => Option == Vdpa ? $"type={Vdpa}" : Vfio,
            Vdpa => $"type={Vdpa},vhostdev=/dev/{Place}",
            _ => Guid.TryParseExact(Place, "D", out _) ? $"{Vfio},sysfsdev={Place}" : $"{Vfio},host={Place}",
        };

    private static QemuDeviceWord Function(Func<string, string?> valueOf)
    {
        if (PlainAddress(valueOf("host")) is { } at)
        {
            return new QemuDeviceWord(Vfio, at, null);
        }

        string name = LastOf(valueOf("sysfsdev"));
        return name.Length == LongestUuid && Guid.TryParseExact(name, "D", out Guid id)
            ? new QemuDeviceWord(Vfio, id.ToString("D"), null)
            : new QemuDeviceWord(Vfio, PlainAddress(name) ?? string.Empty, null);
    }

    private static string LastOf(string? path)
    {
        string trimmed = path?.TrimEnd('/') ?? string.Empty;
        return trimmed[(trimmed.LastIndexOf('/') + 1)..];
    }

    /// <summary>Writes an address of PCI as sysfs does.</summary>
    /// <param name="text">The address; its domain may be left out where it is 0.</param>
    /// <returns>The address; null where the text is none.</returns>
    internal static string? PlainAddress(string? text)
    {
        string[] parts = text?.Split(':', '.') ?? [];
        return
            parts.Length is 3 or 4
            && Array.TrueForAll(parts, static part => part.Length is > 0 and <= 8)
            && HexText.TryParse(parts[^1], out uint function)
            && HexText.TryParse(parts[^2], out uint device)
            && HexText.TryParse(parts[^3], out uint bus)
            && HexText.TryParse(parts.Length == 4 ? parts[0] : "0", out uint domain)
            && function < 8
            && device < 32
            && bus < 256
            ? FormattableString.Invariant($"{domain:x4}:{bus:x2}:{device:x2}.{function}")
            : null;
    }

    private static string? NumberIn(string? text)
    {
        string digits = new([.. (text ?? string.Empty).TakeWhile(char.IsAsciiDigit).Take(10)]);
        return digits.Length == 0 ? null : digits;
    }

    // The first may stand without its name; a comma in a value is doubled.
    private static Dictionary<string, string> OfOptions(string word)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        string[] parts = word.Replace(",,", "\u0001", StringComparison.Ordinal).Split(',');
        for (int i = 0; i < parts.Length; i++)
        {
            int sign = parts[i].IndexOf('=', StringComparison.Ordinal);
            string name =
                sign > 0 ? parts[i][..sign]
                : i == 0 ? "driver"
                : parts[i];
            values[name] = parts[i][(sign + 1)..].Replace('\u0001', ',');
        }

        return values;
    }

    private static Dictionary<string, string> OfJson(string word)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        try
        {
            using JsonDocument document = JsonDocument.Parse(word);
            Flatten(document.RootElement, string.Empty, values);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            values.Clear();
        }

        return values;
    }

    // What a layer of a disk stands on is in it.
    private static void Flatten(JsonElement element, string prefix, Dictionary<string, string> values)
    {
        foreach (JsonProperty property in element.EnumerateObject())
        {
            string name = prefix + property.Name;
            switch (property.Value.ValueKind)
            {
                case JsonValueKind.Object:
                    Flatten(property.Value, $"{name}.", values);
                    break;
                case JsonValueKind.String:
                    values[name] = property.Value.GetString()!;
                    break;
                case JsonValueKind.Number:
                    values[name] = property.Value.GetRawText();
                    break;
                default:
                    values[name] = string.Empty;
                    break;
            }
        }
    }
}
