using NestVirt.Changes;

namespace NestVirt.HyperV.Settings;

/// <summary>A step of a plan: what one thing of one virtual machine is to be.</summary>
/// <param name="VM">What names the virtual machine.</param>
/// <param name="Value">The value to set.</param>
internal abstract record UnitStep(Guid VM, string Value)
{
    /// <summary>Gets what is set, as sentences name it.</summary>
    internal abstract string Thing { get; }

    /// <summary>Gets a value indicating whether the virtual machine has to be there, and off.</summary>
    internal abstract bool NeedsOff { get; }

    /// <summary>Gets the part of the host that it has in its hands.</summary>
    internal abstract string Touches { get; }

    /// <summary>Says that the thing did not come to a value.</summary>
    /// <param name="value">The value.</param>
    /// <returns>The start of a sentence.</returns>
    internal abstract string NotMade(string value);

    /// <summary>Reads a step.</summary>
    /// <param name="step">The step of a plan, which a file may hold that anybody wrote.</param>
    /// <returns>The step; null where it is none that this release makes.</returns>
    internal static UnitStep? Read(HostStep step) =>
        step.Action == DeviceStep.Action ? DeviceStep.Read(step) : VMStep.Read(step);
}
