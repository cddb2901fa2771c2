using NestVirt.Transport.Cim;

namespace NestVirt.Core.Tests.Transport.Cim;

public sealed class CimInstanceTests
{
    [Theory]
    [InlineData("true", true)]
    [InlineData("TRUE", true)]
    [InlineData("1", true)]
    [InlineData(" true\n", true)]
    [InlineData("false", false)]
    [InlineData("FALSE", false)]
    [InlineData("0", false)]
    public void Boolean_reads_what_each_server_writes(string text, bool value) =>
        Assert.Equal(value, With(CimValue.Of(text)).Boolean("P"));

    [Theory]
    [InlineData("")]
    [InlineData("yes")]
    [InlineData("2")]
    public void Boolean_refuses_what_is_none_and_names_the_property(string text)
    {
        CimFormatException error = Assert.Throws<CimFormatException>(() => With(CimValue.Of(text)).Boolean("P"));

        Assert.Equal(NestVirtErrorKind.ProbeOutputInvalid, error.Kind);
        Assert.Contains("Msvm_X.P", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NULL_and_absent_read_alike_and_are_told_apart()
    {
        CimInstance instance = With(null);

        Assert.True(instance.Has("p"));
        Assert.False(instance.Has("Other"));
        foreach (string name in new[] { "P", "Other" })
        {
            Assert.Null(instance[name]);
            Assert.Null(instance.Text(name));
            Assert.Null(instance.Boolean(name));
            Assert.Null(instance.Number(name));
            Assert.Null(instance.Instant(name));
            Assert.Null(instance.Interval(name));
            Assert.Null(instance.Reference(name));
            Assert.Empty(instance.Texts(name));
            Assert.Empty(instance.Numbers(name));
            Assert.Empty(instance.Instances(name));
        }
    }

    [Fact]
    public void Names_of_properties_are_found_in_any_case() => Assert.Equal("v", With(CimValue.Of("v")).Text("p"));

    [Theory]
    [InlineData("0", 0ul)]
    [InlineData(" 42\n", 42ul)]
    [InlineData("18446744073709551615", ulong.MaxValue)]
    public void Number_reads_whole_numbers(string text, ulong number) =>
        Assert.Equal(number, With(CimValue.Of(text)).Number("P"));

    [Theory]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.0")]
    [InlineData("")]
    [InlineData("18446744073709551616")]
    [InlineData("٤٢")]
    public void Number_refuses_others(string text) =>
        Assert.Throws<CimFormatException>(() => With(CimValue.Of(text)).Number("P"));

    [Fact]
    public void An_array_gives_its_items_without_those_that_are_NULL_and_a_single_value_is_one_item()
    {
        CimInstance array = With(new CimValue.Array(CimType.UInt32, [CimValue.Of("1"), null, CimValue.Of("3")]));

        Assert.Equal(["1", "3"], array.Texts("P"));
        Assert.Equal([1ul, 3ul], array.Numbers("P"));
        Assert.Equal([7ul], With(CimValue.Of("7")).Numbers("P"));
        Assert.Throws<CimFormatException>(() => array.Text("P"));
    }

    [Fact]
    public void A_time_that_never_was_is_none_and_other_text_is_an_error()
    {
        Assert.Null(With(CimValue.Of("1601-01-01T00:00:00Z")).Instant("P"));
        Assert.Equal(
            new DateTimeOffset(2025, 12, 17, 9, 55, 22, TimeSpan.Zero),
            With(CimValue.Of("2025-12-17T09:55:22Z")).Instant("P")
        );
        Assert.Throws<CimFormatException>(() => With(CimValue.Of("soon")).Instant("P"));
        Assert.Equal(TimeSpan.FromSeconds(100), With(CimValue.Of("P0DT0H1M40S")).Interval("P"));
        Assert.Throws<CimFormatException>(() => With(CimValue.Of("soon")).Interval("P"));
    }

    [Fact]
    public void A_reference_is_read_from_a_path_as_well()
    {
        CimPath path = CimPath.Of("root/cimv2", "X", ("A", "1"));

        Assert.Equal(path, With(CimValue.Of(path)).Reference("P"));
        Assert.Equal(path, With(CimValue.Of("\\\\HV1\\root\\cimv2:X.A=\"1\"")).Reference("P"));
        Assert.Throws<CimFormatException>(() => With(CimValue.Of("C:\\a.vhdx")).Reference("P"));
    }

    [Fact]
    public void Instances_gives_one_and_an_array_of_them()
    {
        CimInstance inner = new("Msvm_Error");

        Assert.Equal([inner], With(new CimValue.Embedded(inner)).Instances("P"));
        Assert.Equal(
            [inner],
            With(new CimValue.Array(CimType.Instance, [null, new CimValue.Embedded(inner)])).Instances("P")
        );
        Assert.Throws<CimFormatException>(() => With(CimValue.Of("x")).Instances("P"));
    }

    [Fact]
    public void An_error_shows_text_of_the_host_without_what_a_terminal_obeys() =>
        Assert.DoesNotContain(
            '\u001b',
            Assert.Throws<CimFormatException>(() => With(CimValue.Of("\u001b[2J")).Number("P")).Message
        );

    private static CimInstance With(CimValue? value) => new("Msvm_X") { ["P"] = value };
}
