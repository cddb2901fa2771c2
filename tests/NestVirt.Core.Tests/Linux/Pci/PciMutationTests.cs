using NestVirt.Linux.Pci;

namespace NestVirt.Core.Tests.Linux.Pci;

/// <summary>Damages what the PCI probes print: each parser reads it, or refuses it by its own exception.</summary>
public sealed class PciMutationTests
{
    private const string Listing = """
        k	6.1.0-56-amd64
        f	0000:00:02.0		0x030000	0x8086	0x46a6	0x0000	0x0000	0x0c	1	1
        o	vfio-pci
        f	0000:01:00.0	0000:00:03.0	0x020000	0x8086	0x10c9	0x1af4	0x1100	0x01	-1	
        s	7	2	128	2	10ca	1
        r	flr pm bus
        d	igb
        g	10
        f	0000:01:10.0	0000:00:03.0	0x020000	0x8086	0x10ca	0x1af4	0x1100	0x01	-1	
        p	0000:01:00.0
        n	eth1	/sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/net/eth1
        b	nvme0c1n1	/sys/devices/pci0000:00/0000:00:02.0/nvme/nvme1/nvme0c1n1
        c	nvme0n1	/sys/devices/pci0000:00/0000:00:02.0/nvme/nvme1
        l
        lrwxrwxrwx 1 0 0 30 Oct 27  2025 bus/pci/devices/0000:00:02.0/iommu_group -> ../../../kernel/iommu_groups/14
        lrwxrwxrwx 1 0 0 30 Oct 27  2025 class/net/wlan0 -> ../../devices/pci0000:00/0000:00:02.0/net/wlan0
        """;

    private const string Names = """
        v	8086	Intel Corporation
        d	8086	10c9	82576 Gigabit Network Connection
        c	02	Network controller
        s	02	00	Ethernet controller
        """;

    [Fact]
    public void Damaged_listings_are_read_or_refused() => Mutation.Check(Listing, static text => PciProbe.Parse(text));

    [Fact]
    public void Damaged_names_are_read_or_refused() => Mutation.Check(Names, static text => PciNameProbe.Parse(text));

    [Fact]
    public void Damaged_config_listings_are_read_or_refused()
    {
        byte[] config = ConfigBytes.Express(type: 4);
        ConfigBytes.Put(config, 0x100, [0x0E, 0x00, 0x01, 0x14]);
        ConfigBytes.Put(config, 0x140, [0x0D, 0x00, 0x01, 0x16, 0x5F, 0x00, 0x1D, 0x00]);
        ConfigBytes.Put(config, 0x160, [0x10, 0x00, 0x01, 0x00, 0, 0, 0, 0, 0x19, 0, 0, 0, 8, 0, 7, 0, 3, 0]);

        Mutation.Check(
            ConfigBytes.Listing(("0000:00:01.0", config), ("0000:00:02.0", new byte[64]), ("10000:e1:00.0", config)),
            static text => PciConfigProbe.Parse(text)
        );
    }

    [Fact]
    public void No_bytes_are_refused_as_a_config_space()
    {
        Random random = new(20260901);
        byte[] bytes = new byte[4096];
        for (int round = 0; round < 20000; round++)
        {
            // Most bytes are of the kind that makes lists: pointers that are aligned and near.
            random.NextBytes(bytes);
            bytes[0x06] |= 0x10;
            bytes[0x34] = (byte)(random.Next(0x10, 0x40) << 2);
            bytes[bytes[0x34]] = 0x10;
            int[] lengths = [0, 63, 64, 128, 256, 300, 4096];
            PciConfigSpace.Decode(bytes.AsSpan(0, lengths[round % lengths.Length]));
        }
    }
}
