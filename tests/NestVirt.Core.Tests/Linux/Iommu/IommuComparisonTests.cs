using NestVirt.Core.Tests.Linux.Pci;
using NestVirt.Hosts;
using NestVirt.Linux.Iommu;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Linux.Iommu;

public class IommuComparisonTests
{
    private const string Before = """
        00:01.0 rp id=8086:1901 group=1
        01:00.0 ep <00:01.0 id=10de:1eb8 group=1
        01:00.1 ep <00:01.0 id=10de:10f8 group=1
        00:1c.0 rp id=8086:a110 group=2
        02:00.0 ep <00:1c.0 id=144d:a808 group=3
        """;

    [Fact]
    public void The_same_company_under_other_numbers_is_no_difference() =>
        Assert.Empty(
            Compare(
                Before,
                Before
                    .Replace("group=1", "group=7", StringComparison.Ordinal)
                    .Replace("group=3", "group=1", StringComparison.Ordinal)
            )
        );

    [Fact]
    public void New_bus_numbers_are_no_difference()
    {
        const string Renumbered = """
            00:01.0 rp id=8086:1901 group=1
            05:00.0 ep <00:01.0 id=10de:1eb8 group=1
            05:00.1 ep <00:01.0 id=10de:10f8 group=1
            00:1c.0 rp id=8086:a110 group=2
            01:00.0 ep <00:1c.0 id=144d:a808 group=3
            """;

        Assert.Empty(Compare(Before, Renumbered));
    }

    [Fact]
    public void A_card_that_keeps_its_company_in_another_slot_is_no_difference()
    {
        const string Moved = """
            00:01.0 rp id=8086:1901 group=1
            01:00.0 ep <00:01.0 id=10de:1eb8 group=1
            01:00.1 ep <00:01.0 id=10de:10f8 group=1
            00:1c.0 rp id=8086:a110 group=2
            00:1c.4 rp id=8086:a114 group=4
            04:00.0 ep <00:1c.4 id=144d:a808 group=3
            """;

        Assert.Equal(["Joined 0000:00:1c.4 from  group  to 4"], Compare(Before, Moved));
    }

    [Fact]
    public void A_group_that_split_is_told_of_each_device()
    {
        string split = Before.Replace("10f8 group=1", "10f8 group=9", StringComparison.Ordinal);

        Assert.Equal(
            [
                "Moved 0000:00:01.0 from 0000:00:01.0 group 1 to 1 -0000:01:00.1",
                "Moved 0000:01:00.0 from 0000:01:00.0 group 1 to 1 -0000:01:00.1",
                "Moved 0000:01:00.1 from 0000:01:00.1 group 1 to 9 -0000:00:01.0 -0000:01:00.0",
            ],
            Compare(Before, split)
        );
    }

    [Fact]
    public void What_joined_and_what_left_are_told_with_their_company()
    {
        const string Swapped = """
            00:01.0 rp id=8086:1901 group=1
            01:00.0 ep <00:01.0 id=1002:73bf group=1
            00:1c.0 rp id=8086:a110 group=2
            02:00.0 ep <00:1c.0 id=144d:a808 group=3
            """;

        Assert.Equal(
            [
                "Moved 0000:00:01.0 from 0000:00:01.0 group 1 to 1 +0000:01:00.0 -0000:01:00.0 -0000:01:00.1",
                "Joined 0000:01:00.0 from  group  to 1 +0000:00:01.0",
                "Left 0000:01:00.0 from 0000:01:00.0 group 1 to  -0000:00:01.0 -0000:01:00.1",
                "Left 0000:01:00.1 from 0000:01:00.1 group 1 to  -0000:00:01.0 -0000:01:00.0",
            ],
            Compare(Before, Swapped)
        );
    }

    [Fact]
    public void Virtual_functions_are_known_by_their_physical_one_and_their_order()
    {
        const string Virtual = """
            00:03.0 rp id=8086:1901 group=1
            01:00.0 ep <00:03.0 id=8086:10c9 group=2
            01:10.0 ep <00:03.0 id=8086:10ca pf=01:00.0 group=3
            01:10.2 ep <00:03.0 id=8086:10ca pf=01:00.0 group=4
            """;
        string shifted = Virtual
            .Replace("01:10", "07:12", StringComparison.Ordinal)
            .Replace("01:00.0", "07:00.0", StringComparison.Ordinal);
        string fewer = string.Join('\n', Virtual.Split('\n')[..3]);

        Assert.Empty(Compare(Virtual, shifted));
        Assert.Equal(["Left 0000:01:10.2 from 0000:01:10.2 group 4 to "], Compare(Virtual, fewer));
    }

    [Fact]
    public void A_platform_device_is_company_too()
    {
        IommuGroup[] before = Groups("00:01.0 ep group=1");
        IommuGroup[] after = [before[0] with { OtherDevices = ["fd7f0000.usb"] }];

        IommuDifference difference = Assert.Single(IommuComparison.Compare(before, after, "before", HostTarget.Local));

        Assert.Equal(["fd7f0000.usb"], difference.Gained);
    }

    [Fact]
    public void An_IOMMU_that_was_turned_on_or_off_is_one_difference_and_not_one_a_device()
    {
        IommuGroup[] groups = Groups(Before);

        Assert.Equal(
            new IommuDifference(IommuChange.TurnedOn, Address: null)
            {
                ReferenceName = "before",
                Description = "5 devices in 3 groups",
            },
            Plain(Assert.Single(IommuComparison.Compare([], groups, "before", HostTarget.Local)))
        );
        Assert.Equal(
            new IommuDifference(IommuChange.TurnedOff, Address: null)
            {
                ReferenceName = "before",
                Description = "5 devices in 3 groups",
            },
            Plain(Assert.Single(IommuComparison.Compare(groups, [], "before", HostTarget.Local)))
        );
        Assert.Empty(IommuComparison.Compare([], [], "before", HostTarget.Local));
    }

    // Empty lists of two records are equal only when they are the same list.
    private static IommuDifference Plain(IommuDifference difference)
    {
        Assert.Empty(difference.Gained);
        Assert.Empty(difference.Lost);
        return difference with { Gained = [], Lost = [] };
    }

    private static string[] Compare(string before, string after) =>
        [
            .. IommuComparison
                .Compare(Groups(before), Groups(after), "before", HostTarget.Local)
                .Select(static difference =>
                    $"{difference.Change} {difference.Address} from {difference.PreviousAddress} group {difference.PreviousGroup} to {difference.Group}"
                    + string.Concat(difference.Gained.Select(static name => $" +{name}"))
                    + string.Concat(difference.Lost.Select(static name => $" -{name}"))
                ),
        ];

    private static IommuGroup[] Groups(string topology) =>
        [
            .. PciTopologyText
                .Read(topology)
                .GroupBy(static device => device.IommuGroup!.Value)
                .Select(static group => new IommuGroup(
                    group.Key,
                    [.. group.OrderBy(static device => device.Address, StringComparer.Ordinal)]
                )
                {
                    IsViable = true,
                    Reasons = [],
                }),
        ];
}
