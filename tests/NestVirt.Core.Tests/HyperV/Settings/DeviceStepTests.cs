using NestVirt.Changes;
using NestVirt.HyperV.Settings;

namespace NestVirt.Core.Tests.HyperV.Settings;

/// <summary>Steps of devices as plans have them, also those that nobody here wrote, and what they read of a place.</summary>
[Trait("Category", "Security")]
public sealed class DeviceStepTests
{
    private const string VM = "5d1b6e00-0000-4000-8000-000000000001";
    private const string Instance = @"PCI\VEN_144D&DEV_A808\4&1";
    private const string Place = "PCIROOT(17)#PCI(0000)";

    [Fact]
    public void A_step_is_read_as_it_was_written()
    {
        foreach (DevicePart part in DevicePart.All)
        {
            foreach (DeviceCheck check in Enum.GetValues<DeviceCheck>())
            {
                DeviceStep step = new(Guid.Parse(VM), part, Instance, Place, "0000:18:00.0", check, part.Away);

                Assert.Equal(step, UnitStep.Read(step.ToHostStep(part.AtHost)));
            }
        }
    }

    [Theory]
    [InlineData(VM, "driver", Instance, Place, "checked", "disabled", "enabled", true)]
    [InlineData("lab", "driver", Instance, Place, "checked", "disabled", "enabled", false)]
    [InlineData(VM, "power", Instance, Place, "checked", "disabled", "enabled", false)]
    [InlineData(VM, "driver", @"ROOT\VID\0000", Place, "checked", "disabled", "enabled", false)]
    [InlineData(VM, "driver", Instance, "", "checked", "disabled", "enabled", false)]
    [InlineData(VM, "driver", Instance, Place, "", "disabled", "enabled", false)]
    [InlineData(VM, "driver", Instance, Place, "checked", "dismounted", "enabled", false)]
    [InlineData(VM, "mount", Instance, Place, "unchecked", "dismounted", "*", false)]
    public void What_is_no_step_of_this_release_is_none(
        string vm,
        string word,
        string instance,
        string place,
        string check,
        string value,
        string expected,
        bool isStep
    ) =>
        Assert.Equal(
            isStep,
            UnitStep.Read(
                new HostStep("vmdevice", [vm, word, instance, place, "0000:18:00.0", check, value])
                {
                    Expected = expected,
                }
            )
                is not null
        );

    [Theory]
    [InlineData((int)DevicePlace.Gone, null, null, null)]
    [InlineData((int)DevicePlace.Enabled, "enabled", "mounted", "unassigned")]
    [InlineData((int)DevicePlace.Waiting, "enabled or disabled at the next boot", "mounted", "unassigned")]
    [InlineData((int)DevicePlace.Disabled, "disabled", "mounted", "unassigned")]
    [InlineData((int)DevicePlace.Dismounted, "disabled", "dismounted", "unassigned")]
    [InlineData((int)DevicePlace.Assigned, "disabled", "dismounted", "assigned")]
    public void Each_part_has_a_value_wherever_the_device_is(int place, string? driver, string? mount, string? owner)
    {
        DeviceState state = new((DevicePlace)place, (DevicePlace)place == DevicePlace.Assigned ? Guid.Parse(VM) : null);

        Assert.Equal(
            [driver, mount, owner],
            DevicePart.All.Select(part =>
                new DeviceStep(Guid.Parse(VM), part, Instance, Place, "x", DeviceCheck.Full, part.Away).ValueAt(state)
            )
        );
    }

    [Fact]
    public void What_another_machine_has_is_neither_value_of_any_part()
    {
        DeviceState state = new(DevicePlace.Assigned, Guid.NewGuid());
        foreach (DevicePart part in DevicePart.All)
        {
            DeviceStep step = new(Guid.Parse(VM), part, Instance, Place, "x", DeviceCheck.Full, part.Away);

            Assert.StartsWith("assigned to ", step.ValueAt(state));
            Assert.True(DeviceStep.IsOfOther(step.ValueAt(state)));
            Assert.False(DeviceStep.IsOfOther(step.ValueAt(new DeviceState(DevicePlace.Assigned, Guid.Parse(VM)))));
        }
    }

    [Fact]
    public void Steps_of_one_device_touch_the_same_whatever_the_machine()
    {
        DeviceStep one = new(Guid.NewGuid(), DevicePart.Driver, Instance, Place, "x", DeviceCheck.Full, "disabled");
        DeviceStep other = one with
        {
            VM = Guid.NewGuid(),
            Part = DevicePart.Mount,
            LocationPath = Place.ToLowerInvariant(),
        };

        Assert.Equal(one.Touches, other.Touches);
    }
}
