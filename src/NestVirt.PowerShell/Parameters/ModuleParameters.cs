using System.Collections;
using System.Globalization;
using System.Management.Automation;
using NestVirt.PowerShell.Errors;

namespace NestVirt.PowerShell.Parameters;

/// <summary>Parameters of a module, as a hashtable has them.</summary>
internal static class ModuleParameters
{
    private static readonly SortedDictionary<string, string> s_none = [];

    /// <summary>Makes the words that the kernel takes: a switch is 1 or 0.</summary>
    /// <param name="table">The hashtable, or null.</param>
    /// <param name="invalid">The name of a parameter that has no single value, or null.</param>
    /// <returns>The values by name.</returns>
    internal static IReadOnlyDictionary<string, string> From(Hashtable? table, out string? invalid)
    {
        invalid = null;
        if (table is null)
        {
            return s_none;
        }

        SortedDictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in table)
        {
            string name = Text(entry.Key);
            string value = Text(entry.Value);
            if (name.Length == 0 || value.Length == 0)
            {
                invalid = name;
            }

            values[name] = value;
        }

        return values;
    }

    /// <summary>Ends a cmdlet when a parameter has no single value.</summary>
    internal static void Require(PSCmdlet cmdlet, Hashtable? table)
    {
        _ = From(table, out string? invalid);
        if (invalid is not null)
        {
            cmdlet.ThrowTerminatingError(ErrorRecords.ModuleParameterInvalid(invalid));
        }
    }

    private static string Text(object? value) =>
        (value is PSObject wrapped ? wrapped.BaseObject : value) switch
        {
            bool flag => flag ? "1" : "0",
            SwitchParameter flag => flag ? "1" : "0",
            string text => text,
            IEnumerable => string.Empty,
            { } other => Convert.ToString(other, CultureInfo.InvariantCulture) ?? string.Empty,
            null => string.Empty,
        };
}
