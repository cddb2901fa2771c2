using NestVirt.StandIn.Machine;
using NestVirt.StandIn.Wql;

namespace NestVirt.StandIn.Tests;

/// <summary>WQL of the stand-in (win32 docs, "WQL (SQL for WMI)").</summary>
public class WqlTests
{
    [Theory]
    [InlineData("ElementName = 'VM-0001'", true)]
    [InlineData("ElementName <> 'vm-0001'", false)]
    [InlineData("elementname != \"other\"", true)]
    [InlineData("ElementName LIKE 'vm[-]%'", true)]
    [InlineData("ElementName LIKE 'vm-000_'", true)]
    [InlineData("ElementName LIKE 'vm-[^a-z]%1'", true)]
    [InlineData("ElementName LIKE '[^v]%'", false)]
    [InlineData("EnabledState = 3", true)]
    [InlineData("EnabledState >= 2 AND EnabledState < 3", false)]
    [InlineData("EnabledState = 2 OR EnabledState = 3", true)]
    [InlineData("EnabledState = 3 OR EnabledState = 3 AND EnabledState = 4", true)]
    [InlineData("(EnabledState = 3 OR EnabledState = 3) AND EnabledState = 4", false)]
    [InlineData("NOT EnabledState = 2", true)]
    [InlineData("ProcessID IS NULL", true)]
    [InlineData("Name IS NOT NULL", true)]
    [InlineData("ProcessID = 0", false)]
    [InlineData("ProcessID <> 0", false)]
    public void A_condition_is_met_or_not(string condition, bool expected)
    {
        VirtualMachine vm = new HyperVMachine().AddVMs(1).VMs[0];

        var query = (WqlSelect)WqlQuery.Parse($"SELECT * FROM Msvm_ComputerSystem WHERE {condition}");

        Assert.Equal(expected, query.Condition!.IsMetBy(vm.System));
    }

    [Fact]
    public void A_backslash_is_doubled_in_a_text()
    {
        VirtualMachine vm = new HyperVMachine().AddVMs(1).VMs[0];
        string id = $@"Microsoft:{vm.Id.ToString().ToUpperInvariant()}\\b637f346-6a0e-4dec-af52-bd70cb80a21d\\0";

        var doubled = (WqlSelect)WqlQuery.Parse($"SELECT * FROM X WHERE InstanceID='{id}'");
        var single = (WqlSelect)
            WqlQuery.Parse($"SELECT * FROM X WHERE InstanceID='{id.Replace(@"\\", @"\", StringComparison.Ordinal)}'");

        Assert.True(doubled.Condition!.IsMetBy(vm.Processor));
        Assert.False(single.Condition!.IsMetBy(vm.Processor));
    }

    [Fact]
    public void Booleans_are_true_and_1()
    {
        VirtualMachine vm = new HyperVMachine().AddVM("lab", new() { IsNested = true });

        Assert.All(
            ["TRUE", "true", "1"],
            value =>
                Assert.True(
                    (
                        (WqlSelect)WqlQuery.Parse($"SELECT * FROM X WHERE ExposeVirtualizationExtensions = {value}")
                    ).Condition!.IsMetBy(vm.Processor)
                )
        );
    }

    [Fact]
    public void Select_names_its_properties()
    {
        var query = (WqlSelect)WqlQuery.Parse("select Name , ElementName from Msvm_ComputerSystem");

        Assert.Equal("Msvm_ComputerSystem", query.ClassName);
        Assert.Equal(["Name", "ElementName"], query.Properties);
        Assert.Null(query.Condition);
    }

    [Fact]
    public void Associators_names_an_instance_and_two_classes()
    {
        var query = (WqlAssociators)
            WqlQuery.Parse(
                """ASSOCIATORS OF {\\HV-1.lab.test\root\virtualization\v2:Msvm_ComputerSystem.CreationClassName="Msvm_ComputerSystem",Name="it's"} WHERE ResultClass = Msvm_VirtualSystemSettingData AssocClass = Msvm_SettingsDefineState"""
            );

        Assert.Equal("Msvm_ComputerSystem", query.ClassName);
        Assert.Equal("it's", query.Keys["Name"]);
        Assert.Equal(
            ("Msvm_SettingsDefineState", "Msvm_VirtualSystemSettingData"),
            (query.AssociationClass, query.ResultClass)
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("SELECT FROM X")]
    [InlineData("SELECT * FROM X WHERE")]
    [InlineData("SELECT * FROM X WHERE a = 'b")]
    [InlineData("SELECT * FROM X WHERE a ~ 'b'")]
    [InlineData("SELECT * FROM X LIMIT 1")]
    [InlineData("SELECT * FROM X WHERE (a = 1")]
    [InlineData("ASSOCIATORS OF {X} WHERE AssocClass=Y")]
    [InlineData("REFERENCES OF {X.a='b'}")]
    public void What_is_no_query_is_refused(string text) => Assert.Throws<WqlException>(() => WqlQuery.Parse(text));
}
