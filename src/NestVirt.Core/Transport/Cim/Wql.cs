namespace NestVirt.Transport.Cim;

/// <summary>Writes the queries of WMI; what comes from outside stands in them as a literal alone.</summary>
internal static class Wql
{
    /// <summary>Writes a text as a literal.</summary>
    /// <param name="value">The text.</param>
    /// <returns>The literal, with its quotes.</returns>
    /// <remarks>Backslashes and quotes are doubled by a backslash (Microsoft, "WQL (SQL for WMI)").</remarks>
    internal static string Literal(string value) =>
        $"'{value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}'";

    /// <summary>Writes the query for what is associated with an instance.</summary>
    /// <param name="path">The instance.</param>
    /// <param name="association">The class of the association.</param>
    /// <param name="result">The class of what is wanted.</param>
    /// <returns>The query.</returns>
    internal static string AssociatorsOf(CimPath path, string association, string result) =>
        $"ASSOCIATORS OF {{{ObjectPath(path)}}} WHERE AssocClass={association} ResultClass={result}";

    private static string ObjectPath(CimPath path) =>
        $"{path.ClassName}.{string.Join(',', path.Keys.Select(static key => $"{key.Key}={Key(key.Value)}"))}";

    private static string Key(CimValue value) =>
        value switch
        {
            CimValue.Reference reference => Literal(reference.Path.ToWmi()),
            CimValue.Scalar { Type: CimType.String or CimType.DateTime or CimType.Char16 } text => Literal(text.Text),
            CimValue.Scalar plain => plain.Text,
            _ => throw new NotSupportedException("A key is neither an array nor an instance."),
        };
}
