using NestVirt.Changes;
using NestVirt.HyperV.Settings;
using NestVirt.Transport.Cim;

namespace NestVirt.Core.Tests.HyperV.Settings;

/// <summary>Steps as plans have them, also those that nobody here wrote.</summary>
[Trait("Category", "Security")]
public sealed class VMStepTests
{
    private const string VM = "5d1b6e00-0000-4000-8000-000000000001";
    private const string Instance =
        @"Microsoft:5D1B6E00-0000-4000-8000-000000000001\b637f346-6a0e-4dec-af52-bd70cb80a21d\0";

    [Fact]
    public void A_step_is_read_as_it_was_written()
    {
        foreach (VMSetting setting in VMSetting.All)
        {
            bool isSwitch = setting.Type == CimType.Boolean;
            VMStep step = new(Guid.Parse(VM), setting, Instance, "Microsoft:C", isSwitch ? "true" : "8");

            Assert.Equal(step, VMStep.Read(step.ToHostStep(isSwitch ? "false" : "2")));
        }
    }

    [Theory]
    [InlineData("vmsetting", VM, "nesting", Instance, "", "true", "false", true)]
    [InlineData("file", VM, "nesting", Instance, "", "true", "false", false)]
    [InlineData("vmsetting", "lab", "nesting", Instance, "", "true", "false", false)]
    [InlineData("vmsetting", VM, "ExtendedVirtualizationExtensions", Instance, "", "true", "false", false)]
    [InlineData("vmsetting", VM, "nesting", "", "", "true", "false", false)]
    [InlineData("vmsetting", VM, "nesting", Instance, "", "TRUE", "false", false)]
    [InlineData("vmsetting", VM, "nesting", Instance, "", "</VALUE>", "false", false)]
    [InlineData("vmsetting", VM, "nesting", Instance, "", "true", "*", false)]
    [InlineData("vmsetting", VM, "processors", Instance, "", "-1", "2", false)]
    [InlineData("vmsetting", VM, "processors", Instance, "", "8", "", false)]
    [InlineData("vmsetting", VM, "macspoofing", Instance, "", "true", "false", false)]
    [InlineData("vmsetting", VM, "iovweight", "", "Microsoft:C", "100", "0", true)]
    [InlineData("vmsetting", VM, "iovweight", Instance, "", "100", "0", false)]
    [InlineData("vmsetting", VM, "iovweight", Instance, "Microsoft:C", "4294967296", "0", false)]
    public void What_is_no_step_of_this_release_is_none(
        string action,
        string vm,
        string word,
        string instance,
        string connection,
        string value,
        string expected,
        bool isStep
    ) =>
        Assert.Equal(
            isStep,
            VMStep.Read(new HostStep(action, [vm, word, instance, connection, value]) { Expected = expected })
                is not null
        );

    [Fact]
    public void Words_of_a_plan_are_values_and_never_markup()
    {
        string text = CimXml.Write(VMSetting.Exposed.Instance("a</VALUE><x y=\"'&", "true"));

        CimInstance read = Assert.Single(CimXmlReader.Read(text, "root/virtualization/v2"));
        Assert.Equal("a</VALUE><x y=\"'&", read.Text("InstanceID"));
        Assert.Equal(2, read.Properties.Count);
    }

    [Fact]
    public void What_is_of_one_machine_is_of_no_other()
    {
        VMStep one = new(Guid.Parse(VM), VMSetting.Exposed, Instance, string.Empty, "true");
        TouchedThings things = new();
        things.Add([new TouchedThing(one.Touches, "lab")]);

        Assert.True(things.Overlap(new TouchedThing((one with { Value = "false" }).Touches, "lab")));
        Assert.False(things.Overlap(new TouchedThing((one with { Setting = VMSetting.CpuCount }).Touches, "lab")));
        Assert.False(things.Overlap(new TouchedThing((one with { VM = Guid.NewGuid() }).Touches, "lab")));
    }
}
