using NestVirt.Linux.DomainXml;

namespace NestVirt.Core.Tests.Linux.DomainXml;

public sealed class DomainDocumentTests
{
    [Fact]
    public void Each_definition_of_libvirt_is_read_and_stands_where_the_text_says()
    {
        IReadOnlyList<(string Name, string Text)> corpus = DomainCorpus.Read();
        Assert.True(corpus.Count > 600, $"{corpus.Count}");
        foreach ((string name, string text) in corpus)
        {
            DomainDocument document = DomainDocument.Parse(text);
            Assert.True(text == document.Text, name);
            Check(document, document.Root);
        }
    }

    [Fact]
    public void What_is_put_into_a_definition_of_libvirt_and_taken_away_again_leaves_no_trace()
    {
        int tried = 0;
        foreach ((string name, string text) in DomainCorpus.Read())
        {
            DomainDocument document = DomainDocument.Parse(text);
            foreach (DomainElement parent in document.Root.Children.Where(static child => child.Children.Count > 0))
            {
                DomainDocument more = document.Insert(parent, "nestvirt", [("a", "<'\">&\t")], parent.Children[0].Name);
                DomainElement added = Assert.Single(Descendants(more.Root), static element => element.Is("nestvirt"));
                Assert.Equal("<'\">&\t", added.Value("a"));
                Assert.True(text == more.Remove(added).Text, name);
                tried++;
            }
        }

        Assert.True(tried > 1000, $"{tried}");
    }

    [Theory]
    [InlineData(
        "<domain>\n  <cpu mode='a'/>\n</domain>\n",
        "<domain>\n  <cpu mode='a'>\n    <x b='1'/>\n  </cpu>\n</domain>\n"
    )]
    [InlineData("<domain>\r\n\t<cpu/>\r\n</domain>", "<domain>\r\n\t<cpu>\r\n\t\t<x b='1'/>\r\n\t</cpu>\r\n</domain>")]
    [InlineData("<domain><cpu /></domain>", "<domain><cpu><x b='1'/></cpu></domain>")]
    [InlineData("<domain a=\"1\"><cpu></cpu></domain>", "<domain a=\"1\"><cpu><x b=\"1\"/></cpu></domain>")]
    [InlineData("<domain>\n <cpu>\n </cpu>\n</domain>", "<domain>\n <cpu>\n  <x b='1'/>\n </cpu>\n</domain>")]
    [InlineData(
        "<domain>\n <cpu>\n  <model>q</model> <!-- why -->\n  <numa/>\n </cpu>\n</domain>",
        "<domain>\n <cpu>\n  <model>q</model> <!-- why -->\n  <x b='1'/>\n  <numa/>\n </cpu>\n</domain>"
    )]
    [InlineData(
        "<domain>\n <cpu> <!-- the -->\n  <!-- cells -->\n  <numa/>\n </cpu>\n</domain>",
        "<domain>\n <cpu> <!-- the -->\n  <x b='1'/>\n  <!-- cells -->\n  <numa/>\n </cpu>\n</domain>"
    )]
    [InlineData(
        "<domain xmlns:q='u'><q:cpu/><metadata><cpu xmlns='v'/></metadata><cpu><q:model/></cpu></domain>",
        "<domain xmlns:q='u'><q:cpu/><metadata><cpu xmlns='v'/></metadata><cpu><x b='1'/><q:model/></cpu></domain>"
    )]
    public void Insert_takes_the_layout_of_what_is_beside_it(string text, string expected)
    {
        DomainDocument document = DomainDocument.Parse(text);
        Assert.Equal(expected, document.Insert(document.Root.Find("cpu")!, "x", [("b", "1")], "model").Text);
    }

