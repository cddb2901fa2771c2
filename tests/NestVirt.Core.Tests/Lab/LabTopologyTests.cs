using System.Globalization;
using NestVirt.Client;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Lab;

/// <summary>Groups over topologies of a real kernel: each is the kernel's own, and each shared one has its culprit named.</summary>
[Trait("Category", "Lab")]
[Collection("Lab")]
public sealed class LabTopologyTests
{
    [Fact]
    public Task Every_group_of_a_host_with_nested_switches_is_listed_and_explained()
    {
        Needs.Lab(LabHost.Deep);
        return CheckAsync(LabHost.Deep, ["0000:02:00.0", "0000:00:1f."]);
    }

    [Fact]
    public Task Every_group_of_a_host_with_multifunction_ports_is_listed_and_explained()
    {
        Needs.Lab(LabHost.Flat);
        return CheckAsync(LabHost.Flat, ["0000:00:06.2", "0000:00:0a.0", "0000:60:01.0", "0000:00:1f."]);
    }

    [Fact]
    public Task Every_group_of_the_amd_host_is_listed_and_explained()
    {
        Needs.Lab(LabHost.Amd);
        return CheckAsync(LabHost.Amd, ["0000:00:06.0", "0000:00:07.0", "0000:03:00.", "0000:09:00.0", "0000:00:1f."]);
    }

    [Fact]
    public async Task Virtual_functions_made_by_hand_are_listed_each_in_a_group_of_its_own()
    {
        Needs.Lab(LabHost.Amd);
        const string Card = "/sys/bus/pci/devices/0000:01:00.0";
        try
        {
            await LabHost.RunAsync(LabHost.Amd, $"echo 2 > {Card}/sriov_numvfs");
            string links = await LabHost.RunAsync(LabHost.Amd, $"for l in {Card}/virtfn*; do readlink $l; done");
            string[] expected = [.. Lines(links).Select(static link => link[(link.LastIndexOf('/') + 1)..])];

            SriovDevice card = await HostQueries
                .Ask(HostQuestions.SriovDevices)
                .RunAsync(LabHost.Target(LabHost.Amd), CancellationToken.None)
                .SingleAsync(static device => device.Address == "0000:01:00.0");
            List<IommuGroup> groups = await GroupsAsync(LabHost.Amd);

            Assert.Equal(2, card.Count);
            Assert.Equal(expected, card.VirtualFunctions.Select(static function => function.Address));
            Assert.All(
                card.VirtualFunctions,
                static function => Assert.Equal("0000:01:00.0", function.PhysicalFunction)
            );
            Assert.All(
                expected,
                address =>
                    Assert.Equal(
                        [address],
                        groups
                            .Single(group => group.Devices.Any(d => d.Address == address))
                            .Devices.Select(static d => d.Address)
                    )
            );
        }
        finally
        {
            await LabHost.RunAsync(LabHost.Amd, $"echo 0 > {Card}/sriov_numvfs");
        }
    }

    private static async Task CheckAsync(string host, string[] culprits)
    {
        string listing = await LabHost.RunAsync(
            host,
            "cd /sys/kernel/iommu_groups && for d in */devices/*; do echo \"${d%%/*} ${d##*/}\"; done"
        );
        Dictionary<int, string[]> expected = Lines(listing)
            .Select(static line => line.Split(' '))
            .GroupBy(static pair => int.Parse(pair[0], CultureInfo.InvariantCulture), static pair => pair[1])
            .ToDictionary(static group => group.Key, static group => group.Order(StringComparer.Ordinal).ToArray());

        List<IommuGroup> groups = await GroupsAsync(host);

        Assert.Equal(expected.Keys.Order(), groups.Select(static group => group.Number));
        Assert.All(
            groups,
            group => Assert.Equal(expected[group.Number], group.Devices.Select(static device => device.Address))
        );
        Assert.DoesNotContain(
            groups.SelectMany(static group => group.Reasons),
            static reason => reason.Code == "NotExplained"
        );
        string[] why =
        [
            .. groups
                .Where(static group => group.Devices.Count > 1)
                .SelectMany(static group => group.Reasons)
                .Select(static reason => reason.Message),
        ];
        Assert.All(
            culprits,
            culprit => Assert.Contains(why, message => message.Contains(culprit, StringComparison.Ordinal))
        );
    }

    private static async Task<List<IommuGroup>> GroupsAsync(string host) =>
        await HostQueries
            .Ask(HostQuestions.IommuGroups)
            .RunAsync(LabHost.Target(host), CancellationToken.None)
            .ToListAsync();

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
