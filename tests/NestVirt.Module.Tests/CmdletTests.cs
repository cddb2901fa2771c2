using System.Management.Automation;
using System.Reflection;
using System.Xml.Linq;
using NestVirt.Changes;

namespace NestVirt.Module.Tests;

public sealed class CmdletTests
{
    private static readonly string[] s_changeVerbs =
    [
        "Set",
        "Enable",
        "Disable",
        "Add",
        "Remove",
        "New",
        "Invoke",
        "Undo",
        "Optimize",
    ];

    [Fact]
    public void Every_exported_cmdlet_is_a_class_and_every_class_is_exported() =>
        Assert.Equal(Names(), Repository.ManifestList("CmdletsToExport").Order(StringComparer.Ordinal));

    [Fact]
    public void Every_cmdlet_has_a_page_and_every_page_a_cmdlet() =>
        Assert.Equal(
            Names(),
            Repository
                .NamesIn("docs/en-US", ".md")
                .Where(static name => !name.StartsWith("about_", StringComparison.Ordinal))
        );

    [Fact]
    public void Every_cmdlet_has_a_Pester_file_and_every_one_of_its_kind_a_cmdlet() =>
        Assert.Equal(
            Names(),
            Repository
                .NamesIn("tests/pester", ".Tests.ps1")
                .Where(static name => name.Contains('-', StringComparison.Ordinal))
        );

    [Fact]
    public void Every_cmdlet_class_is_sealed_and_named_for_its_verb_and_noun() =>
        Assert.All(
            CmdletClass.All,
            static cmdlet =>
            {
                Assert.True(cmdlet.Type.IsSealed);
                Assert.Equal($"{cmdlet.Verb}{cmdlet.Noun}Command", cmdlet.Type.Name);
            }
        );

    [Fact]
    public void Every_cmdlet_says_the_one_type_that_it_writes_and_plans_where_it_can() =>
        Assert.All(
            CmdletClass.All,
            static cmdlet =>
            {
                Type[] types = [.. cmdlet.OutputTypes];
                bool plans = cmdlet.Parameters.Any(static parameter => parameter.Name == "AsPlan");
                Assert.Equal(plans ? [typeof(ChangeResult), typeof(ChangePlan)] : types[..1], types);
            }
        );

    [Fact]
    public void Every_verb_is_approved()
    {
        HashSet<string> approved =
        [
            .. typeof(VerbsCommon)
                .Assembly.GetTypes()
                .Where(static type => type.Name.StartsWith("Verbs", StringComparison.Ordinal))
                .SelectMany(static type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
                .Select(static field => (string)field.GetRawConstantValue()!),
        ];

        Assert.All(CmdletClass.All, cmdlet => Assert.Contains(cmdlet.Verb, approved));
    }

    [Fact]
    public void Every_noun_is_singular() =>
        Assert.All(
            CmdletClass.All,
            static cmdlet =>
                Assert.False(cmdlet.Noun.EndsWith('s') && !cmdlet.Noun.EndsWith("ss", StringComparison.Ordinal))
        );

    [Fact]
    public void What_changes_something_asks_first_and_what_reads_does_not() =>
        Assert.All(
            CmdletClass.All,
            static cmdlet =>
            {
                if (cmdlet.Verb is "Get" or "Test" or "Compare")
                {
                    Assert.False(cmdlet.SupportsShouldProcess, cmdlet.Name);
                }
                else if (s_changeVerbs.Contains(cmdlet.Verb) || cmdlet.Verb == "Export")
                {
                    Assert.True(cmdlet.SupportsShouldProcess, cmdlet.Name);
                }
            }
        );

    [Fact]
    public void Every_parameter_is_a_property_with_a_summary()
    {
        XDocument comments = XDocument.Load(Path.ChangeExtension(CmdletClass.All[0].Type.Assembly.Location, ".xml"));
        HashSet<string> described =
        [
            .. comments
                .Descendants("member")
                .Where(static member => !string.IsNullOrWhiteSpace((string?)member.Element("summary")))
                .Select(static member => (string)member.Attribute("name")!),
        ];

        Assert.All(
            CmdletClass.All.SelectMany(static cmdlet => cmdlet.Parameters),
            parameter =>
            {
                Assert.True(char.IsAsciiLetterUpper(parameter.Name[0]), parameter.Name);
                Assert.Contains($"P:{DocumentedName(parameter.DeclaringType!)}.{parameter.Name}", described);
            }
        );
    }

    [Fact]
    public void No_parameter_stands_for_a_password_in_plain_text() =>
        Assert.All(
            CmdletClass
                .All.SelectMany(static cmdlet => cmdlet.Parameters)
                .Where(static parameter =>
                    parameter.Name.Contains("Password", StringComparison.Ordinal)
                    || parameter.Name.Contains("Passphrase", StringComparison.Ordinal)
                ),
            static parameter => Assert.Equal(typeof(System.Security.SecureString), parameter.PropertyType)
        );

    private static IEnumerable<string> Names() =>
        CmdletClass.All.Select(static cmdlet => cmdlet.Name).Order(StringComparer.Ordinal);

    // HostReadCommand`1 as the compiler's comments have it.
    private static string DocumentedName(Type type) => $"{type.Namespace}.{type.Name}";
}