    [Theory]
    [InlineData("<domain a='1'/>", "b", "2", "<domain a='1' b='2'/>")]
    [InlineData("<domain a='1'/>", "a", "2'", "<domain a='2&apos;'/>")]
    [InlineData("<domain a=\"1\"\n\tc=\"3>\" />", "b", "2'", "<domain a=\"1\" b=\"2'\"\n\tc=\"3>\" />")]
    [InlineData("<domain c = '1'/>", "b", "2", "<domain b='2' c = '1'/>")]
    [InlineData("<domain\n  a='1'\n  c='1'/>", "a", null, "<domain\n  c='1'/>")]
    [InlineData("<domain a='&#49;'/>", "a", "1", "<domain a='&#49;'/>")]
    [InlineData("<domain/>", "b", null, "<domain/>")]
    [InlineData(
        "\uFEFF<?xml version='1.0'?><!-- <domain a='x'> --><domain/>",
        "b",
        "2",
        "\uFEFF<?xml version='1.0'?><!-- <domain a='x'> --><domain b='2'/>"
    )]
    public void SetAttribute_changes_what_stands_between_the_quotes(
        string text,
        string name,
        string? value,
        string expected
    )
    {
        DomainDocument document = DomainDocument.Parse(text);
        Assert.Equal(expected, document.SetAttribute(document.Root, name, value, "a").Text);
    }

    [Theory]
    [InlineData("<domain>\n  <a/>\n  <b>x</b>  \n  <c/>\n</domain>", "<domain>\n  <a/>\n  <c/>\n</domain>")]
    [InlineData("<domain><a/><b/><c/></domain>", "<domain><a/><c/></domain>")]
    [InlineData("<domain>\n  <a/>\n  <b/> <!-- why -->\n</domain>", "<domain>\n  <a/>\n   <!-- why -->\n</domain>")]
    [InlineData("<domain>\r\n\t<b/>\r\n</domain>", "<domain>\r\n</domain>")]
    public void Remove_takes_the_line_where_nothing_else_is_in_it(string text, string expected)
    {
        DomainDocument document = DomainDocument.Parse(text);
        Assert.Equal(expected, document.Remove(document.Root.Find("b")!).Text);
    }

