using System.Buffers.Binary;
using NestVirt.Model;

namespace NestVirt.Linux.Pci;

/// <summary>What the config space of one function says.</summary>
/// <remarks>
/// Layout: PCI Local Bus Specification 3.0, chapter 6; PCI Express Base Specification, 7.5 to 7.8; the numbers are also
/// in the kernel's include/uapi/linux/pci_regs.h. Lists are walked as the kernel walks them (drivers/pci/pci.c): the
/// first
/// capability of an id counts, and nothing is read twice.
/// </remarks>
internal sealed record PciConfigSpace
{
    /// <summary>What every reason says that the device itself is to blame for, and no missing right.</summary>
    internal const string Broken = "is broken";

    private const int HeaderLength = 0x40;
    private const int ConventionalLength = 0x100;
    private const int ExtendedLength = 0x1000;

    private const int StatusOffset = 0x06;
    private const int HeaderTypeOffset = 0x0E;
    private const int CapabilityPointerOffset = 0x34;
    private const int CardBusCapabilityPointerOffset = 0x14;
    private const int CardBusHeaderType = 2;
    private const int HasCapabilitiesBit = 0x10;
    private const int MultifunctionBit = 0x80;

    private const byte ExpressId = 0x10;
    private const byte NoCapabilityId = 0xFF;

    // PCI_EXP_DEVCAP2, PCI_EXP_DEVCTL2, and the bit of ARI Forwarding in both; the first version of the capability lacks them.
    private const int DeviceCapabilities2 = 0x24;
    private const int DeviceControl2 = 0x28;
    private const int AriForwardingBit = 0x20;
    private const int FirstVersionWithThem = 2;

    private const ushort AcsId = 0x000D;
    private const ushort AriId = 0x000E;
    private const ushort SriovId = 0x0010;
    private const int SriovLength = 0x1C;

    private static readonly (int Bit, string Name)[] s_acsServices =
    [
        (0x01, "SrcValid"),
        (0x02, "TransBlk"),
        (0x04, "ReqRedir"),
        (0x08, "CmpltRedir"),
        (0x10, "UpstreamFwd"),
        (0x20, "EgressCtrl"),
        (0x40, "DirectTrans"),
    ];

    /// <summary>Gets a value indicating whether all of it are ones: the device does not answer.</summary>
    public bool IsLost { get; private init; }

    private PciConfigSpace() { }

    /// <summary>
    /// Gets the layout of the header: 0 for a function, 1 for a bridge, 2 for CardBus; null when nothing answers.
    /// </summary>
    public int? HeaderType { get; private init; }

    /// <summary>
    /// Gets whether the header says that the slot holds more than one function; null when nothing answers.
    /// </summary>
    public bool? IsMultifunction { get; private init; }

    /// <summary>
    /// Gets the kind of PCI Express function; null for conventional PCI, unknown kinds, and when it is unknown.
    /// </summary>
    public PciePortType? PortType { get; private init; }

    /// <summary>Gets whether the port forwards ARI; null when that is unknown, and for what is no port above others.</summary>
    public AriForwarding? AriForwarding { get; private init; }

    /// <summary>Gets Access Control Services; null when they are unknown.</summary>
    public AcsCapability? Acs { get; private init; }

    /// <summary>
    /// Gets why <see cref="Acs"/>, <see cref="HasAri"/> and <see cref="Sriov"/> are unknown, or null.
    /// </summary>
    public string? UnknownReason { get; private init; }

    /// <summary>Gets whether the ARI capability is there; null when that is unknown.</summary>
    public bool? HasAri { get; private init; }

    /// <summary>Gets the SR-IOV capability; null when it is not there, or unknown.</summary>
    public PciSriovCapability? Sriov { get; private init; }

    /// <summary>Gets what is known of a function of conventional PCI without reading it: it has no extended capabilities.</summary>
    internal static PciConfigSpace Conventional { get; } = new() { Acs = DecodeAcs([], 0), HasAri = false };

