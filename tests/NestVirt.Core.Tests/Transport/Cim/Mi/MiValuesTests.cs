using NestVirt.Transport.Cim;
using NestVirt.Transport.Cim.Mi;

namespace NestVirt.Core.Tests.Transport.Cim.Mi;

public sealed class MiValuesTests
{
    private static readonly CimInstance s_inner = new("Msvm_X") { ["A"] = CimValue.Of("a") };

    public static TheoryData<object, int, string> Scalars =>
        new()
        {
            { "a <b>", (int)CimType.String, "a <b>" },
            { true, (int)CimType.Boolean, "true" },
            { byte.MaxValue, (int)CimType.UInt8, "255" },
            { sbyte.MinValue, (int)CimType.SInt8, "-128" },
            { ushort.MaxValue, (int)CimType.UInt16, "65535" },
            { short.MinValue, (int)CimType.SInt16, "-32768" },
            { uint.MaxValue, (int)CimType.UInt32, "4294967295" },
            { int.MinValue, (int)CimType.SInt32, "-2147483648" },
            { ulong.MaxValue, (int)CimType.UInt64, "18446744073709551615" },
            { long.MinValue, (int)CimType.SInt64, "-9223372036854775808" },
            { 1.5f, (int)CimType.Real32, "1.5" },
            { 1e300, (int)CimType.Real64, "1E+300" },
            { 'ß', (int)CimType.Char16, "ß" },
            { new TimeSpan(1, 2, 3, 4, 5), (int)CimType.DateTime, "00000001020304.005000:000" },
            {
                new DateTime(2026, 7, 29, 14, 10, 59, 467, DateTimeKind.Utc),
                (int)CimType.DateTime,
                "20260729141059.467000+000"
            },
        };

    [Theory]
    [MemberData(nameof(Scalars))]
    public void A_value_of_NET_is_that_of_CIM_and_goes_back(object value, int type, string text)
    {
        CimValue read = Read(value)!;

        Assert.Equal(new CimValue.Scalar((CimType)type, text), read);
        Assert.Equal(value, MiValues.Write(read));
    }

    [Fact]
    public void NULL_is_NULL() => Assert.Null(Read(null));

    [Fact]
    public void A_time_that_never_was_is_read_as_such_wherever_this_machine_is()
    {
        DateTime never = new DateTime(1601, 1, 1, 0, 0, 0, DateTimeKind.Utc).ToLocalTime();

        CimInstance instance = new("Msvm_X") { ["InstallDate"] = Read(never) };

        Assert.Equal("16010101000000.000000+000", instance.Text("InstallDate"));
        Assert.Null(instance.Instant("InstallDate"));
    }

    [Fact]
    public void A_time_of_this_machine_is_the_moment_that_it_was()
    {
        DateTimeOffset moment = new(2026, 11, 29, 21, 0, 0, TimeSpan.Zero);

        CimInstance instance = new("Msvm_X") { ["Time"] = Read(moment.LocalDateTime) };

        Assert.Equal(moment, instance.Instant("Time"));
    }

    [Fact]
    public void Arrays_keep_their_type_also_when_they_are_empty_and_the_places_of_NULL()
    {
        Assert.Equal(
            new CimValue.Array(CimType.String, [CimValue.Of("a"), null, CimValue.Of("b")]),
            Read(new[] { "a", null, "b" })
        );
        Assert.Equal(new CimValue.Array(CimType.UInt16, []), Read(Array.Empty<ushort>()));
        Assert.Equal(
            new CimValue.Array(CimType.UInt8, [CimValue.Of(CimType.UInt8, 1), CimValue.Of(CimType.UInt8, 2)]),
            Read(new byte[] { 1, 2 })
        );
        Assert.Equal(CimType.DateTime, Read(new object[] { TimeSpan.Zero })!.Type);
        Assert.Equal(CimType.DateTime, Read(Array.Empty<object>())!.Type);
    }

    [Fact]
    public void What_is_no_value_of_NET_is_an_instance_alone_and_in_an_array()
    {
        Assert.Same(s_inner, Assert.IsType<CimValue.Embedded>(Read(new Instance())).Instance);

        CimValue.Array many = Assert.IsType<CimValue.Array>(Read(new Instance?[] { null, new() }));

        Assert.Equal(CimType.Instance, many.Type);
        Assert.Null(many.Items[0]);
        Assert.Same(s_inner, Assert.IsType<CimValue.Embedded>(many.Items[1]).Instance);
        Assert.Equal(CimType.Instance, Read(Array.Empty<Instance>())!.Type);
    }

    [Fact]
    public void Instances_go_as_the_text_that_methods_take()
    {
        string text = CimXml.Write(s_inner);

        Assert.Equal(text, MiValues.Write(new CimValue.Embedded(s_inner)));
        Assert.Equal(
            new[] { text, text },
            MiValues.Write(
                new CimValue.Array(CimType.Instance, [new CimValue.Embedded(s_inner), new CimValue.Embedded(s_inner)])
            )
        );
        Assert.Equal<string>(["a", "b"], Assert.IsType<string[]>(MiValues.Write(CimValue.Of(["a", "b"]))));
    }

    [Fact]
    public void Arrays_of_numbers_go_as_arrays_of_their_type() =>
        Assert.Equal(
            new ushort[] { 2, 3 },
            Assert.IsType<ushort[]>(
                MiValues.Write(
                    new CimValue.Array(CimType.UInt16, [CimValue.Of(CimType.UInt16, 2), CimValue.Of(CimType.UInt16, 3)])
                )
            )
        );

    [Fact]
    public void What_MMI_cannot_be_given_is_not_made_something_else()
    {
        Assert.Throws<NotSupportedException>(() => MiValues.Write(new CimValue.Array(CimType.String, [null])));
        Assert.Throws<NotSupportedException>(() => MiValues.Write(CimValue.Of(CimPath.Of("root/cimv2", "X"))));
        Assert.Throws<CimFormatException>(() => MiValues.Write(new CimValue.Scalar(CimType.DateTime, "soon")));
    }

    private static CimValue? Read(object? value) =>
        MiValues.Read(
            value,
            static instance =>
            {
                Assert.IsType<Instance>(instance);
                return new CimValue.Embedded(s_inner);
            }
        );

    private sealed class Instance;
}
