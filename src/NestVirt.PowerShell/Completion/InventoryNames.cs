using System.Collections;
using System.Management.Automation;
using NestVirt.Hosts;
using NestVirt.PowerShell.Parameters;
using NestVirt.Text;

namespace NestVirt.PowerShell.Completion;

/// <summary>Names of the hosts and groups of the inventory that a command line names so far.</summary>
internal static class InventoryNames
{
    /// <summary>Lists the names.</summary>
    /// <param name="boundParameters">What the engine could bind.</param>
    /// <param name="typed">What was typed: groups get their sign when it begins with one.</param>
    /// <param name="transport">How the hosts are reached; null for any way.</param>
    /// <returns>The names, in order; null when there is no inventory that can be read.</returns>
    internal static IEnumerable<string>? Of(
        IDictionary? boundParameters,
        string? typed,
        HostTransport? transport = null
    )
    {
        if (
            boundParameters?["InventoryPath"]?.ToString() is not { Length: > 0 } path
            || Read(path) is not { } inventory
        )
        {
            return null;
        }

        bool isGroup = CompletionWord.Unquote(typed ?? string.Empty).StartsWith('@');
        IEnumerable<string> names = isGroup
            ? inventory.GroupNames.Select(static name => $"@{name}")
            : inventory
                .Hosts.Where(host => transport is null || host.Transport == transport)
                .Select(static host => host.Name)
                .Concat(inventory.GroupNames);
        return names.Distinct(StringComparer.OrdinalIgnoreCase).Order(NaturalOrder.Comparer);
    }

    private static HostInventory? Read(string path)
    {
        try
        {
            // Where the session is, not where the process is; only a cmdlet knows.
            using System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create(
                RunspaceMode.CurrentRunspace
            );
            string? file = shell
                .AddCommand("Convert-Path")
                .AddParameter("LiteralPath", path)
                .Invoke<string>()
                .FirstOrDefault();
            return InventoryFile.Load(file ?? path, isTrusted: true, InputFile.Moment, CancellationToken.None);
        }
        catch (Exception error)
            when (error is NestVirtException or RuntimeException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }
}
