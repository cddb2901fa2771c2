using System.Text;
using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Core.Tests.Linux.Pci;

public sealed class PciConfigProbeTests
{
    [Fact]
    public void Parse_cuts_the_stream_where_the_lengths_say()
    {
        byte[] conventional = new byte[256];
        conventional[0x0E] = 0x80;
        string text = ConfigBytes.Listing(
            ("0000:00:00.0", conventional),
            ("0000:00:01.0", ConfigBytes.Express(type: 4)),
            ("10000:e1:00.0", ConfigBytes.Express(type: 0)[..64])
        );

        PciConfigListing listing = PciConfigProbe.Parse(text);

        Assert.Null(listing.UnknownReason);
        Assert.Equal(3, listing.Spaces.Count);
        Assert.True(listing.Spaces[Address("0000:00:00.0")].IsMultifunction);
        Assert.Equal(PciePortType.RootPort, listing.Spaces[Address("0000:00:01.0")].PortType);
        Assert.NotNull(listing.Spaces[Address("10000:e1:00.0")].UnknownReason);
    }

    [Fact]
    public void Parse_cannot_be_fooled_by_bytes_that_look_like_a_border()
    {
        byte[] forger = ConfigBytes.Express(type: 0);
        Encoding.ASCII.GetBytes("\n- 0000:00:02.0/config\n001000 86 80\n").CopyTo(forger, 0x200);

        PciConfigListing listing = PciConfigProbe.Parse(
            ConfigBytes.Listing(("0000:00:01.0", forger), ("0000:00:02.0", ConfigBytes.Express(type: 6)))
        );

        Assert.Equal(PciePortType.DownstreamPort, listing.Spaces[Address("0000:00:02.0")].PortType);
    }

    [Fact]
    public void Parse_believes_nothing_when_the_stream_is_not_as_long_as_the_files()
    {
        string text = ConfigBytes.Listing(("0000:00:01.0", new byte[256]), ("0000:00:02.0", new byte[256]));

        PciConfigListing shorter = PciConfigProbe.Parse(
            text.Replace("\n000200\n", "\n000100\n", StringComparison.Ordinal)
        );
        PciConfigListing longer = PciConfigProbe.Parse(
            text.Replace("\n000200\n", "\nfffffff0\n", StringComparison.Ordinal)
        );

        Assert.All(
            [shorter, longer],
            static listing =>
            {
                Assert.Empty(listing.Spaces);
                Assert.Equal("the config spaces could not be read in full", listing.UnknownReason);
            }
        );
    }

    [Fact]
    public void Parse_says_so_when_od_printed_nothing()
    {
        string text = ConfigBytes.Listing(("0000:00:01.0", new byte[256]));

        PciConfigListing listing = PciConfigProbe.Parse(
            text.AsSpan(0, text.IndexOf("000000", StringComparison.Ordinal))
        );

        Assert.Equal("the host has no od that prints bytes in hexadecimal", listing.UnknownReason);
    }

    [Fact]
    public void Parse_takes_silence_for_a_host_without_config_spaces()
    {
        Assert.Empty(PciConfigProbe.Parse(string.Empty).Spaces);
        Assert.Null(PciConfigProbe.Parse(string.Empty).UnknownReason);
    }

    [Theory]
    [InlineData("*", 3)]
    [InlineData("000010 86", 3)]
    [InlineData("000000 8g", 3)]
    [InlineData("000000 86  80", 3)]
    [InlineData("000000 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00", 3)]
    [InlineData("ffffffffffffffffffff", 3)]
    public void Parse_names_the_line_it_cannot_read(string line, int number)
    {
        string text = ConfigBytes.Listing(("0000:00:01.0", new byte[256]));
        string head = text[..text.IndexOf("000000", StringComparison.Ordinal)];

        Assert.Equal(number, Assert.Throws<ProbeFormatException>(() => PciConfigProbe.Parse(head + line)).LineNumber);
    }

    [Theory]
    [InlineData("-rw-r--r-- 1 0 0 4097 Nov 21 12:09 0000:00:01.0/config")]
    [InlineData("-rw-r--r-- 1 0 0 4096 Nov 21 12:09 0000:00:01.0")]
    [InlineData("-rw-r--r-- 1 0 0 4096 Nov 21 12:09 0000:00:01.0/config extra")]
    [InlineData("- 0000:00:01.0")]
    [InlineData("ls: cannot access")]
    public void Parse_names_the_file_line_it_cannot_read(string line) =>
        Assert.Equal(1, Assert.Throws<ProbeFormatException>(() => PciConfigProbe.Parse(line)).LineNumber);

    private static PciAddress Address(string text)
    {
        Assert.True(PciAddress.TryParse(text, out PciAddress address));
        return address;
    }
}
