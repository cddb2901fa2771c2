using NestVirt.Filters;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Filters;

public sealed class PciDeviceFilterTests
{
    private static readonly PciDevice[] s_devices =
    [
        new("0000:01:00.0", 0x020000, 0x8086, 0x1572)
        {
            Class = "Ethernet controller",
            Vendor = "Intel Corporation",
            Driver = "i40e",
            IommuGroup = 1,
        },
        new("0001:01:00.0", 0x030000, 0x10de, 0x2204)
        {
            Class = "VGA compatible controller",
            Vendor = "NVIDIA Corporation",
            Driver = "vfio-pci",
            IommuGroup = 2,
        },
        new("0001:01:00.1", 0x040300, 0x10de, 0x1aef)
        {
            Class = "Audio device",
            Vendor = "NVIDIA Corporation",
            IommuGroup = 2,
        },
        new("0000:00:00.0", 0x060000, 0x1022, 0x1480)
        {
            Class = "Host bridge",
            Vendor = "Advanced Micro Devices, Inc. [AMD]",
            IommuGroup = 1,
        },
    ];

    [Theory]
    [InlineData("address", "0000:01:00.0", 0)]
    [InlineData("address", "01:00.0", 0, 1)]
    [InlineData("address", "*:01:00.?", 0, 1, 2)]
    [InlineData("address", "0001:*", 1, 2)]
    [InlineData("class", "ethernet", 0)]
    [InlineData("class", "Audio device", 2)]
    [InlineData("class", "02", 0)]
    [InlineData("class", "0x0300", 1)]
    [InlineData("class", "0200*", 0)]
    [InlineData("class", "*controller", 0, 1)]
    [InlineData("driver", "vfio-pci", 1)]
    [InlineData("driver", "none", 2, 3)]
    [InlineData("driver", "*", 0, 1)]
    [InlineData("driver", "[iv]*", 0, 1)]
    [InlineData("vendor", "nvidia", 1, 2)]
    [InlineData("vendor", "0x10DE", 1, 2)]
    [InlineData("vendor", "Advanced Micro Devices, Inc. [AMD]", 3)]
    [InlineData("vendor", "*`[AMD`]", 3)]
    public void Keep_takes_each_way_to_write_a_value(string of, string word, params int[] expected)
    {
        PciDeviceFilter filter = Filter(of, word);

        Assert.Equal(expected.Select(static number => s_devices[number]), filter.Keep(s_devices));
        Assert.Empty(filter.Missing);
    }

    [Theory]
    [InlineData("address", "02:00.0", "the address")]
    [InlineData("class", "Ethernot", "the class")]
    [InlineData("driver", "vfio_pci", "the driver")]
    [InlineData("vendor", "8087", "the vendor")]
    public void Missing_names_a_word_that_nothing_fits_and_no_pattern(string of, string word, string what)
    {
        PciDeviceFilter literal = Filter(of, word);
        PciDeviceFilter pattern = Filter(of, $"{word}*");

        Assert.Empty(literal.Keep(s_devices));
        Assert.Empty(pattern.Keep(s_devices));
        Assert.Equal([new MissingValue(what, word)], literal.Missing);
        Assert.Empty(pattern.Missing);
    }

    [Fact]
    public void Missing_leaves_out_what_another_condition_kept_back_and_devices_that_all_have_a_driver()
    {
        PciDeviceFilter filter = new(["01:00.0"], ["Audio"], ["none"], null, isolated: true);

        Assert.Empty(filter.Keep(s_devices));
        Assert.Empty(filter.Missing);
        Assert.Empty(Filter("driver", "none").Keep(s_devices[..2]));
    }

    [Fact]
    public void Keep_takes_the_only_function_of_a_group_for_isolated_bridges_aside() =>
        Assert.Equal([s_devices[0]], new PciDeviceFilter(null, null, null, null, isolated: true).Keep(s_devices));

    private static PciDeviceFilter Filter(string of, string word) =>
        new(
            of == "address" ? [word] : null,
            of == "class" ? [word] : null,
            of == "driver" ? [word] : null,
            of == "vendor" ? [word] : null,
            isolated: false
        );
}
