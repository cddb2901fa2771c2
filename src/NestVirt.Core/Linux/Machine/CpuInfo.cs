namespace NestVirt.Linux.Machine;

/// <summary>The distinct lines of /proc/cpuinfo, by key, in the kernel's order.</summary>
/// <param name="Fields">Each key with a value; a key comes more than once where CPUs differ.</param>
internal sealed record CpuInfo(IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    /// <summary>
    /// Reads lines of the form <c>key : value</c>; others are passed over, as they hold nothing by name.
    /// </summary>
    /// <param name="lines">The lines.</param>
    /// <returns>The fields.</returns>
    public static CpuInfo Parse(IEnumerable<string> lines)
    {
        List<KeyValuePair<string, string>> fields = [];
        foreach (string line in lines)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                fields.Add(new(line[..colon].Trim(), line[(colon + 1)..].Trim()));
            }
        }

        return new CpuInfo(fields);
    }

    /// <summary>Gets the first value of a key that is not empty, or null.</summary>
    /// <param name="key">The key; upper and lower case matter, as ARM's <c>Processor</c> is no
    /// <c>processor</c>.</param>
    /// <returns>The value.</returns>
    public string? this[string key] => Fields.FirstOrDefault(field => field.Key == key && field.Value.Length > 0).Value;

    /// <summary>Gets the first value of the first key that has one, or null.</summary>
    /// <param name="keys">The keys.</param>
    /// <returns>The value.</returns>
    public string? First(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            if (this[key] is string value)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Gets the values of a key that are not empty: one for each kind of CPU.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The values.</returns>
    public IEnumerable<string> Values(string key) =>
        Fields.Where(field => field.Key == key && field.Value.Length > 0).Select(static field => field.Value);

    /// <summary>Gets the words of every line of a key: one list for each kind of CPU.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The lists.</returns>
    public IReadOnlyList<IReadOnlyList<string>> Words(string key) =>
        [.. Fields.Where(field => field.Key == key).Select(static field => SplitWords(field.Value))];

    private static string[] SplitWords(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
