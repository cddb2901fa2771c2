using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace NestVirt.Transport.Cim;

/// <summary>The path of an instance: its class and keys, and the namespace that they are in.</summary>
/// <param name="Namespace">The namespace with slashes, as in <c>root/virtualization/v2</c>.</param>
/// <param name="ClassName">The class.</param>
/// <param name="Keys">The keys by name, in the order in which they came; none where there is but one instance.</param>
internal sealed record CimPath(string Namespace, string ClassName, IReadOnlyList<KeyValuePair<string, CimValue>> Keys)
{
    /// <summary>Makes the path of an instance whose keys are texts.</summary>
    /// <param name="namespace">The namespace.</param>
    /// <param name="className">The class.</param>
    /// <param name="keys">The keys.</param>
    /// <returns>The path.</returns>
    internal static CimPath Of(
        string @namespace,
        string className,
        params ReadOnlySpan<(string Name, string Value)> keys
    )
    {
        List<KeyValuePair<string, CimValue>> values = [];
        foreach ((string name, string value) in keys)
        {
            values.Add(new(name, CimValue.Of(value)));
        }

        return new CimPath(@namespace, className, values);
    }

    /// <summary>Gets the text of a key.</summary>
    /// <param name="name">The name, in any case.</param>
    /// <returns>The text; null where there is no such key, or it is a reference.</returns>
    internal string? Key(string name) =>
        Keys.FirstOrDefault(key => string.Equals(key.Key, name, StringComparison.OrdinalIgnoreCase)).Value
            is CimValue.Scalar scalar
            ? scalar.Text
            : null;

    /// <summary>Writes the path as WMI does: what properties such as <c>HostResource</c> hold.</summary>
    /// <param name="server">The name of the host; null to leave it out.</param>
    /// <returns>The text, as in <c>\\HV1\root\virtualization\v2:Msvm_X.InstanceID="…"</c>.</returns>
    internal string ToWmi(string? server = null)
    {
        StringBuilder text = new();
        if (server is not null)
        {
            text.Append(@"\\").Append(server).Append('\\');
        }

        text.Append(Namespace.Replace('/', '\\')).Append(':').Append(ClassName);
        char before = '.';
        foreach ((string name, CimValue value) in Keys)
        {
            text.Append(before).Append(name).Append('=');
            before = ',';
            AppendKey(text, value, server);
        }

        return Keys.Count == 0 ? text.Append("=@").ToString() : text.ToString();
    }

    /// <summary>Reads what <see cref="ToWmi"/> and WMI write, with and without a host and a namespace.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">The path; its namespace is empty where the text names none.</param>
    /// <returns>True if it is one.</returns>
    internal static bool TryParse(string text, [NotNullWhen(true)] out CimPath? path) =>
        (path = new WmiPathReader(text).Read()) is not null;

    /// <inheritdoc/>
    public bool Equals(CimPath? other) =>
        other is not null
        && string.Equals(Namespace, other.Namespace, StringComparison.OrdinalIgnoreCase)
        && string.Equals(ClassName, other.ClassName, StringComparison.OrdinalIgnoreCase)
        && Keys.Count == other.Keys.Count
        && Keys.OrderBy(static key => key.Key, StringComparer.OrdinalIgnoreCase)
            .Zip(other.Keys.OrderBy(static key => key.Key, StringComparer.OrdinalIgnoreCase))
            .All(static pair =>
                string.Equals(pair.First.Key, pair.Second.Key, StringComparison.OrdinalIgnoreCase)
                && pair.First.Value.Equals(pair.Second.Value)
            );

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(StringComparer.OrdinalIgnoreCase.GetHashCode(ClassName), Keys.Count);

    /// <inheritdoc/>
    public override string ToString() => ToWmi();

    private static void AppendKey(StringBuilder text, CimValue value, string? server)
    {
        if (value is CimValue.Scalar { Type: not (CimType.String or CimType.DateTime or CimType.Char16) } plain)
        {
            text.Append(plain.Text);
            return;
        }

        string inner = value is CimValue.Reference reference
            ? reference.Path.ToWmi(server)
            : (value as CimValue.Scalar)?.Text ?? string.Empty;
        text.Append('"')
            .Append(
                inner.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            )
            .Append('"');
    }
}
