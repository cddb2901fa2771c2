using System.Xml.Linq;
using NestVirt.HelpBuilder;
using NestVirt.PowerShell.Commands;

namespace NestVirt.Module.Tests.Help;

public sealed class HelpBuilderTests : IDisposable
{
    private readonly HelpPages _pages = new();

    public void Dispose() => _pages.Dispose();

    [Fact]
    public void The_pages_of_the_module_describe_every_parameter_of_every_cmdlet() =>
        Assert.Empty(
            HelpFolder.Build(
                Repository.PathOf("docs", "en-US"),
                typeof(GetNestedSupportCommand).Assembly,
                Path.Combine(AppContext.BaseDirectory, "help"),
                "https://example.org/help"
            )
        );

    [Theory]
    [InlineData("### -NoSudo\n\nDoes", "### -Sudo\n\nDoes", "Get-Sample.md(25): Get-Sample has no parameter -Sudo;*")]
    [InlineData(
        "### -NoSudo\n\nDoes not use `sudo -n`.",
        "",
        "Get-Sample.md(21): -NoSudo has no text; write it below*"
    )]
    [InlineData("Does not use `sudo -n`.", "", "Get-Sample.md(25): -NoSudo has no text; write it below*")]
    [InlineData(
        "## INPUTS",
        "### -NoSudo\n\nTwice.\n\n## INPUTS",
        "Get-Sample.md(29): -NoSudo is described in line 25 too;*"
    )]
    [InlineData(
        "shared/hosts.md",
        "shared/guests.md",
        "Get-Sample.md(23): there is no page shared/guests.md to include;*"
    )]
    [InlineData(
        "shared/hosts.md",
        "shared/hosts.md#none",
        "Get-Sample.md(23): shared/hosts.md has no heading that #none names;*"
    )]
    [InlineData("## NOTES", "## HINTS", "Get-Sample.md(1): there is no section NOTES; add the heading '## NOTES'")]
    [InlineData("# Get-Sample\n", "# Get-Simple\n", "Get-Sample.md(1): the heading is not the name of the cmdlet;*")]
    [InlineData(
        "(Get-Sample.md)",
        "(Get-Simple.md)",
        "Get-Sample.md(41): the link goes to Get-Simple.md, which is not there;*"
    )]
    [InlineData(
        "System.String",
        "System.Int32",
        "Get-Sample.md(33): System.Int32 is none of its OUTPUTS, which are: System.String"
    )]
    [InlineData(
        "Gets samples.",
        "Gets <samples>.",
        "Get-Sample.md(5): help has no form for <samples>; write it as code:*"
    )]
    [InlineData("```\n\nIt", "It", "Get-Sample.md(15): the code fence is not closed;*")]
    public void A_mistake_is_told_with_its_line_and_what_to_do(string text, string mistake, string expected)
    {
        _pages.Replace(HelpPages.Page, text, mistake);

        AssertLike(expected, _pages.Errors());
    }

    [Fact]
    public void A_page_of_no_cmdlet_and_a_cmdlet_of_no_page_are_told()
    {
        _pages.Replace(HelpPages.Page, "- [Get-Sample](Get-Sample.md)", string.Empty);
        File.Move(_pages.PathOf(HelpPages.Page), _pages.PathOf("Get-Simple.md"));

        string[] errors = _pages.Errors();

        AssertLike("Get-Simple.md(1): the module has no cmdlet Get-Simple;*", errors[..1]);
        AssertLike("Get-Sample.md(1): there is no page for Get-Sample; write it", errors[1..]);
    }

    [Fact]
    public void A_shared_text_that_no_cmdlet_needs_is_told()
    {
        _pages.Replace("shared/hosts.md", "### -Port", "### -Prot");

        Assert.Contains(
            "shared/hosts.md(7): no cmdlet has a parameter -Prot; remove the text or mend the name",
            _pages.Errors()
        );
    }

    [Fact]
    public void Pages_that_include_one_another_are_told()
    {
        _pages.Replace("shared/hosts.md", "The hosts.", "[Again](hosts.md)");

        AssertLike("shared/hosts.md(5): hosts.md includes itself in the end;*", _pages.Errors()[..1]);
    }

    [Fact]
    public void Nothing_is_written_where_there_is_a_mistake()
    {
        _pages.Replace(HelpPages.Page, "### -NoSudo", "### -Sudo");

        Assert.NotEmpty(_pages.Errors());
        Assert.False(Directory.Exists(_pages.PathOf("made")));
    }

