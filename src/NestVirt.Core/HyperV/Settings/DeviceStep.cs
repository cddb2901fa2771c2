using NestVirt.Changes;

namespace NestVirt.HyperV.Settings;

/// <summary>A part of the way of a PCI device from its host to a virtual machine. Each has a value at the host's end, and one at the other.</summary>
/// <param name="Word">Its name in plans.</param>
/// <param name="AtHost">The value at the host's end.</param>
/// <param name="Away">The value at the other.</param>
/// <param name="NeedsOff">Whether the virtual machine has to be off.</param>
internal sealed record DevicePart(string Word, string AtHost, string Away, bool NeedsOff)
{
    /// <summary>Gets whether the host gives the device a driver.</summary>
    internal static DevicePart Driver { get; } = new("driver", "enabled", "disabled", NeedsOff: false);

    /// <summary>Gets whether the host has the device at all.</summary>
    internal static DevicePart Mount { get; } = new("mount", "mounted", "dismounted", NeedsOff: false);

    /// <summary>Gets whether the virtual machine has the device.</summary>
    internal static DevicePart Assignment { get; } = new("assignment", "unassigned", "assigned", NeedsOff: true);

    /// <summary>Gets all of them, as they follow on the way to the virtual machine.</summary>
    internal static IReadOnlyList<DevicePart> All { get; } = [Driver, Mount, Assignment];

    /// <summary>Tells whether a text is a value of the part.</summary>
    /// <param name="value">The text.</param>
    /// <returns>True if so.</returns>
    internal bool IsValue(string value) => value == AtHost || value == Away;
}

/// <summary>Where a PCI device is, on its way from the host to a virtual machine.</summary>
internal enum DevicePlace
{
    /// <summary>Nowhere: it was pulled out, or the host does not show it.</summary>
    Gone,

    /// <summary>In the host, which may use it.</summary>
    Enabled,

    /// <summary>In the host, and enabled or disabled at its next boot: which of the two is not told.</summary>
    Waiting,

    /// <summary>In the host, without a driver.</summary>
    Disabled,

    /// <summary>Taken from the host, for virtual machines.</summary>
    Dismounted,

    /// <summary>In a virtual machine.</summary>
    Assigned,
}

/// <summary>Where a PCI device is.</summary>
/// <param name="Place">The place.</param>
/// <param name="Owner">The virtual machine that has it; null where none has.</param>
/// <param name="InItsPlace">What is plugged in where it was, and is another device; null where nothing is.</param>
internal readonly record struct DeviceState(DevicePlace Place, Guid? Owner = null, string? InItsPlace = null);

/// <summary>What Hyper-V is to make sure of before it takes a device from the host: nothing is left out that it does not refuse.</summary>
internal enum DeviceCheck
{
    /// <summary>That its traffic is kept apart (ACS), and that its maker says how to secure it.</summary>
    Full,

    /// <summary>That its traffic is kept apart; of the other, where it can.</summary>
    Isolation,

    /// <summary>Of both, where it can.</summary>
    None,
}

/// <summary>A step of a plan: one part of the way of one PCI device between the host and a virtual machine.</summary>
/// <param name="VM">What names the virtual machine.</param>
/// <param name="Part">The part of the way.</param>
/// <param name="InstancePath">What the device is to the host's Windows, as in <c>PCI\VEN_…</c>.</param>
/// <param name="LocationPath">Where it is plugged in, as in <c>PCIROOT(0)#PCI(0100)</c>, which stays the same on the whole way.</param>
/// <param name="Name">What it is called in sentences.</param>
/// <param name="Check">What Hyper-V is to make sure of.</param>
/// <param name="Value">The value to set.</param>
internal sealed record DeviceStep(
    Guid VM,
    DevicePart Part,
    string InstancePath,
    string LocationPath,
    string Name,
    DeviceCheck Check,
    string Value
) : UnitStep(VM, Value)
{
    /// <summary>The name of the action in plans.</summary>
    internal const string Action = "vmdevice";

    /// <summary>The value of a driver's part where the device waits for the next boot.</summary>
    internal const string AtNextBoot = "enabled or disabled at the next boot";

    private const string OfOther = "assigned to ";

    // In the order of DeviceCheck.
    private static readonly string[] s_checks = ["checked", "trusted", "unchecked"];
    private const string InstancePrefix = @"PCI\";
    private const int LongestPath = 400;

    // The firmware of a device may take its time to be reset.
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    internal override string Thing => Name;

    /// <inheritdoc/>
    internal override bool NeedsOff => Part.NeedsOff;

    /// <inheritdoc/>
    internal override string Touches => $"pci/{LocationPath.ToUpperInvariant()}";

    /// <summary>Gets what is interrupted where the host loses a device that it may use.</summary>
    internal string Disrupts => $"takes {Name} from the host";

    /// <summary>Reads a step.</summary>
    /// <param name="step">The step of a plan, which a file may hold that anybody wrote.</param>
    /// <returns>The step; null where it is none that this release makes.</returns>
    internal static new DeviceStep? Read(HostStep step) =>
        step.Action == Action
        && step.Arguments
            is [string vm, string word, string instance, string location, string name, string check, string value]
        && Guid.TryParseExact(vm, "D", out Guid id)
        && DevicePart.All.FirstOrDefault(part => part.Word == word) is { } part
        && part.IsValue(value)
        && part.IsValue(step.Expected)
        && instance.StartsWith(InstancePrefix, StringComparison.OrdinalIgnoreCase)
        && instance.Length is > 4 and <= LongestPath
        && location.Length is > 0 and <= LongestPath
        && name.Length is > 0 and <= LongestPath
        && Array.IndexOf(s_checks, check) is var place and >= 0
            ? new DeviceStep(id, part, instance, location, name, (DeviceCheck)place, value)
            : null;

    /// <summary>Writes it for a plan.</summary>
    /// <param name="expected">The value that the plan was made for.</param>
    /// <returns>The step.</returns>
    internal HostStep ToHostStep(string expected) =>
        new(Action, [VM.ToString(), Part.Word, InstancePath, LocationPath, Name, s_checks[(int)Check], Value])
        {
            Expected = expected,
            Timeout = s_timeout,
        };

    /// <summary>Says which value the part has where the device is at a place.</summary>
    /// <param name="state">Where it is.</param>
    /// <returns>The value as plans have it, or another where the device is of another virtual machine or waits for a boot; null where it is gone.</returns>
    internal string? ValueAt(DeviceState state) =>
        state.Place == DevicePlace.Gone ? null
        : state.Owner is { } owner && owner != VM ? OfOther + owner.ToString().ToUpperInvariant()
        : Part == DevicePart.Driver
            ? state.Place switch
            {
                DevicePlace.Enabled => Part.AtHost,
                DevicePlace.Waiting => AtNextBoot,
                _ => Part.Away,
            }
        : Part == DevicePart.Mount ? (state.Place >= DevicePlace.Dismounted ? Part.Away : Part.AtHost)
        : state.Owner is null ? Part.AtHost
        : Part.Away;

    /// <summary>Tells whether a value says that another virtual machine has the device, which is not taken from it by any switch.</summary>
    /// <param name="value">The value; null for a device that is gone.</param>
    /// <returns>True if so.</returns>
    internal static bool IsOfOther(string? value) => value?.StartsWith(OfOther, StringComparison.Ordinal) == true;

    /// <inheritdoc/>
    internal override string NotMade(string value) => $"{Name} could not be {value}";
}
