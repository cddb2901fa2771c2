using NestVirt.Linux.Pci;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Pci;

public sealed class PciConfigSpaceTests
{
    [Theory]
    [InlineData(0x0, PciePortType.Endpoint)]
    [InlineData(0x4, PciePortType.RootPort)]
    [InlineData(0x6, PciePortType.DownstreamPort)]
    [InlineData(0xA, PciePortType.RootComplexEventCollector)]
    [InlineData(0x2, null)]
    public void Decode_reads_the_kind_of_express_function(int type, PciePortType? expected) =>
        Assert.Equal(expected, PciConfigSpace.Decode(ConfigBytes.Express(type)).PortType);

    [Fact]
    public void Decode_reads_acs_services_and_those_that_are_on()
    {
        byte[] config = ConfigBytes.Express(type: 4);
        ConfigBytes.Put(config, 0x100, [0x01, 0x00, 0x02, 0x14]);
        ConfigBytes.Put(config, 0x140, [0x0D, 0x00, 0x01, 0x00, 0x5F, 0x00, 0x1D, 0x00]);

        PciConfigSpace space = PciConfigSpace.Decode(config);

        Assert.True(space.Acs!.IsPresent);
        Assert.Equal(
            ["SrcValid", "TransBlk", "ReqRedir", "CmpltRedir", "UpstreamFwd", "DirectTrans"],
            space.Acs.Capable
        );
        Assert.Equal(["SrcValid", "ReqRedir", "CmpltRedir", "UpstreamFwd"], space.Acs.Enabled);
        Assert.Null(space.UnknownReason);
        Assert.False(space.HasAri);
    }

    [Fact]
    public void Decode_tells_that_acs_is_absent_only_where_the_whole_space_was_read()
    {
        byte[] config = ConfigBytes.Express(type: 0);

        Assert.False(PciConfigSpace.Decode(config).Acs!.IsPresent);
        Assert.Null(PciConfigSpace.Decode(config.AsSpan(0, 256)).Acs);
        Assert.Equal(
            "its extended config space is out of reach on this host",
            PciConfigSpace.Decode(config.AsSpan(0, 256)).UnknownReason
        );
        Assert.Null(PciConfigSpace.Decode(config.AsSpan(0, 64)).Acs);
        Assert.Equal(
            "only the first 64 bytes of its config space could be read, as happens without root",
            PciConfigSpace.Decode(config.AsSpan(0, 64)).UnknownReason
        );
    }

    [Fact]
    public void Decode_tells_that_a_conventional_function_has_no_acs()
    {
        byte[] config = new byte[256];
        config[0x0E] = 0x80;

        PciConfigSpace space = PciConfigSpace.Decode(config);

        Assert.Equivalent(new AcsCapability(IsPresent: false, [], []), space.Acs, strict: true);
        Assert.True(space.IsMultifunction);
        Assert.Null(space.PortType);
    }

    [Fact]
    public void Decode_knows_nothing_of_a_device_that_does_not_answer()
    {
        byte[] config = new byte[4096];
        Array.Fill(config, (byte)0xFF);

        PciConfigSpace space = PciConfigSpace.Decode(config);

        Assert.Null(space.Acs);
        Assert.Null(space.IsMultifunction);
        Assert.Contains("does not answer", space.UnknownReason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0x01, 0x00, 0x02, 0x10 }, 0x100)]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF }, 0x100)]
    [InlineData(new byte[] { 0x01, 0x00, 0x02, 0xFF }, 0)]
    public void Decode_does_not_call_acs_absent_where_the_list_is_broken(byte[] first, int brokenAt)
    {
        byte[] config = ConfigBytes.Express(type: 0);
        ConfigBytes.Put(config, 0x100, first);

        PciConfigSpace space = PciConfigSpace.Decode(config);

        Assert.Equal(
            brokenAt == 0 ? null : $"its list of extended capabilities is broken at 0x{brokenAt:x}",
            space.UnknownReason
        );
        Assert.Equal(brokenAt == 0, space.Acs is not null);
    }

    [Fact]
    public void Decode_ends_a_conventional_list_that_runs_in_a_circle()
    {
        byte[] config = ConfigBytes.Express(type: 0);
        config[0x41] = 0x40;

        Assert.Equal(PciePortType.Endpoint, PciConfigSpace.Decode(config).PortType);
    }

    [Fact]
    public void Decode_reads_sriov_and_ari()
    {
        byte[] config = ConfigBytes.Express(type: 0);
        ConfigBytes.Put(config, 0x100, [0x0E, 0x00, 0x01, 0x16]);
        ConfigBytes.Put(
            config,
            0x160,
            [0x10, 0x00, 0x01, 0x00, 0, 0, 0, 0, 0x19, 0, 0, 0, 8, 0, 7, 0, 3, 0, 0, 0, 0x80, 1, 2, 0, 0, 0, 0xCA, 0x10]
        );

        PciConfigSpace space = PciConfigSpace.Decode(config);

        Assert.True(space.HasAri);
        Assert.Equal(new PciSriovCapability(7, 3, IsEnabled: true, 0x180, 2, 0x10CA), space.Sriov);
    }
}
