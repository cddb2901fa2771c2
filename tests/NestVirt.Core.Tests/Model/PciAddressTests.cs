using NestVirt.Model;

namespace NestVirt.Core.Tests.Model;

public sealed class PciAddressTests
{
    [Theory]
    [InlineData("0000:03:00.1", 0u, 3, 0, 1)]
    [InlineData("10000:e1:1f.7", 0x10000u, 0xE1, 0x1F, 7)]
    [InlineData("ffffffff:ff:1f.7", 0xFFFFFFFFu, 0xFF, 0x1F, 7)]
    public void TryParse_reads_what_sysfs_writes(string text, uint domain, byte bus, byte device, byte function)
    {
        Assert.True(PciAddress.TryParse(text, out PciAddress address));

        Assert.Equal(new PciAddress(domain, bus, device, function), address);
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("03:00.0")]
    [InlineData("000:03:00.0")]
    [InlineData("000000000:03:00.0")]
    [InlineData("0000:03:20.0")]
    [InlineData("0000:03:00.8")]
    [InlineData("0000:03:00.0 ")]
    [InlineData("0000:03-00.0")]
    [InlineData("0003:046D:C52B.0001")]
    [InlineData("0000: 3:00.0")]
    public void TryParse_refuses_anything_else(string text) => Assert.False(PciAddress.TryParse(text, out _));

    [Fact]
    public void Addresses_order_by_number_and_not_by_text()
    {
        string[] texts = ["10000:00:00.0", "0000:80:00.0", "ffff:00:00.0", "0000:00:1f.0", "0000:00:02.7"];

        IEnumerable<string> ordered = texts.Select(Parse).Order().Select(static address => address.ToString());

        Assert.Equal(["0000:00:02.7", "0000:00:1f.0", "0000:80:00.0", "ffff:00:00.0", "10000:00:00.0"], ordered);
    }

    [Theory]
    [InlineData(
        "/sys/devices/pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0/10000:e1:00.0/nvme/nvme0/nvme0n1",
        "10000:e1:00.0"
    )]
    [InlineData("/sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/0003:046D:C52B.0001/net/usb0", "0000:00:14.0")]
    public void TryFindInPath_takes_the_last_address(string path, string expected)
    {
        Assert.True(PciAddress.TryFindInPath(path, out PciAddress address));

        Assert.Equal(expected, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/sys/devices/css0/0.0.0106/0.0.8000/host0/block/sda")]
    public void TryFindInPath_finds_none_in_other_paths(string path) =>
        Assert.False(PciAddress.TryFindInPath(path, out _));

    private static PciAddress Parse(string text)
    {
        Assert.True(PciAddress.TryParse(text, out PciAddress address));
        return address;
    }
}
