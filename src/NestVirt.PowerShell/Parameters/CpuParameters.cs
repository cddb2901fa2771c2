using System.Collections;
using System.Globalization;
using System.Management.Automation;
using NestVirt.Changes;

namespace NestVirt.PowerShell.Parameters;

/// <summary>What processors of virtual machines are to be, as hashtables have it.</summary>
internal static class CpuParameters
{
    private static readonly string[] s_counts = ["Sockets", "Dies", "Cores", "Threads"];

    /// <summary>Finds what is wrong with the hashtables.</summary>
    /// <param name="features">The policies of features, or null.</param>
    /// <param name="topology">The numbers of a topology, or null.</param>
    /// <returns>A sentence; null where nothing is.</returns>
    internal static string? FaultOf(Hashtable? features, Hashtable? topology)
    {
        foreach ((string name, string policy) in Features(features))
        {
            if (name.Length == 0 || policy.Length == 0)
            {
                return "-Feature names a feature and its policy, such as @{ avx512f = 'disable' }.";
            }
        }

        foreach ((string name, string count) in Texts(topology))
        {
            if (
                !s_counts.Contains(name, StringComparer.OrdinalIgnoreCase)
                || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            )
            {
                return "-Topology has numbers of Sockets, Dies, Cores and Threads, such as @{ Sockets = 1; Cores = 4; Threads = 2 }.";
            }
        }

        return null;
    }

    /// <summary>Reads policies of features; true is require, and false is disable.</summary>
    /// <param name="features">The hashtable, or null.</param>
    /// <returns>The policies by name.</returns>
    internal static SortedDictionary<string, string> Features(Hashtable? features) => Texts(features);

    /// <summary>Reads a topology; what is not said is 1.</summary>
    /// <param name="topology">The hashtable, or null.</param>
    /// <returns>The topology, or null.</returns>
    internal static VmCpuTopology? Topology(Hashtable? topology)
    {
        if (topology is null)
        {
            return null;
        }

        Dictionary<string, string> counts = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, string count) in Texts(topology))
        {
            counts[name] = count;
        }

        return new VmCpuTopology(Count("Sockets"), Count("Dies"), Count("Cores"), Count("Threads"));

        int Count(string name) =>
            counts.TryGetValue(name, out string? count) ? int.Parse(count, CultureInfo.InvariantCulture) : 1;
    }

    private static SortedDictionary<string, string> Texts(Hashtable? table)
    {
        SortedDictionary<string, string> texts = new(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in table ?? [])
        {
            texts[TextOf(entry.Key)] = TextOf(entry.Value);
        }

        return texts;
    }

    private static string TextOf(object? value) =>
        (value is PSObject wrapped ? wrapped.BaseObject : value) switch
        {
            bool isOn => isOn ? "require" : "disable",
            SwitchParameter isOn => isOn ? "require" : "disable",
            string text => text.Trim(),
            IEnumerable or null => string.Empty,
            var other => Convert.ToString(other, CultureInfo.InvariantCulture) ?? string.Empty,
        };
}
