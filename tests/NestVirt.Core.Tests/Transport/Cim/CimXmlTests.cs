using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using NestVirt.Transport.Cim;

namespace NestVirt.Core.Tests.Transport.Cim;

public sealed class CimXmlTests
{
    private const string Virtualization = "root/virtualization/v2";

    // What libvirt and go-wsman send for ModifyResourceSettings, and Hyper-V takes.
    private const string Processor =
        """<INSTANCE CLASSNAME="Msvm_ProcessorSettingData"><PROPERTY NAME="InstanceID" TYPE="string"><VALUE>Microsoft:11111111-2222-3333-4444-555555555555\b637f346-6a0e-4dec-af52-bd70cb80a21d\0</VALUE></PROPERTY><PROPERTY NAME="ExposeVirtualizationExtensions" TYPE="boolean"><VALUE>true</VALUE></PROPERTY></INSTANCE>""";

    [Fact]
    public void Write_gives_what_a_method_of_Hyper_V_takes()
    {
        CimInstance instance = new("Msvm_ProcessorSettingData")
        {
            ["InstanceID"] = CimValue.Of(
                @"Microsoft:11111111-2222-3333-4444-555555555555\b637f346-6a0e-4dec-af52-bd70cb80a21d\0"
            ),
            ["ExposeVirtualizationExtensions"] = CimValue.Of(true),
        };

        Assert.Equal(Processor, CimXml.Write(instance));
    }

    [Fact]
    public void Write_gives_arrays_NULL_references_and_instances_as_DSP0201_has_them()
    {
        CimInstance instance = new("X")
        {
            ["A"] = new CimValue.Array(CimType.String, [CimValue.Of("a & b"), null]),
            ["N"] = null,
            ["R"] = CimValue.Of(CimPath.Of("root/cimv2", "Y", ("K", "1"))),
            ["E"] = new CimValue.Embedded(new CimInstance("Z")),
        };

        Assert.Equal(
            """<INSTANCE CLASSNAME="X"><PROPERTY.ARRAY NAME="A" TYPE="string"><VALUE.ARRAY><VALUE>a &amp; b</VALUE><VALUE.NULL /></VALUE.ARRAY></PROPERTY.ARRAY>"""
                + """<PROPERTY NAME="N" TYPE="string" />"""
                + """<PROPERTY.REFERENCE NAME="R"><VALUE.REFERENCE><LOCALINSTANCEPATH><LOCALNAMESPACEPATH><NAMESPACE NAME="root" /><NAMESPACE NAME="cimv2" /></LOCALNAMESPACEPATH><INSTANCENAME CLASSNAME="Y"><KEYBINDING NAME="K"><KEYVALUE VALUETYPE="string" TYPE="string">1</KEYVALUE></KEYBINDING></INSTANCENAME></LOCALINSTANCEPATH></VALUE.REFERENCE></PROPERTY.REFERENCE>"""
                + """<PROPERTY NAME="E" TYPE="string" EmbeddedObject="instance"><VALUE>&lt;INSTANCE CLASSNAME="Z" /&gt;</VALUE></PROPERTY></INSTANCE>""",
            CimXml.Write(instance)
        );
    }

    [Fact]
    public void Read_gives_several_instances_and_passes_over_what_it_does_not_need()
    {
        // The form of GetErrorEx and GetVirtualHardDiskSettingData: qualifiers, origins, more than one root (DSP0201).
        const string Text = """
            <INSTANCE CLASSNAME="Msvm_Error"><QUALIFIER NAME="dynamic" TYPE="boolean"><VALUE>TRUE</VALUE></QUALIFIER>
            <PROPERTY NAME="Message" CLASSORIGIN="CIM_Error" PROPAGATED="true" TYPE="string"><QUALIFIER NAME="Q" TYPE="string"><VALUE>q</VALUE></QUALIFIER><VALUE>It failed.</VALUE></PROPERTY>
            <PROPERTY NAME="ErrorSource" TYPE="string"></PROPERTY>
            <PROPERTY.ARRAY NAME="Codes" TYPE="uint16"><VALUE.ARRAY><VALUE>1</VALUE><VALUE.NULL/><VALUE>3</VALUE></VALUE.ARRAY></PROPERTY.ARRAY></INSTANCE>
            <!-- another --><INSTANCE CLASSNAME="Msvm_Other"/>
            """;

        Assert.Equal(
            [
                "Msvm_Error{Message=String'It failed.';ErrorSource=NULL;Codes=UInt16[UInt16'1',NULL,UInt16'3']}",
                "Msvm_Other{}",
            ],
            CimXmlReader.Read(Text, Virtualization).Select(CimText.Of)
        );
    }