    [Fact]
    public void The_text_of_a_page_replaces_the_shared_one_and_can_hold_it()
    {
        _pages.Replace(
            HelpPages.Page,
            "## INPUTS",
            "### -Root\n\n[-Root](shared/hosts.md#-root)\n\nOnly read.\n\n## INPUTS"
        );

        Assert.Equal(["The directory.", "Only read."], Paragraphs(Parameter("Root")));
        Assert.Equal(["The hosts."], Paragraphs(Parameter("HostName")));
    }

    [Fact]
    public void Syntax_types_aliases_and_defaults_are_those_of_the_assembly()
    {
        XElement[] sets = [.. Named(_pages.Maml(), "syntaxItem")];

        Assert.Equal(
            [
                ["HostName:False:0", "Port:False:named", "NoSudo:False:named"],
                ["Root:True:named", "Port:False:named", "NoSudo:False:named"],
            ],
            sets.Select(static set =>
                Named(set, "parameter")
                    .Select(static parameter =>
                        $"{Name(parameter)}:{(bool)parameter.Attribute("required")!}:{(string)parameter.Attribute("position")!}"
                    )
            )
        );
        Assert.Equal("CN", (string?)Parameter("HostName").Attribute("aliases"));
        Assert.Equal("true", (string?)Parameter("HostName").Attribute("globbing"));
        Assert.Equal("System.Int32", Name(Named(Parameter("Port"), "type").Single()));
        Assert.Equal("22", Named(Parameter("Port"), "defaultValue").Single().Value);
        Assert.Equal("False", Named(Parameter("NoSudo"), "defaultValue").Single().Value);
    }

    [Fact]
    public void Code_tables_lists_and_links_are_text_that_a_terminal_shows()
    {
        _pages.Replace(
            HelpPages.Page,
            "The cmdlet gets samples.",
            """
            See [the *kernel*](https://kernel.org) and
            [Get-Sample](Get-Sample.md), `a <b>` & more.

            - one
              line
            - two

            1. first
            2. second

            | name | value |
            | ---- | ----- |
            | a    | long one |
            | bcdef | `x` |

            ```
            indented
              code
            ```
            """
        );

        Assert.Equal(
            [
                "See the kernel (https://kernel.org) and Get-Sample, a <b> & more.",
                "- one line\n- two",
                "1. first\n2. second",
                "name   value\n-----  --------\na      long one\nbcdef  x",
                "indented\n  code",
            ],
            Paragraphs(_pages.Maml())
        );
    }

    [Fact]
    public void An_example_keeps_its_lines_apart_from_its_words()
    {
        _pages.Replace(HelpPages.Page, "It is one.", "```output\nName\n----\n```\n\nIt is one.\nTwo.");

        XElement example = Named(_pages.Maml(), "example").Single();

        Assert.Equal("--------- Example 1: One ---------", Named(example, "title").Single().Value);
        Assert.Equal("PS> Get-Sample\n\nName\n----", Named(example, "code").Single().Value);
        Assert.Equal(["It is one. Two."], Named(example, "para").Select(static para => para.Value));
    }

    [Fact]
    public void A_topic_is_wrapped_text_whose_code_and_lists_stay_lines()
    {
        string long60 = string.Join(' ', Enumerable.Repeat("words", 20));
        _pages.Write(
            "about_Sample.help.md",
            $"# about_Sample\n\n## SHORT DESCRIPTION\n\nShort.\n\n### Part\n\n{long60}\n\n- item\n\n```\ncode\n```\n"
        );

        Assert.Empty(_pages.Errors());

        string half = string.Join(' ', Enumerable.Repeat("words", 12));
        string rest = string.Join(' ', Enumerable.Repeat("words", 8));
        Assert.Equal(
            $"TOPIC\n    about_Sample\n\nSHORT DESCRIPTION\n    Short.\n\n  Part\n    {half}\n    {rest}\n\n    - item\n\n        code\n",
            File.ReadAllText(_pages.PathOf("made/about_Sample.help.txt"))
        );
    }

    private static void AssertLike(string pattern, string[] errors)
    {
        string error = Assert.Single(errors);
        if (pattern.EndsWith('*'))
        {
            Assert.StartsWith(pattern[..^1], error, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(pattern, error);
        }
    }

    private XElement Parameter(string name) =>
        Named(_pages.Maml(), "parameters").Elements().Single(parameter => Name(parameter) == name);

    private static string Name(XElement element) => Named(element, "name").First().Value;

    private static IEnumerable<XElement> Named(XElement element, string name) =>
        element.Descendants().Where(inner => inner.Name.LocalName == name);

    private static IEnumerable<string> Paragraphs(XElement element) =>
        element
            .Elements()
            .Single(static inner => inner.Name.LocalName == "description")
            .Elements()
            .Select(static para => para.Value);
}
