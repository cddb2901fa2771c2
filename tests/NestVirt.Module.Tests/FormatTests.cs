using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using NestVirt.Hosts;

namespace NestVirt.Module.Tests;

public sealed partial class FormatTests
{
    private const string Ending = ".Format.ps1xml";

    [Fact]
    public void Every_record_that_a_cmdlet_writes_has_a_format_file() =>
        Assert.All(
            CmdletClass.All.SelectMany(static cmdlet => cmdlet.OutputTypes).Where(IsRecord),
            static type => Assert.Contains(type.FullName, Repository.NamesIn("Formats", Ending))
        );

    [Fact]
    public void Every_format_file_is_loaded_and_every_loaded_one_is_there()
    {
        Assert.Equal(
            Repository.NamesIn("Formats", Ending).Select(static name => $"Formats/{name}{Ending}"),
            Repository.ManifestList("FormatsToProcess")
        );
        Assert.Equal(["Formats/NestVirt.Types.ps1xml"], Repository.ManifestList("TypesToProcess"));
    }

    [Fact]
    public void Every_view_has_the_name_of_its_file_and_of_a_record() =>
        Assert.All(
            Repository.NamesIn("Formats", Ending),
            static name =>
            {
                XDocument views = Load(name + Ending);
                Assert.NotNull(typeof(HostTarget).Assembly.GetType(name));
                Assert.All(views.Descendants("View"), view => Assert.Equal(name, (string?)view.Element("Name")));
                Assert.All(
                    views.Descendants("ViewSelectedBy"),
                    view =>
                        Assert.Equal([name, $"Deserialized.{name}"], view.Elements().Select(static type => type.Value))
                );
            }
        );

    [Fact]
    public void Every_property_of_a_view_exists() =>
        Assert.All(
            Repository.NamesIn("Formats", Ending),
            static name =>
            {
                Type record = typeof(HostTarget).Assembly.GetType(name)!;
                Assert.All(
                    Load(name + Ending).Descendants("PropertyName"),
                    property => AssertProperty(record, property.Value)
                );
            }
        );

    [Fact]
    public void Every_label_of_a_view_is_a_property() =>
        Assert.All(
            Repository.NamesIn("Formats", Ending),
            static name =>
            {
                Type record = typeof(HostTarget).Assembly.GetType(name)!;
                Assert.All(Load(name + Ending).Descendants("Label"), label => AssertProperty(record, label.Value));
            }
        );

    [Fact]
    public void Every_script_of_a_view_runs_in_a_constrained_session() =>
        Assert.All(
            Repository
                .NamesIn("Formats", Ending)
                .SelectMany(static name => Load(name + Ending).Descendants("ScriptBlock")),
            static script => Assert.DoesNotMatch(MethodCall(), script.Value)
        );

    [Fact]
    public void Every_table_starts_with_the_host_and_has_as_many_cells_as_headers() =>
        Assert.All(
            CmdletClass.All.SelectMany(static cmdlet => cmdlet.OutputTypes).Where(IsRecord),
            static type =>
            {
                XElement table = Load(type.FullName + Ending).Descendants("TableControl").Single();
                XElement[] headers = [.. table.Descendants("TableColumnHeader")];

                Assert.Equal("HostName", (string?)headers[0].Element("Label"));
                Assert.InRange(headers.Length, 4, 6);
                Assert.Equal(headers.Length, table.Descendants("TableColumnItem").Count());
            }
        );

    [Fact]
    public void Every_table_measures_its_columns_and_wraps() =>
        Assert.All(
            Repository.NamesIn("Formats", Ending),
            static name =>
            {
                XElement table = Load(name + Ending).Descendants("TableControl").Single();
                Assert.NotNull(table.Element("AutoSize"));
                Assert.Single(table.Descendants("Wrap"));
                Assert.Empty(table.Descendants("Width"));
            }
        );

    [Fact]
    public void Every_table_ends_in_a_column_whose_text_starts_at_its_label() =>
        Assert.All(
            Repository.NamesIn("Formats", Ending),
            static name => Assert.Null(Load(name + Ending).Descendants("TableColumnHeader").Last().Element("Alignment"))
        );

    [Fact]
    public void Every_property_of_the_type_data_exists() =>
        Assert.All(
            Load("NestVirt.Types.ps1xml").Descendants("Type"),
            static type =>
            {
                Type record = typeof(HostTarget).Assembly.GetType((string)type.Element("Name")!)!;
                Assert.All(
                    type.Descendants("ReferencedProperties").SelectMany(static list => list.Elements("Name")),
                    property => AssertProperty(record, property.Value)
                );
            }
        );

    private static bool IsRecord(Type type) => type.Namespace is "NestVirt.Model" or "NestVirt.Planning";

    private static XDocument Load(string file) => XDocument.Load(Repository.PathOf("Formats", file));

    // Follows a path such as "Nested.Effective"; an empty one is the record itself.
    private static Type AssertProperty(Type record, string path)
    {
        Type type = record;
        foreach (string name in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            PropertyInfo? property = type.GetProperty(name);
            Assert.True(property is not null, $"{type.Name} has no property {name}.");
            type = property.PropertyType;
        }

        return type;
    }

    [GeneratedRegex(@"::|\.\w+\(")]
    private static partial Regex MethodCall();
}