    [Fact]
    public void Read_gives_a_reference_without_a_namespace_that_of_the_call()
    {
        const string Text =
            """<INSTANCE CLASSNAME="X"><PROPERTY.REFERENCE NAME="R" REFERENCECLASS="Y"><VALUE.REFERENCE><INSTANCENAME CLASSNAME="Y"><KEYBINDING NAME="K"><KEYVALUE VALUETYPE="numeric">7</KEYVALUE></KEYBINDING></INSTANCENAME></VALUE.REFERENCE></PROPERTY.REFERENCE></INSTANCE>""";

        Assert.Equal(
            "X{R=<root/virtualization/v2:Y K=UInt64'7'>}",
            CimText.Of(Assert.Single(CimXmlReader.Read(Text, Virtualization)))
        );
    }

    [Property]
    public Property What_is_written_is_read_back() =>
        Prop.ForAll(
            Instance(2).ToArbitrary(),
            static instance =>
                CimXmlReader.Read(CimXml.Write(instance), Virtualization) is [CimInstance read]
                && CimText.Of(read) == CimText.Of(instance)
        );

    [Theory]
    [Trait("Category", "Security")]
    [InlineData("""<!DOCTYPE x [<!ENTITY a "b">]><INSTANCE CLASSNAME="X"/>""")]
    [InlineData("""<INSTANCE CLASSNAME="X"><PROPERTY NAME="P" TYPE="string"><VALUE>""")]
    [InlineData(
        """<INSTANCE CLASSNAME="X"><PROPERTY NAME="P" TYPE="string"><VALUE>a<b/>c</VALUE></PROPERTY></INSTANCE>"""
    )]
    [InlineData("""<CLASS NAME="X"/>""")]
    [InlineData("no XML")]
    [InlineData("""<INSTANCE CLASSNAME="X"/>and more""")]
    [InlineData(
        """<INSTANCE CLASSNAME="X"><PROPERTY.REFERENCE NAME="R"><VALUE.REFERENCE><INSTANCENAME CLASSNAME="Y">"""
    )]
    public void Read_refuses_other_texts(string text) =>
        Assert.Throws<CimFormatException>(() => CimXmlReader.Read(text, Virtualization));

    [Fact]
    [Trait("Category", "Security")]
    public void Read_refuses_instances_that_lie_too_deep_in_each_other()
    {
        CimInstance instance = new("X");
        for (int depth = 0; depth < 12; depth++)
        {
            instance = new("X") { ["P"] = new CimValue.Embedded(instance) };
        }

        Assert.Throws<CimFormatException>(() => CimXmlReader.Read(CimXml.Write(instance), Virtualization));
    }

    [Fact]
    public void Read_passes_over_elements_that_lie_very_deep()
    {
        string deep =
            string.Concat(Enumerable.Repeat("<Q>", 50_000)) + string.Concat(Enumerable.Repeat("</Q>", 50_000));

        Assert.Equal(
            "X{}",
            CimText.Of(
                Assert.Single(CimXmlReader.Read($"""<INSTANCE CLASSNAME="X">{deep}</INSTANCE>""", Virtualization))
            )
        );
    }