    [Theory]
    [InlineData("", 1, 1)]
    [InlineData("<domain>\n <cpu>\n</domain>", 3, 3)]
    [InlineData("<domain>\n <a b='1' b='2'/></domain>", 2, 11)]
    [InlineData("<domain>&nbsp;</domain>", 1, 10)]
    [InlineData("<domain>\n&#0;</domain>", 2, 3)]
    [InlineData("<!-- a -->\n<!DOCTYPE domain [<!ENTITY a 'b'>]><domain>&a;</domain>", 2, 1)]
    [InlineData("<!DOCTYPE domain SYSTEM 'file:///etc/passwd'><domain/>", 1, 1)]
    [InlineData("<domain><q:a/></domain>", 1, 10)]
    [InlineData("<network/>", 1, 1)]
    [InlineData("<domain xmlns='urn:other'/>", 1, 1)]
    [InlineData("<domain/><domain/>", 1, 11)]
    [InlineData("<domain>\u0001</domain>", 1, 9)]
    [InlineData("not XML at all", 1, 1)]
    public void Parse_says_where_it_cannot_read_on(string text, int line, int column)
    {
        DomainXmlException error = Assert.Throws<DomainXmlException>(() => DomainDocument.Parse(text));
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.DoesNotContain("\n", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_ends_where_entities_multiply()
    {
        string entities = string.Concat(
            Enumerable
                .Range(1, 9)
                .Select(static at => $"<!ENTITY a{at} '{string.Concat(Enumerable.Repeat($"&a{at - 1};", 10))}'>")
        );
        string text = $"<?xml version='1.0'?>\n<!DOCTYPE d [<!ENTITY a0 'ha'>{entities}]>\n<domain>&a9;</domain>";
        Assert.Contains(
            "document type",
            Assert.Throws<DomainXmlException>(() => DomainDocument.Parse(text)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Parse_ends_where_it_is_too_deep_or_too_long()
    {
        string deep = string.Concat(Enumerable.Repeat("<a>", 10_000));
        Assert.Contains(
            "256",
            Assert.Throws<DomainXmlException>(() => DomainDocument.Parse($"<domain>{deep}")).Message,
            StringComparison.Ordinal
        );
        string inner = string.Concat(Enumerable.Repeat("<a>", 255)) + string.Concat(Enumerable.Repeat("</a>", 255));
        Assert.Single(DomainDocument.Parse($"<domain>{inner}</domain>").Root.Children);
        Assert.Throws<DomainXmlException>(() => DomainDocument.Parse($"<domain>{new string(' ', 4 << 20)}</domain>"));
    }

    [Fact]
    public void Parse_reads_what_looks_like_tags_as_what_it_is()
    {
        DomainDocument document = DomainDocument.Parse(
            "<domain><!-- <cpu> --><?pi <cpu>?><name>a&amp;\u00e9\ud83d\ude00<![CDATA[<cpu a='1'>]]>&#x1F600;</name><cpu a='/>'  b=\"'\">]]&gt;<c/ ></cpu></domain>".Replace(
                "/ >",
                "/>",
                StringComparison.Ordinal
            )
        );
        Assert.Equal(["name", "cpu"], document.Root.Children.Select(static child => child.Name));
        Assert.Equal("a&\u00e9\ud83d\ude00<cpu a='1'>\ud83d\ude00", document.Root.Find("name")!.Text);
        Assert.Equal("/>", document.Root.Find("cpu")!.Value("a"));
        Assert.Equal("'", document.Root.Find("cpu")!.Value("b"));
        Check(document, document.Root);
    }

    [Fact]
    public void Parse_reads_damaged_definitions_or_says_that_it_cannot()
    {
        const string Text =
            "<domain type='kvm'>\n  <name>a&amp;b</name>\n  <!-- c --><vcpu>2</vcpu>\n  <cpu mode=\"custom\"><model><![CDATA[q]]></model><feature policy='disable' name='vmx'/></cpu>\n</domain>";
        CpuChange change = new()
        {
            Nesting = true,
            Extension = "vmx",
            WindowsHypervisor = true,
        };
        Mutation.Check(
            Text,
            text =>
            {
                try
                {
                    DomainDocument document = DomainDocument.Parse(text);
                    Check(document, document.Root);
                    DomainDocument once = CpuEditor.Edit(document, change).Document;
                    Assert.Equal(once.Text, CpuEditor.Edit(once, change).Document.Text);
                }
                catch (NestVirtException error)
                    when (error.Kind is NestVirtErrorKind.ProbeOutputInvalid or NestVirtErrorKind.ChangeRefused)
                {
                    Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
                }
            }
        );
    }

    private static IEnumerable<DomainElement> Descendants(DomainElement element) =>
        element.Children.SelectMany(static child => Descendants(child).Prepend(child));

    private static void Check(DomainDocument document, DomainElement element)
    {
        string text = document.Text;
        Assert.EndsWith(element.Name, text[(element.Start + 1)..element.Tag.NameEnd], StringComparison.Ordinal);
        Assert.Equal('>', text[element.End - 1]);
        if (!element.IsOneTag)
        {
            Assert.Equal(
                $"</{text[(element.Start + 1)..element.Tag.NameEnd]}",
                text[element.ContentEnd..element.End].TrimEnd(' ', '\t', '\r', '\n', '>')
            );
        }

        foreach (DomainAttribute attribute in element.Attributes)
        {
            XmlAttributeSpan span = attribute.Span;
            Assert.StartsWith(attribute.Name, text[span.Start..span.End], StringComparison.Ordinal);
            Assert.Equal(text[span.ValueStart - 1], text[span.ValueEnd]);
            if (!text[span.ValueStart..span.ValueEnd].AsSpan().ContainsAny("&\t\r\n"))
            {
                Assert.Equal(attribute.Value, text[span.ValueStart..span.ValueEnd]);
            }

            Assert.Same(document, document.SetAttribute(element, attribute.Name, attribute.Value));
        }

        foreach (DomainElement child in element.Children)
        {
            Assert.InRange(child.Start, element.Tag.End, child.End);
            Assert.InRange(child.End, child.Start, element.ContentEnd);
            Check(document, child);
        }
    }
}
