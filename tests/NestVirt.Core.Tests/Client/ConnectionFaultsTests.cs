using NestVirt.Client;

namespace NestVirt.Core.Tests.Client;

/// <summary>What to run on this machine where a host is not reached.</summary>
public sealed class ConnectionFaultsTests
{
    [Theory]
    [InlineData(false, "getent hosts hv1")]
    [InlineData(true, "Resolve-DnsName hv1")]
    public void A_name_is_looked_up_by_what_this_machine_has(bool isWindows, string command) =>
        Assert.Equal(command, ConnectionFaults.LookUp("hv1", isWindows));
}
