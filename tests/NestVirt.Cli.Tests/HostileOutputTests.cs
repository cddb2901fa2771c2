using System.Reflection;
using System.Text;
using NestVirt.Changes;
using NestVirt.Cli.Commands;
using NestVirt.Cli.Output;
using NestVirt.Cli.Tables;
using NestVirt.Hosts;
using NestVirt.Testing;

namespace NestVirt.Cli.Tests;

/// <summary>No output lets a terminal obey a host, whatever texts the records have; new outputs are found by themselves.</summary>
public sealed class HostileOutputTests
{
    private static readonly Type[] s_types = typeof(Page).Assembly.GetTypes();

    /// <summary>Gets what prints for people.</summary>
    public static TheoryData<Type> Tables =>
        [
            .. s_types.Where(static type =>
                type is { IsAbstract: false }
                && SinkOf(type) is not null
                && type.GetConstructors(Flags).Any(static maker => IsOf(maker, typeof(Page)))
            ),
        ];

    /// <summary>Gets the commands that read, each with the columns of its CSV.</summary>
    public static TheoryData<Type> Commands =>
        [
            .. s_types.Where(static type =>
                type is { IsAbstract: false } && ReadOf(type) is not null && type.GetConstructor(Flags, []) is not null
            ),
        ];

    private const BindingFlags Flags = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    [Theory]
    [MemberData(nameof(Tables))]
    [Trait("Category", "Security")]
    public void A_table_shows_nothing_that_a_terminal_obeys_or_hides(Type table)
    {
        using MemoryStream output = new();
        using Page page = new(output, 80);
        object sink = Activator.CreateInstance(table, Flags, null, [page], null)!;
        _ = Print(sink, SinkOf(table)!, output);
        page.Dispose();

        AssertSafe(Encoding.UTF8.GetString(output.ToArray()), '\n');
    }

    [Theory]
    [MemberData(nameof(Commands))]
    [Trait("Category", "Security")]
    public void CSV_and_JSON_show_nothing_that_a_terminal_obeys_or_hides(Type command)
    {
        Type result = ReadOf(command)!;
        object instance = Activator.CreateInstance(command, nonPublic: true)!;
        object columns = command.GetProperty("Columns", Flags | BindingFlags.DeclaredOnly)!.GetValue(instance)!;
        using MemoryStream csv = new();
        string text = Print(
            Activator.CreateInstance(typeof(CsvSink<>).MakeGenericType(result), csv, columns)!,
            typeof(IResultSink<>).MakeGenericType(result),
            csv
        );

        AssertSafe(text.Replace("\r\n", "\n", StringComparison.Ordinal), '\n');
        AssertSafe(JsonOf(result), '\n');
    }

    [Theory]
    [InlineData(typeof(ChangePlan))]
    [InlineData(typeof(ChangeResult))]
    [InlineData(typeof(HostFailure))]
    [Trait("Category", "Security")]
    public void JSON_escapes_what_is_in_steps_and_errors(Type result) => AssertSafe(JsonOf(result), '\n');

    [Fact]
    public void All_outputs_are_found()
    {
        Assert.InRange(Tables.Count, 10, 30);
        Assert.InRange(Commands.Count, 8, 20);
    }

    [Fact]
    public void A_long_name_leaves_the_table_a_table()
    {
        JournalEntry entry = new(Sample.Host, 7, JournalState.Applied) { Who = new string('大', 120) };

        string[] lines = Printed
            .Table(static page => new HistoryTable(page), [Sample.Host], entry, entry with { Who = "root" })
            .Split('\n');

        Assert.StartsWith("ID  WHEN  STATE    WHO", lines[0], StringComparison.Ordinal);
        Assert.Contains("…", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("(the plan cannot be read)", lines[2], StringComparison.Ordinal);
    }

    private static string JsonOf(Type result)
    {
        using MemoryStream json = new();
        object type = typeof(ResultJson)
            .GetMethod(nameof(ResultJson.Of), Flags | BindingFlags.Static)!
            .MakeGenericMethod(result)
            .Invoke(null, [])!;
        return Print(
            Activator.CreateInstance(typeof(JsonSink<>).MakeGenericType(result), json, "schema", type)!,
            typeof(IResultSink<>).MakeGenericType(result),
            json
        );
    }

    private static string Print(object sink, Type contract, MemoryStream output)
    {
        Type type = contract.GetGenericArguments()[0];
        HostTarget host = (HostTarget)HostileRecords.Of(typeof(HostTarget));
        Array results = Array.CreateInstance(type, 1);
        results.SetValue(HostileRecords.Of(type), 0);
        contract.GetMethod("Begin")!.Invoke(sink, [new[] { host, Sample.Host }]);
        contract.GetMethod("Take")!.Invoke(sink, [host, results]);
        contract.GetMethod("Fail")!.Invoke(sink, [HostileRecords.Of(typeof(HostFailure))]);
        contract.GetMethod("End")!.Invoke(sink, []);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static void AssertSafe(string text, char lineEnd)
    {
        Assert.Empty(HostileRecords.Leaks(text));
        Assert.DoesNotContain(text, character => char.IsControl(character) && character != lineEnd);
        Assert.DoesNotContain(
            text.Split(lineEnd),
            static line => line.TrimStart().StartsWith("forged:", StringComparison.Ordinal)
        );
        Assert.Contains("大", text, StringComparison.Ordinal);
    }

    private static Type? SinkOf(Type type) =>
        Array.Find(
            type.GetInterfaces(),
            static contract => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IResultSink<>)
        );

    private static Type? ReadOf(Type? type) =>
        type is null ? null
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ReadCommand<>) ? type.GetGenericArguments()[0]
        : ReadOf(type.BaseType);

    private static bool IsOf(ConstructorInfo maker, Type parameter) =>
        maker.GetParameters() is [var only] && only.ParameterType == parameter;
}
