using NestVirt.HyperV.Machine;

namespace NestVirt.Core.Tests.HyperV.Machine;

public sealed class WindowsReleaseTests
{
    // Microsoft, "Upgrade virtual machine version in Hyper-V on Windows or Windows Server" (2025-01-20).
    [Theory]
    [InlineData(9600, "5.0")]
    [InlineData(14393, "8.0")]
    [InlineData(15063, "8.1")]
    [InlineData(16299, "8.2")]
    [InlineData(17134, "8.3")]
    [InlineData(17763, "9.0")]
    [InlineData(18363, "9.1")]
    [InlineData(19042, "9.2")]
    [InlineData(19045, "9.2")]
    [InlineData(20348, "10.0")]
    [InlineData(22000, "10.0")]
    [InlineData(22631, "11.0")]
    [InlineData(26100, "12.0")]
    [InlineData(26200, null)]
    [InlineData(7601, null)]
    [InlineData(null, null)]
    public void HighestVersion_is_that_of_the_table(int? build, string? version) =>
        Assert.Equal(version, WindowsRelease.HighestVersion(build)?.ToString());

    [Theory]
    [InlineData("8.0", "10.0", -1)]
    [InlineData("9.10", "9.3", 1)]
    [InlineData("9.3", "9.3", 0)]
    public void Versions_compare_as_numbers(string one, string other, int order) =>
        Assert.Equal(
            order,
            Math.Sign(ConfigurationVersion.Parse(one)!.Value.CompareTo(ConfigurationVersion.Parse(other)!.Value))
        );

    [Theory]
    [InlineData("")]
    [InlineData("9")]
    [InlineData("9.3.1")]
    [InlineData("-9.3")]
    [InlineData("9,3")]
    public void What_is_no_version_is_none(string text) => Assert.Null(ConfigurationVersion.Parse(text));
}
