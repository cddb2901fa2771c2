using NestVirt.Transport.Cim;

namespace NestVirt.Core.Tests.Transport.Cim;

public sealed class CimTimeTests
{
    // DSP0004 5.2.4 gives the first form; the second was recorded from Windows (r4sd/go-wsman, recorded_computersystem_*).
    [Theory]
    [InlineData("19980525133015.000000-300", "1998-05-25T13:30:15.0000000-05:00")]
    [InlineData("20261128143000.123456+060", "2026-11-28T14:30:00.1234560+01:00")]
    [InlineData("2026-07-29T14:10:59.467886Z", "2026-07-29T14:10:59.4678860+00:00")]
    [InlineData("2026-07-29T14:10:59+02:00", "2026-07-29T14:10:59.0000000+02:00")]
    [InlineData("2026-07-29T14:10:59", "2026-07-29T14:10:59.0000000+00:00")]
    public void ReadInstant_reads_both_forms(string text, string time) =>
        Assert.Equal(time, CimTime.ReadInstant(text)?.ToString("o"));

    [Fact]
    public void ReadInstant_takes_the_least_value_of_what_is_not_told() =>
        Assert.Equal(
            new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
            CimTime.ReadInstant("2026**********.******+000")
        );

    [Theory]
    [InlineData("1601-01-01T00:00:00Z")]
    [InlineData("16010101000000.000000+000")]
    [InlineData("")]
    [InlineData("20269928143000.123456+060")]
    [InlineData("20261128143000.123456+999")]
    [InlineData("2026-07-29")]
    [InlineData("2026-99-29T14:10:59Z")]
    [InlineData("٢٠٢٦-٠٧-٢٩T14:10:59Z")]
    [InlineData("00000000004500.000000:000")]
    [InlineData("yesterday")]
    public void ReadInstant_refuses_a_time_that_never_was_and_other_texts(string text) =>
        Assert.Null(CimTime.ReadInstant(text));

    // The first was recorded (AutomaticStartupActionDelay); the own form is that of DSP0004.
    [Theory]
    [InlineData("P0DT0H1M40S", "00:01:40")]
    [InlineData("P0DT0H45M0S", "00:45:00")]
    [InlineData("PT1M40.5S", "00:01:40.5000000")]
    [InlineData("P2D", "2.00:00:00")]
    [InlineData("00000000004500.000000:000", "00:45:00")]
    [InlineData("00000001132312.000000:000", "1.13:23:12")]
    [InlineData("00000000000000.000001:000", "00:00:00.0000010")]
    public void ReadInterval_reads_both_forms(string text, string time) =>
        Assert.Equal(time, CimTime.ReadInterval(text)?.ToString("c"));

    [Theory]
    [InlineData("P1M")]
    [InlineData("P1Y")]
    [InlineData("-PT1S")]
    [InlineData("")]
    [InlineData("99999999999999.999999:001")]
    [InlineData("20261128143000.123456+060")]
    [InlineData("P99999999DT99999999H99999999M99999999S")]
    public void ReadInterval_refuses_months_and_other_texts(string text) => Assert.Null(CimTime.ReadInterval(text));

    [Fact]
    public void Write_gives_the_form_that_embedded_instances_take()
    {
        Assert.Equal("00000000004500.000000:000", CimTime.Write(TimeSpan.FromMinutes(45)));
        Assert.Equal("00000012010203.000004:000", CimTime.Write(new TimeSpan(12, 1, 2, 3, 0, 4)));
        Assert.Equal(
            "20261128143000.000000+060",
            CimTime.Write(new DateTimeOffset(2026, 11, 28, 14, 30, 0, TimeSpan.FromHours(1)))
        );
        Assert.Equal(
            "19980525133015.000001-300",
            CimTime.Write(new DateTimeOffset(1998, 5, 25, 13, 30, 15, 0, 1, TimeSpan.FromHours(-5)))
        );
    }
}
