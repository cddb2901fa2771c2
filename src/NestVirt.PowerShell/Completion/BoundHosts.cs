using System.Collections;
using NestVirt.Hosts;

namespace NestVirt.PowerShell.Completion;

/// <summary>Finds out which hosts a command line names so far.</summary>
internal static class BoundHosts
{
    private static readonly string[] s_parameters = ["HostName", "ComputerName"];

    /// <summary>Lists the names of the hosts, as records bear them.</summary>
    /// <param name="boundParameters">What the engine could bind.</param>
    /// <returns>The names; empty when no hosts are named.</returns>
    internal static IReadOnlyCollection<string> In(IDictionary? boundParameters)
    {
        // A word may be a group then, of hosts that have other names.
        if (boundParameters?["InventoryPath"] is not null)
        {
            return [];
        }

        return [.. s_parameters.SelectMany(name => WordsOf(boundParameters?[name]).Select(NameOf)).OfType<string>()];
    }

    private static IEnumerable<object?> WordsOf(object? value) =>
        value switch
        {
            null => [],
            string word => [word],
            IEnumerable many => many.Cast<object?>(),
            _ => [],
        };

    private static string? NameOf(object? text) =>
        text?.ToString() is string name && HostTarget.TryParseSsh(name, out HostTarget? target) ? target.Name : null;
}
