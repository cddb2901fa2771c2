using NestVirt.Transport.Cim;

namespace NestVirt.Core.Tests.Transport.Cim;

public sealed class WqlTests
{
    [Theory]
    [Trait("Category", "Security")]
    [InlineData("vm1", "'vm1'")]
    [InlineData("it's", @"'it\'s'")]
    [InlineData(@"a\b", @"'a\\b'")]
    [InlineData(@"\' OR 1=1 --", @"'\\\' OR 1=1 --'")]
    [InlineData("", "''")]
    public void Literal_leaves_no_way_out_of_its_quotes(string value, string literal) =>
        Assert.Equal(literal, Wql.Literal(value));

    [Fact]
    public void AssociatorsOf_names_the_instance_by_its_keys()
    {
        CimPath path = new(
            "root/virtualization/v2",
            "Msvm_ComputerSystem",
            [new("CreationClassName", CimValue.Of("Msvm_ComputerSystem")), new("N", CimValue.Of(CimType.UInt32, 3))]
        );

        Assert.Equal(
            "ASSOCIATORS OF {Msvm_ComputerSystem.CreationClassName='Msvm_ComputerSystem',N=3} WHERE AssocClass=Msvm_SettingsDefineState ResultClass=Msvm_VirtualSystemSettingData",
            Wql.AssociatorsOf(path, "Msvm_SettingsDefineState", "Msvm_VirtualSystemSettingData")
        );
    }
}
