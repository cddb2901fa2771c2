using NestVirt.Changes;
using NestVirt.Linux.Drivers;
using NestVirt.Linux.Files;
using NestVirt.Linux.GuestDevices;
using NestVirt.Linux.Guests;
using NestVirt.Linux.HugePages;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Sriov;
using NestVirt.Text;

namespace NestVirt.Linux.Worker;

/// <summary>Names every action: nothing else is run on a host to change it.</summary>
internal static class HostActions
{
    /// <summary>Gets the actions.</summary>
    public static IReadOnlyList<HostAction> All { get; } =
    [
        FileAction.Action,
        ValueAction.Action,
        ModuleAction.Action,
        HugePageAction.Action,
        DriverAction.Action,
        ToolAction.Action,
        LinkAction.Action,
        VirtualFunctionAction.Action,
        VirtualFunctionSettingAction.Action,
        DomainAction.Action,
        GuestDeviceAction.Action,
    ];

    /// <summary>Finds an action.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The action, or null when there is none of that name.</returns>
    public static HostAction? Find(string name) => All.FirstOrDefault(action => action.Name == name);

    /// <summary>Gets the action of a step.</summary>
    /// <param name="step">The step.</param>
    /// <returns>The action.</returns>
    /// <exception cref="NestVirtException">There is none of that name.</exception>
    internal static HostAction Require(HostStep step) =>
        Find(step.Action)
        ?? throw new NestVirtException(
            NestVirtErrorKind.PlanInvalid,
            $"No action is named '{HostText.ForDisplay(step.Action, 40)}'."
        )
        {
            Remedy = "The change was made by another release of NestVirt: take it back with that one.",
        };
}
