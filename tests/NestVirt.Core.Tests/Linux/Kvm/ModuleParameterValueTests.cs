using NestVirt.Linux.Kvm;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Kvm;

/// <summary>Cases of kstrtobool and kstrtoint (lib/kstrtox.c), and of parse_one for a name without a value (kernel/params.c).</summary>
public sealed class ModuleParameterValueTests
{
    [Theory]
    [InlineData(null, NestedState.On)]
    [InlineData("1", NestedState.On)]
    [InlineData("Y", NestedState.On)]
    [InlineData("yes", NestedState.On)]
    [InlineData("true", NestedState.On)]
    [InlineData("on", NestedState.On)]
    [InlineData("10", NestedState.On)]
    [InlineData("0", NestedState.Off)]
    [InlineData("01", NestedState.Off)]
    [InlineData("n", NestedState.Off)]
    [InlineData("False", NestedState.Off)]
    [InlineData("oFf", NestedState.Off)]
    [InlineData("", NestedState.Unknown)]
    [InlineData("o", NestedState.Unknown)]
    [InlineData("enable", NestedState.Unknown)]
    [InlineData("2", NestedState.Unknown)]
    public void A_bool_is_read_as_the_kernel_reads_it(string? value, NestedState expected)
    {
        Assert.Equal(expected, ModuleParameterValue.ToSwitch(ModuleParameterKind.Bool, value));
        Assert.Equal(expected != NestedState.Unknown, ModuleParameterValue.IsValid(ModuleParameterKind.Bool, value));
    }

    [Theory]
    [InlineData("1", NestedState.On)]
    [InlineData("-1", NestedState.On)]
    [InlineData("+2", NestedState.On)]
    [InlineData("0x1F", NestedState.On)]
    [InlineData("017", NestedState.On)]
    [InlineData("1\n", NestedState.On)]
    [InlineData("0", NestedState.Off)]
    [InlineData("00", NestedState.Off)]
    [InlineData("0x0", NestedState.Off)]
    [InlineData(null, NestedState.Unknown)]
    [InlineData("", NestedState.Unknown)]
    [InlineData("Y", NestedState.Unknown)]
    [InlineData("1 ", NestedState.Unknown)]
    [InlineData("1\r", NestedState.Unknown)]
    [InlineData("08", NestedState.Unknown)]
    [InlineData("0x", NestedState.Unknown)]
    [InlineData("1a", NestedState.Unknown)]
    [InlineData("99999999999999999999", NestedState.Unknown)]
    public void A_number_is_read_as_the_kernel_reads_it(string? value, NestedState expected)
    {
        Assert.Equal(expected, ModuleParameterValue.ToSwitch(ModuleParameterKind.Number, value));
        Assert.Equal(expected != NestedState.Unknown, ModuleParameterValue.IsValid(ModuleParameterKind.Number, value));
    }

    [Theory]
    [InlineData("Y", NestedState.On)]
    [InlineData("1", NestedState.On)]
    [InlineData("N", NestedState.Off)]
    [InlineData("0", NestedState.Off)]
    [InlineData("", NestedState.Unknown)]
    [InlineData(null, NestedState.Unknown)]
    [InlineData("(null)", NestedState.Unknown)]
    public void What_sysfs_shows_is_a_letter_or_a_number(string? value, NestedState expected) =>
        Assert.Equal(expected, ModuleParameterValue.FromSysfs(value));
}
