using System.Buffers;
using System.Globalization;
using NestVirt.Linux.DeviceUse;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Pci;

/// <summary>Puts the lines of <see cref="PciProbe"/> together into functions.</summary>
internal sealed class PciListingReader
{
    // f, address, parent, class, vendor, device, subsystem_vendor, subsystem_device, revision, numa_node, boot_vga
    private const int FunctionFieldCount = 11;

    // s, totalvfs, numvfs, offset, stride, vf_device, drivers_autoprobe
    private const int SriovFieldCount = 7;

    // The id that the PCI specification reserves for "no function here": stands for one that a tree does not hold.
    private const ushort NoId = 0xFFFF;

    private const string LinkArrow = " -> ";

    private static readonly SearchValues<char> s_versionCharacters = SearchValues.Create("0123456789.");

    private readonly Dictionary<PciAddress, PciFunction> _functions = [];
    private readonly Dictionary<string, List<PciAddress>> _multipathDisks = new(StringComparer.Ordinal);
    private readonly HashSet<string> _disksWithPaths = new(StringComparer.Ordinal);
    private readonly TextPool _texts = new();
    private PciFunction? _current;
    private string? _unavailableReason;
    private Version? _kernel;
    private bool _isLinkListing;
    private bool _isVfioKnown;

    /// <summary>Takes one line.</summary>
    /// <param name="line">The line, not empty.</param>
    /// <returns>True if it is of a form that the probe prints.</returns>
    public bool TryRead(ReadOnlySpan<char> line)
    {
        if (_isLinkListing)
        {
            return TryReadLink(line);
        }

        char kind = line[0];
        if (line.Length > 1 && line[1] != '\t')
        {
            return false;
        }

        ReadOnlySpan<char> value = line.Length > 1 ? line[2..] : [];
        return kind switch
        {
            'f' => TryReadFunction(line),
            'k' => TryReadKernel(value),
            'n' or 'b' or 'c' => TryReadNamedPath(kind, value),
            'x' => TryReadReason(value),
            'w' when value is "live" => _isVfioKnown = true,
            'l' => _isLinkListing = true,
            _ => _current is not null && TryReadDetail(_current, kind, value, line),
        };
    }

    /// <summary>Gives the functions that the lines describe.</summary>
    /// <returns>The functions, ordered by address.</returns>
    public PciListing ToListing()
    {
        foreach ((string disk, List<PciAddress> controllers) in _multipathDisks)
        {
            // The paths of a multipath disk say which controllers really serve it; older kernels do not show them.
            foreach (PciAddress controller in _disksWithPaths.Contains(disk) ? [] : controllers)
            {
                _functions.GetValueOrDefault(controller)?.AddBlockDevice(disk);
            }
        }

        // The file reset_method came with Linux 5.15. Where it exists at all, a function without it cannot be reset.
        bool isResetMethodKnown =
            _kernel >= new Version(5, 15)
            || _functions.Values.Any(static function => function.ResetMethods is not null);
        PciDevice[] devices =
        [
            .. _functions
                .Values.OrderBy(static function => function.Address)
                .Select(function => function.ToDevice(isResetMethodKnown)),
        ];
        return new PciListing(devices, _unavailableReason);
    }

    private bool TryReadDetail(PciFunction function, char kind, ReadOnlySpan<char> value, ReadOnlySpan<char> line)
    {
        switch (kind)
        {
            case 'd':
                function.Driver = _texts.Get(value);
                return true;
            case 'o':
                function.DriverOverride = value is "" or "(null)" ? null : _texts.Get(value);
                return true;
            case 'r':
                function.ResetMethods = _texts.GetWords(value);
                return true;
            case 'g':
                bool isNumber = TryParseNumber(value, out int group);
                function.IommuGroup = group;
                return isNumber;
            case 'w':
                function.HasVfioDevice = true;
                return value is "yes";
            case 'p':
                function.PhysicalFunction = _texts.Get(value);
                return PciAddress.TryParse(value, out _);
            case 's':
                return TryReadSriov(function, line);
            case 'v':
                function.AddResource(value);
                return true;
            case 'u':
                bool isBus = TryParseOptionalNumber(value, out int? bus);
                function.LastBus = bus;
                return isBus;
            default:
                return false;
        }
    }

    private static bool TryReadSriov(PciFunction function, ReadOnlySpan<char> line)
    {
        Span<Range> fields = stackalloc Range[SriovFieldCount + 1];
        if (
            line.Split(fields, '\t') != SriovFieldCount
            || !TryParseNumber(line[fields[1]], out int total)
            || !TryParseOptionalNumber(line[fields[2]], out int? count)
            || !TryParseOptionalNumber(line[fields[3]], out int? offset)
            || !TryParseOptionalNumber(line[fields[4]], out int? stride)
            || !TryParseOptionalNumber(line[fields[6]], out int? autoprobe)
        )
        {
            return false;
        }

        // sriov_vf_device is the one file of these in hexadecimal, without 0x.
        ReadOnlySpan<char> deviceId = line[fields[5]];
        uint virtualDeviceId = 0;
        if (
            !deviceId.IsEmpty
            && !(HexText.TryParse(deviceId, out virtualDeviceId) && virtualDeviceId <= ushort.MaxValue)
        )
        {
            return false;
        }

        function.Sriov = new SriovState(total, count ?? 0)
        {
            Offset = offset,
            Stride = stride,
            VirtualDeviceId = deviceId.IsEmpty ? null : (ushort)virtualDeviceId,
            IsDriverAutoprobed = autoprobe is null ? null : autoprobe != 0,
        };
        return true;
    }

