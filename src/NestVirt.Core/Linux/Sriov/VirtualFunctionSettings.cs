using System.Globalization;
using NestVirt.Changes;
using NestVirt.Model;

namespace NestVirt.Linux.Sriov;

/// <summary>The settings of one virtual function, by the words of <c>ip link set DEV vf N</c>.</summary>
internal static class VirtualFunctionSettings
{
    /// <summary>Writes settings as words of <c>ip</c>.</summary>
    /// <param name="settings">The settings.</param>
    /// <returns>The words, in an order that <c>ip</c> takes.</returns>
    internal static string Words(IReadOnlyDictionary<string, string> settings) =>
        string.Join(
            ' ',
            VirtualFunctionFaults.Names.Where(settings.ContainsKey).Select(key => $"{key} {settings[key]}")
        );

    /// <summary>Writes the settings of a request as <c>ip</c> shows them, and adds what <c>ip</c> takes them with.</summary>
    /// <param name="host">What the host shows.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="device">The physical function.</param>
    /// <returns>The request with all its settings.</returns>
    internal static VirtualFunctionRequest Complete(
        VirtualFunctionHost host,
        VirtualFunctionRequest request,
        PciDevice device
    )
    {
        Dictionary<string, string> wanted = request.Settings.ToDictionary(
            static pair => pair.Key,
            static pair => pair.Value.ToLowerInvariant(),
            StringComparer.Ordinal
        );
        if (wanted.ContainsKey("qos") && !wanted.ContainsKey("vlan"))
        {
            string network = device.InterfaceNames.Count > 0 ? device.InterfaceNames[0] : string.Empty;
            wanted["vlan"] = Read(host.Settings.GetValueOrDefault((network, request.Index ?? 0)))
                .GetValueOrDefault("vlan", "0");
        }

        return request with
        {
            Settings = wanted,
        };
    }

    /// <summary>Plans settings.</summary>
    /// <param name="host">What the host shows.</param>
    /// <param name="request">What is asked for, complete.</param>
    /// <param name="device">The physical function.</param>
    /// <param name="count">How many virtual ones it will have.</param>
    /// <param name="isMadeAnew">Whether they are made anew before, and lose what they had.</param>
    /// <returns>The change; null when there is nothing to change.</returns>
    /// <exception cref="ChangeRefusedException">There is no such function.</exception>
    internal static HostChange? Plan(
        VirtualFunctionHost host,
        VirtualFunctionRequest request,
        PciDevice device,
        int count,
        bool isMadeAnew
    )
    {
        if (request.Settings.Count == 0)
        {
            return null;
        }

        string network = Require(request, device, count);
        int index = request.Index!.Value;
        string? shown = isMadeAnew ? null : host.Settings.GetValueOrDefault((network, index));
        Dictionary<string, string> now = Read(shown);
        return request.Settings.All(pair => now.GetValueOrDefault(pair.Key) == pair.Value)
            ? null
            : VirtualFunctionSettingAction.Plan(
                device.Address,
                network,
                index,
                shown,
                now,
                request.Settings,
                VirtualFunctionFaults.Names
            );
    }

    private static string Require(VirtualFunctionRequest request, PciDevice device, int count)
    {
        if (device.InterfaceNames.Count == 0)
        {
            throw Refuse(
                FindingCodes.InterfaceMissing,
                $"{device.Address} has no network interface, and only those of network devices have such settings.",
                null
            );
        }

        if (request.Index is not { } index || index < 0 || index >= count)
        {
            throw Refuse(
                FindingCodes.VirtualFunctionUnknown,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{device.Address} will have {count} virtual functions, and the settings name none of them."
                ),
                count == 0
                    ? "Ask for a number of them, too."
                    : string.Create(CultureInfo.InvariantCulture, $"Name one from 0 to {count - 1}.")
            );
        }

        return device.InterfaceNames[0];
    }

    private static Dictionary<string, string> Read(string? shown) =>
        (shown ?? string.Empty)
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(static word => word.Split('=', 2))
            .Where(static pair => pair.Length == 2 && pair[1].Length > 0)
            .ToDictionary(static pair => pair[0], static pair => pair[1], StringComparer.Ordinal);

    private static ChangeRefusedException Refuse(string code, string sentence, string? remedy) =>
        new(new Finding(code, Severity.Error, sentence) { Remedy = remedy });
}