    /// <summary>Decodes a config space.</summary>
    /// <param name="bytes">Its first 64 bytes (what is read without root), 256 bytes, or all 4096.</param>
    /// <returns>What the bytes say. No bytes are refused: what they do not hold is unknown.</returns>
    public static PciConfigSpace Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderLength)
        {
            return new PciConfigSpace { UnknownReason = "its config space could not be read" };
        }

        if (!bytes[..HeaderLength].ContainsAnyExcept((byte)0xFF))
        {
            return new PciConfigSpace
            {
                IsLost = true,
                UnknownReason = "its config space reads as all ones: the device does not answer",
            };
        }

        int headerType = bytes[HeaderTypeOffset] & ~MultifunctionBit;
        PciConfigSpace header = new()
        {
            HeaderType = headerType,
            IsMultifunction = (bytes[HeaderTypeOffset] & MultifunctionBit) != 0,
        };
        if (bytes.Length < ConventionalLength)
        {
            return header with
            {
                UnknownReason =
                    $"only the first {bytes.Length} bytes of its config space could be read, "
                    + "as happens without root",
            };
        }

        Capabilities conventional = WalkCapabilities(bytes, headerType);
        header = header with
        {
            PortType = conventional.PortType,
            AriForwarding = DecodeAriForwarding(bytes, conventional),
        };
        if (bytes.Length >= ExtendedLength)
        {
            return DecodeExtended(header, bytes[..ExtendedLength]);
        }

        return header with
        {
            Acs = conventional.UnknownReason is null ? DecodeAcs(bytes, 0) : null,
            HasAri = conventional.UnknownReason is null ? false : null,
            UnknownReason = conventional.UnknownReason,
        };
    }

    private static AriForwarding? DecodeAriForwarding(ReadOnlySpan<byte> bytes, Capabilities found)
    {
        if (
            found.PortType is not (PciePortType.RootPort or PciePortType.DownstreamPort)
            || found.ExpressAt + DeviceControl2 >= ConventionalLength
            || (bytes[found.ExpressAt + 2] & 0xF) < FirstVersionWithThem
        )
        {
            return null;
        }

        return new AriForwarding(
            (bytes[found.ExpressAt + DeviceCapabilities2] & AriForwardingBit) != 0,
            (bytes[found.ExpressAt + DeviceControl2] & AriForwardingBit) != 0
        );
    }

    private static Capabilities WalkCapabilities(ReadOnlySpan<byte> bytes, int headerType)
    {
        Capabilities result = default;
        if ((bytes[StatusOffset] & HasCapabilitiesBit) == 0)
        {
            return result;
        }

        UInt128 seen = default;
        int at = bytes[headerType == CardBusHeaderType ? CardBusCapabilityPointerOffset : CapabilityPointerOffset] & ~3;
        while (at >= HeaderLength)
        {
            UInt128 bit = UInt128.One << (at >> 2);
            if ((seen & bit) != 0 || bytes[at] == NoCapabilityId)
            {
                return result with { IsBroken = true };
            }

            seen |= bit;
            if (bytes[at] == ExpressId && !result.IsExpress)
            {
                PciePortType type = (PciePortType)(bytes[at + 2] >> 4);
                result = result with
                {
                    IsExpress = true,
                    ExpressAt = at,
                    PortType = Enum.IsDefined(type) ? type : null,
                };
            }

            at = bytes[at + 1] & ~3;
        }

        return result;
    }

    // Header of an extended capability: id in bits 0-15, version in 16-19, offset of the next in 20-31.
    private static PciConfigSpace DecodeExtended(PciConfigSpace header, ReadOnlySpan<byte> bytes)
    {
        ExtendedCapabilities found = WalkExtendedCapabilities(bytes);
        return header with
        {
            Acs = found.Acs > 0 || found.BrokenAt == 0 ? DecodeAcs(bytes, found.Acs) : null,
            HasAri =
                found.Ari > 0 ? true
                : found.BrokenAt == 0 ? false
                : null,
            Sriov = found.Sriov > 0 ? DecodeSriov(bytes[found.Sriov..]) : null,
            UnknownReason =
                found.BrokenAt == 0 ? null : $"its list of extended capabilities {Broken} at 0x{found.BrokenAt:x}",
        };
    }

    private static ExtendedCapabilities WalkExtendedCapabilities(ReadOnlySpan<byte> bytes)
    {
        Span<bool> seen = stackalloc bool[ExtendedLength >> 2];
        ExtendedCapabilities found = default;
        int at = ConventionalLength;
        while (at >= ConventionalLength)
        {
            uint capability = BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
            if (capability == 0)
            {
                break;
            }

            if (capability == uint.MaxValue || seen[at >> 2])
            {
                return found with { BrokenAt = at };
            }

            seen[at >> 2] = true;
            found = (ushort)capability switch
            {
                AcsId when found.Acs == 0 => found with { Acs = at },
                AriId when found.Ari == 0 => found with { Ari = at },
                SriovId when found.Sriov == 0 && at + SriovLength <= bytes.Length => found with { Sriov = at },
                _ => found,
            };
            at = (int)(capability >> 20) & ~3;
        }

        return found;
    }

    // Capability register at +4, control register at +6. A service that a function does not have is never on.
    private static AcsCapability DecodeAcs(ReadOnlySpan<byte> bytes, int at)
    {
        if (at == 0 || at + 8 > bytes.Length)
        {
            return new AcsCapability(IsPresent: at > 0, [], []);
        }

        int capable = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 4)..]);
        int enabled = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 6)..]);
        return new AcsCapability(IsPresent: true, NamesOf(capable), NamesOf(capable & enabled));
    }

    private static string[] NamesOf(int services) =>
        [.. s_acsServices.Where(service => (services & service.Bit) != 0).Select(static service => service.Name)];

    private static PciSriovCapability DecodeSriov(ReadOnlySpan<byte> capability) =>
        new(
            TotalCount: BinaryPrimitives.ReadUInt16LittleEndian(capability[0x0E..]),
            Count: BinaryPrimitives.ReadUInt16LittleEndian(capability[0x10..]),
            IsEnabled: (capability[0x08] & 1) != 0,
            Offset: BinaryPrimitives.ReadUInt16LittleEndian(capability[0x14..]),
            Stride: BinaryPrimitives.ReadUInt16LittleEndian(capability[0x16..]),
            VirtualDeviceId: BinaryPrimitives.ReadUInt16LittleEndian(capability[0x1A..])
        );

    private readonly record struct Capabilities(bool IsExpress, int ExpressAt, PciePortType? PortType, bool IsBroken)
    {
        // Conventional PCI has no extended space; a PCI Express function has one, and 256 bytes do not show it.
        public string? UnknownReason =>
            IsExpress ? "its extended config space is out of reach on this host"
            : IsBroken ? $"its list of capabilities {Broken}"
            : null;
    }

    private readonly record struct ExtendedCapabilities(int Acs, int Ari, int Sriov, int BrokenAt);
}
