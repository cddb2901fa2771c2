using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.Core.Tests.Transport.Cim.WsMan;

public sealed class WsManResourceTests
{
    [Theory]
    [InlineData(
        "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_X",
        "root/virtualization/v2",
        "Msvm_X"
    )]
    [InlineData("HTTP://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/X\n", "root/cimv2", "X")]
    [InlineData("http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_X", null, "CIM_X")]
    [InlineData("http://schemas.microsoft.com/wbem/wsman/1/wmi/X", null, "X")]
    [InlineData("X", null, "X")]
    [InlineData("", null, "")]
    [InlineData("http://x/", null, "")]
    public void Parse_reads_both_forms(string uri, string? @namespace, string className) =>
        Assert.Equal((@namespace, className), WsManResource.Parse(uri));
}
