using System.CommandLine;
using NestVirt.Changes;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt set hugepages</c>.</summary>
internal sealed class SetHugePagesCommand()
    : ChangeCommand("hugepages", "Sets how many huge pages a host or one of its NUMA nodes has.")
{
    private readonly Option<string> _size = new("--size")
    {
        Description = "The size of a page, such as 2M or 1G.",
        HelpName = "SIZE",
        Required = true,
        CompletionSources = { "2M", "1G" },
    };

    private readonly Option<string> _count = new("--count")
    {
        Description = "How many there shall be.",
        HelpName = "N",
        Required = true,
    };

    private readonly Option<string> _node = new("--node")
    {
        Description = "The NUMA node; the kernel chooses where none is named.",
        HelpName = "N",
    };

    private readonly Option<bool> _temporary = new("--temporary") { Description = "Only until the next boot." };

    /// <inheritdoc/>
    protected override IEnumerable<Option> Options => [_size, _count, _node, _temporary];

    /// <inheritdoc/>
    protected override ChangeRequest RequestOf(ParseResult line, List<string> words) =>
        new HugePageRequest(PageSizeOption.Read(line, _size), WholeNumber.Read(line, _count))
        {
            Node = line.GetValue(_node) is null ? null : WholeNumber.Read(line, _node),
            IsTemporary = line.GetValue(_temporary),
        };
}