    [Fact]
    [Trait("Category", "Security")]
    public void Read_refuses_references_that_lie_too_deep_in_each_other()
    {
        const string Open = """<VALUE.REFERENCE><INSTANCENAME CLASSNAME="Y"><KEYBINDING NAME="K">""";
        const string Close = "</KEYBINDING></INSTANCENAME></VALUE.REFERENCE>";
        string Text(int depth) =>
            $"""<INSTANCE CLASSNAME="X"><PROPERTY.REFERENCE NAME="R">{string.Concat(Enumerable.Repeat(Open, depth))}{string.Concat(Enumerable.Repeat(Close, depth))}</PROPERTY.REFERENCE></INSTANCE>""";

        Assert.Single(CimXmlReader.Read(Text(3), Virtualization));
        Assert.Throws<CimFormatException>(() => CimXmlReader.Read(Text(10_000), Virtualization));
    }

    [Fact]
    public void Write_says_what_no_message_can_carry() =>
        Assert.Throws<NestVirtException>(() => CimXml.Write(new CimInstance("X") { ["P"] = CimValue.Of("a\ud800b") }));

    private static Gen<string> Text() =>
        ArbMap
            .Default.GeneratorFor<NonNull<string>>()
            .Select(static text => new string([.. text.Get.Where(static unit => !char.IsSurrogate(unit))]))
            .Or(
                Gen.Elements(
                    "\r\n",
                    "\0",
                    "\u0001\u001b",
                    "]]>",
                    "<a>&amp;",
                    "\u202e",
                    "\ufffe\uffff",
                    " ",
                    "\U0001F600",
                    "\t"
                )
            );

    private static Gen<CimType> PlainType() =>
        Gen.Elements(Enum.GetValues<CimType>().Where(static type => type < CimType.Reference));

    private static Gen<CimValue> Scalar() =>
        from type in PlainType()
        from text in Text()
        select (CimValue)new CimValue.Scalar(type, text);

    private static Gen<CimPath> Path(int depth) =>
        from className in Gen.Elements("Msvm_X", "CIM_Y")
        from names in Gen.SubListOf("A", "B", "C")
        from values in (depth == 0 ? Scalar() : Scalar().Or(Path(depth - 1).Select(CimValue.Of))).ArrayOf(3)
        select new CimPath(
            "root/cimv2",
            className,
            [.. names.Zip(values, static (name, value) => new KeyValuePair<string, CimValue>(name, value))]
        );

    private static Gen<CimValue?> Value(int depth)
    {
        Gen<CimValue?> array =
            from type in PlainType()
            from items in Text()
                .Select(text => (CimValue?)new CimValue.Scalar(type, text))
                .Or(Gen.Constant<CimValue?>(null))
                .ArrayOf()
            select (CimValue?)new CimValue.Array(type, items);
        Gen<CimValue?> plain = Gen.OneOf(
            Scalar().Select(static value => (CimValue?)value),
            array,
            Path(1).Select(static path => (CimValue?)CimValue.Of(path)),
            Gen.Constant<CimValue?>(null)
        );
        if (depth == 0)
        {
            return plain;
        }

        Gen<CimValue?> inner = Instance(depth - 1)
            .Select(static instance => (CimValue?)new CimValue.Embedded(instance));
        Gen<CimValue?> inners = inner
            .Or(Gen.Constant<CimValue?>(null))
            .ArrayOf(2)
            .Select(static items => (CimValue?)new CimValue.Array(CimType.Instance, items));
        return Gen.OneOf(plain, inner, inners);
    }

    private static Gen<CimInstance> Instance(int depth) =>
        from className in Gen.Elements("Msvm_X", "CIM_\"Y\"\n")
        from names in Gen.SubListOf("A", "b", "C<&>", "\t", "e\u0308")
        from values in Value(depth).ArrayOf(5)
        select Make(className, names, values);

    private static CimInstance Make(string className, IEnumerable<string> names, CimValue?[] values)
    {
        CimInstance instance = new(className);
        foreach ((string name, CimValue? value) in names.Zip(values))
        {
            instance.Set(name, value);
        }

        return instance;
    }
}
