using NestVirt.Changes;

namespace NestVirt.HyperV.Settings;

/// <summary>A step of a plan: one setting of one virtual machine.</summary>
/// <param name="VM">What names the virtual machine.</param>
/// <param name="Setting">The setting.</param>
/// <param name="InstanceId">The InstanceID of the instance that has it; empty where that is not there yet.</param>
/// <param name="ConnectionId">The InstanceID of the connection that it is of; empty for what is of no connection.</param>
/// <param name="Value">The value to set.</param>
internal sealed record VMStep(Guid VM, VMSetting Setting, string InstanceId, string ConnectionId, string Value)
    : UnitStep(VM, Value)
{
    /// <summary>The name of the action in plans.</summary>
    internal const string Action = "vmsetting";

    // A job that sets a value has ended in seconds wherever it was measured; a host that is busy with others takes longer.
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    internal override string Thing => Setting.Property;

    /// <inheritdoc/>
    internal override bool NeedsOff => Setting.NeedsOff;

    /// <inheritdoc/>
    internal override string Touches =>
        $"vm/{VM}/{Setting.Word}{(ConnectionId.Length == 0 ? string.Empty : $"/{ConnectionId}")}";

    /// <inheritdoc/>
    internal override string NotMade(string value) => $"{Setting.Property} could not be set to {value}";

    /// <summary>Reads a step.</summary>
    /// <param name="step">The step of a plan, which a file may hold that anybody wrote.</param>
    /// <returns>The step; null where it is none that this release makes.</returns>
    internal static new VMStep? Read(HostStep step) =>
        step.Action == Action
        && step.Arguments is [string vm, string word, string instanceId, string connectionId, string value]
        && Guid.TryParseExact(vm, "D", out Guid id)
        && VMSetting.All.FirstOrDefault(setting => setting.Word == word) is { } setting
        && setting.IsValue(value)
        && setting.IsValue(step.Expected)
        && (setting.IsOfConnection ? connectionId.Length > 0 : instanceId.Length > 0)
            ? new VMStep(id, setting, instanceId, connectionId, value)
            : null;

    /// <summary>Writes it for a plan.</summary>
    /// <param name="expected">The value that the plan was made for.</param>
    /// <returns>The step.</returns>
    internal HostStep ToHostStep(string expected) =>
        new(Action, [VM.ToString(), Setting.Word, InstanceId, ConnectionId, Value])
        {
            Expected = expected,
            Timeout = s_timeout,
        };
}
