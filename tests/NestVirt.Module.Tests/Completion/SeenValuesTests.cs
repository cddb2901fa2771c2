using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.PowerShell.Completion;

namespace NestVirt.Module.Tests.Completion;

public sealed class SeenValuesTests
{
    [Fact]
    public void Of_lists_what_a_host_showed_in_the_order_of_numbers()
    {
        HostTarget host = new("seen-values-test", new SshAddress("seen-values-test"));
        SeenValues.Remember(
            new PciDevice("0000:10:00.0", 0x020000, 0x8086, 0x10d3) { Target = host, Driver = "e1000e" }
        );
        SeenValues.Remember(new PciDevice("0000:9:00.0", 0x020000, 0x8086, 0x10d3) { Target = host });
        SeenValues.Remember(new KvmModule("kvm", ModuleState.Loaded) { Target = host });

        Assert.Equal(["0000:9:00.0", "0000:10:00.0"], SeenValues.Of(SeenKind.Address, [host.Name]));
        Assert.Equal(["e1000e"], SeenValues.Of(SeenKind.Driver, [host.Name]));
        Assert.Equal(["kvm"], SeenValues.Of(SeenKind.ModuleName, [host.Name]));
        Assert.Empty(SeenValues.Of(SeenKind.Address, ["another-host"]));
    }
}
