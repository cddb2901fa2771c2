using System.Text;
using NestVirt.Linux.Files;
using NestVirt.Linux.HugePages;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.HugePages;

public sealed class HugePageFindingsTests
{
    private const long Mega = 2048;

    [Fact]
    public void What_sysctl_asks_for_in_vain_the_command_line_is_to_reserve()
    {
        (long size, Finding told) = Assert.Single(HugePageFindings.Fewer(Host(total: 700, surplus: 10), Sysctl(1024)));

        Assert.Equal(
            (Mega, "1024 huge pages of 2 MiB are asked for at boot, and there are 690."),
            (size, told.Message)
        );
        Assert.Equal(
            ["hugepagesz=2048K", "hugepages=1024"],
            told.Mend!.Arguments.Select(static argument => argument.Value)
        );
    }

    [Fact]
    public void Where_the_memory_is_too_small_no_command_is_of_use()
    {
        (_, Finding told) = Assert.Single(HugePageFindings.Fewer(Host(total: 700, surplus: 0), Sysctl(100_000)));

        Assert.Equal("Ask for fewer: the memory of the host has room for 2000 at most.", told.Remedy);
        Assert.Null(told.Mend);
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(2000)]
    public void Enough_of_them_are_no_matter(long total) =>
        Assert.Empty(HugePageFindings.Fewer(Host(total, surplus: 0), Sysctl(1024)));

    private static HugePageHost Host(long total, long surplus) =>
        new()
        {
            Sizes = new Dictionary<long, HugePageCounts> { [Mega] = new(total, total, 0, surplus) },
            Nodes = new Dictionary<int, IReadOnlyDictionary<long, HugePageCounts>>(),
            Memory = new MemoryCounts(2000 * Mega, 1000 * Mega, "/proc/meminfo"),
            DefaultSizeKiB = Mega,
        };

    private static SettingFiles Sysctl(long count)
    {
        const string Path = "/etc/sysctl.d/50-x.conf";
        return new SettingFiles(
            new Dictionary<string, RawFile>
            {
                [Path] = new(Path, Encoding.ASCII.GetBytes($"vm.nr_hugepages = {count}\n")),
            },
            []
        );
    }
}