    private static bool TryParseHex(ReadOnlySpan<char> text, int missing, out int value)
    {
        value = missing;
        if (text.IsEmpty)
        {
            return true;
        }

        bool isHex = text.StartsWith("0x") & HexText.TryParse(text[Math.Min(2, text.Length)..], out uint number);
        value = (int)number;
        return isHex;
    }

    private static bool TryParseNumber(ReadOnlySpan<char> text, out int value) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private static bool TryParseOptionalNumber(ReadOnlySpan<char> text, out int? value)
    {
        bool isNumber = TryParseNumber(text, out int number);
        value = isNumber ? number : null;
        return isNumber || text.IsEmpty;
    }

    private bool TryReadFunction(ReadOnlySpan<char> line)
    {
        Span<Range> fields = stackalloc Range[FunctionFieldCount + 1];
        if (
            line.Split(fields, '\t') != FunctionFieldCount
            || !PciAddress.TryParse(line[fields[1]], out PciAddress address)
            || !(line[fields[2]].IsEmpty || PciAddress.TryParse(line[fields[2]], out _))
            || !TryParseHex(line[fields[3]], 0, out int classCode)
            || !TryParseHex(line[fields[4]], NoId, out int vendor)
            || !TryParseHex(line[fields[5]], NoId, out int device)
            || !TryParseHex(line[fields[6]], NoId, out int subsystemVendor)
            || !TryParseHex(line[fields[7]], NoId, out int subsystemDevice)
            || !TryParseHex(line[fields[8]], -1, out int revision)
            || !TryParseOptionalNumber(line[fields[9]], out int? numaNode)
        )
        {
            return false;
        }

        _current = new PciFunction(address, line[fields[1]].ToString())
        {
            Parent = line[fields[2]].IsEmpty ? null : _texts.Get(line[fields[2]]),
            ClassCode = classCode & 0xFFFFFF,
            VendorId = (ushort)vendor,
            DeviceId = (ushort)device,
            SubsystemVendorId = (ushort)subsystemVendor,
            SubsystemDeviceId = (ushort)subsystemDevice,
            Revision = revision < 0 ? null : (byte)revision,
            HasVfioDevice = _isVfioKnown ? false : null,
            NumaNode = numaNode,
            IsBootVga = line[fields[10]] is "1",
        };
        _functions[address] = _current;
        return true;
    }

    private bool TryReadKernel(ReadOnlySpan<char> release)
    {
        int end = release.IndexOfAnyExcept(s_versionCharacters);
        _ = Version.TryParse(end < 0 ? release : release[..end].TrimEnd('.'), out _kernel);
        return true;
    }

    private bool TryReadReason(ReadOnlySpan<char> word)
    {
        _unavailableReason = word switch
        {
            "missing" => "there is no sysfs: no directory /sys/bus",
            "unreadable" => "this account may not read /sys/bus/pci/devices",
            _ => null,
        };
        return _unavailableReason is not null;
    }

    // No name in sysfs holds a slash, so the path starts at the first tab that a slash follows.
    private bool TryReadNamedPath(char kind, ReadOnlySpan<char> value)
    {
        int split = value.IndexOf("\t/");
        if (split <= 0)
        {
            return false;
        }

        Add(kind, value[..split].ToString(), value[(split + 1)..]);
        return true;
    }

    private void Add(char kind, string name, ReadOnlySpan<char> path)
    {
        if (
            !PciAddress.TryFindInPath(path, out PciAddress address)
            || !_functions.TryGetValue(address, out PciFunction? function)
        )
        {
            return;
        }

        switch (kind)
        {
            case 'n':
                function.AddNetworkInterface(name);
                break;
            case 'b':
                string disk = NvmeName.DiskOfPath(name);
                if (disk.Length != name.Length)
                {
                    _disksWithPaths.Add(disk);
                }

                function.AddBlockDevice(disk);
                break;
            default:
                if (!_multipathDisks.TryGetValue(name, out List<PciAddress>? controllers))
                {
                    _multipathDisks.Add(name, controllers = []);
                }

                controllers.Add(address);
                break;
        }
    }

    // "lrwxrwxrwx 1 0 0 38 Oct 12  2024 bus/pci/devices/0000:06:00.0/driver -> ../../../../bus/pci/drivers/nvme"
    private bool TryReadLink(ReadOnlySpan<char> line)
    {
        int arrow = line.IndexOf(LinkArrow);
        if (arrow < 0)
        {
            return false;
        }

        ReadOnlySpan<char> link = line[..arrow];
        ReadOnlySpan<char> destination = line[(arrow + LinkArrow.Length)..];
        ReadOnlySpan<char> name = destination[(destination.LastIndexOf('/') + 1)..];
        if (TryFollow(link, " class/net/", out ReadOnlySpan<char> netName))
        {
            Add('n', netName.ToString(), destination);
        }
        else if (TryFollow(link, " block/", out ReadOnlySpan<char> diskName))
        {
            Add('b', diskName.ToString(), destination);
        }
        else if (
            TryFollow(link, " bus/pci/devices/", out ReadOnlySpan<char> file)
            && PciAddress.TryFindInPath(file, out PciAddress address)
            && _functions.TryGetValue(address, out PciFunction? function)
        )
        {
            return TryReadDetail(function, file.EndsWith("/driver") ? 'd' : 'g', name, line);
        }

        return true;
    }

    private static bool TryFollow(ReadOnlySpan<char> text, string start, out ReadOnlySpan<char> rest)
    {
        int found = text.IndexOf(start);
        rest = found < 0 ? [] : text[(found + start.Length)..];
        return found >= 0;
    }
}
