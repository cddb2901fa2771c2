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
internal readonly record struct DeviceState(DevicePlace Place, Guid? Owner = null);

/// <summary>A step of a plan: one part of the way of one PCI device between the host and a virtual machine.</summary>
/// <param name="VM">What names the virtual machine.</param>
/// <param name="Part">The part of the way.</param>
/// <param name="InstancePath">What the device is to the host's Windows, as in <c>PCI\VEN_…</c>.</param>
/// <param name="LocationPath">Where it is plugged in, as in <c>PCIROOT(0)#PCI(0100)</c>, which stays the same on the whole way.</param>
/// <param name="Name">What it is called in sentences.</param>
/// <param name="IsChecked">Whether Hyper-V is to refuse a device that it can neither isolate (ACS) nor keep from harm by a driver of its maker.</param>
/// <param name="Value">The value to set.</param>
internal sealed record DeviceStep(
    Guid VM,
    DevicePart Part,
    string InstancePath,
    string LocationPath,
    string Name,
    bool IsChecked,
    string Value
) : UnitStep(VM, Value)
{
    /// <summary>The name of the action in plans.</summary>
    internal const string Action = "vmdevice";

    private const string Checked = "checked";
    private const string Unchecked = "unchecked";
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
        && check is Checked or Unchecked
            ? new DeviceStep(id, part, instance, location, name, check == Checked, value)
            : null;

    /// <summary>Writes it for a plan.</summary>
    /// <param name="expected">The value that the plan was made for.</param>
    /// <returns>The step.</returns>
    internal HostStep ToHostStep(string expected) =>
        new(
            Action,
            [VM.ToString(), Part.Word, InstancePath, LocationPath, Name, IsChecked ? Checked : Unchecked, Value]
        )
        {
            Expected = expected,
            Timeout = s_timeout,
        };

    /// <summary>Says which value the part has where the device is at a place.</summary>
    /// <param name="state">Where it is.</param>
    /// <returns>The value as plans have it; null where the device is gone.</returns>
    internal string? ValueAt(DeviceState state) =>
        state.Place == DevicePlace.Gone ? null
        : Part == DevicePart.Driver ? (state.Place >= DevicePlace.Disabled ? Part.Away : Part.AtHost)
        : Part == DevicePart.Mount ? (state.Place >= DevicePlace.Dismounted ? Part.Away : Part.AtHost)
        : state.Owner is not { } owner ? Part.AtHost
        : owner == VM ? Part.Away
        : $"assigned to {owner.ToString().ToUpperInvariant()}";

    /// <inheritdoc/>
    internal override string NotMade(string value) => $"{Name} could not be {value}";
}
