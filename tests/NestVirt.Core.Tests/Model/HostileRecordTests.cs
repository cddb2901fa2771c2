using System.Collections;
using System.Reflection;
using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Testing;

namespace NestVirt.Core.Tests.Model;

/// <summary>Anything may show a text of a record: it holds nothing that a terminal obeys, or hides.</summary>
public sealed class HostileRecordTests
{
    // A step is made on the host, so its words are the host's; requests come from the user.
    private static readonly Type[] s_raw = [typeof(HostStep), typeof(ChangeRequest)];

    /// <summary>Gets the records: those of Model, those of changes, and the host itself.</summary>
    public static TheoryData<Type> Records =>
        [
            .. typeof(Finding)
                .Assembly.GetExportedTypes()
                .Where(static type =>
                    type.Namespace is "NestVirt.Model" or "NestVirt.Changes"
                    && type is { IsClass: true, IsAbstract: false }
                    && typeof(IEquatable<>).MakeGenericType(type).IsAssignableFrom(type)
                    && !s_raw.Any(raw => raw.IsAssignableFrom(type))
                )
                .Append(typeof(HostTarget)),
        ];

    [Theory]
    [MemberData(nameof(Records))]
    [Trait("Category", "Security")]
    public void A_text_of_a_record_is_safe_to_show(Type type) => Check(HostileRecords.Of(type), type.Name);

    [Fact]
    public void What_a_reader_sees_is_left() =>
        Assert.True(Check(HostileRecords.Of(typeof(JournalEntry)), nameof(JournalEntry)) > 10);

    [Fact]
    public void All_that_cmdlets_write_is_among_them() =>
        Assert.Superset(
            new HashSet<Type>([
                typeof(NestedSupport),
                typeof(PciDevice),
                typeof(Finding),
                typeof(NestedFacts),
                typeof(ChangePlan),
                typeof(ChangeResult),
                typeof(JournalEntry),
            ]),
            Records.Select(static row => row.Data).ToHashSet()
        );

    private static int Check(object? value, string path, bool hasLines = false)
    {
        switch (value)
        {
            case null or Enum or ValueType:
                return 0;
            case string line:
                string text = hasLines ? line.Replace("\r\n", "\n", StringComparison.Ordinal) : line;
                Assert.True(
                    HostileRecords.Leaks(text) is [],
                    $"{path}: {string.Join(", ", HostileRecords.Leaks(text))}"
                );
                Assert.True(hasLines || !text.Contains('\n', StringComparison.Ordinal), $"{path}: a line break");
                return text.Contains('大', StringComparison.Ordinal) ? 1 : 0;
            case IEnumerable list:
                return list.Cast<object?>().Sum(item => Check(item, $"{path}[]"));
            default:
                if (s_raw.Any(raw => raw.IsInstanceOfType(value)))
                {
                    return 0;
                }

                return Check(value.ToString(), $"{path}.ToString()", value is HostChange)
                    + value
                        .GetType()
                        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
                        .Sum(property =>
                            Check(
                                property.GetValue(value),
                                $"{path}.{property.Name}",
                                value is HostChange && property.Name is "From" or "To" or "Summary"
                            )
                        );
        }
    }
}
