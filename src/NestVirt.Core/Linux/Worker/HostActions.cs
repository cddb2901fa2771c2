using NestVirt.Linux.Drivers;
using NestVirt.Linux.Files;
using NestVirt.Linux.HugePages;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Sriov;

namespace NestVirt.Linux.Worker;

/// <summary>Names every action: nothing else is run on a host to change it.</summary>
public static class HostActions
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
    ];

    /// <summary>Finds an action.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The action, or null when there is none of that name.</returns>
    public static HostAction? Find(string name) => All.FirstOrDefault(action => action.Name == name);
}
