using System.Security;

namespace NestVirt.Core.Tests.HyperV;

/// <summary>Writes instances as DSP0201 has them, by hand: what a snapshot of a Windows host holds.</summary>
internal static class CimInstanceText
{
    /// <summary>Writes one instance.</summary>
    /// <param name="className">The class.</param>
    /// <param name="properties">The properties: null is NULL, an array is one.</param>
    internal static string Of(string className, params (string Name, object? Value)[] properties) =>
        $"<INSTANCE CLASSNAME=\"{className}\">{string.Concat(properties.Select(static pair => Property(pair.Name, pair.Value)))}</INSTANCE>\n";

    private static string Property(string name, object? value) =>
        value switch
        {
            CimReferenceText reference =>
                $"<PROPERTY.REFERENCE NAME=\"{name}\"><VALUE.REFERENCE>{reference.Path}</VALUE.REFERENCE></PROPERTY.REFERENCE>",
            CimEmbeddedText embedded =>
                $"<PROPERTY NAME=\"{name}\" TYPE=\"string\" EmbeddedObject=\"instance\"><VALUE>{SecurityElement.Escape(embedded.Instance.Trim())}</VALUE></PROPERTY>",
            null => $"<PROPERTY NAME=\"{name}\" TYPE=\"string\" />",
            Array items =>
                $"<PROPERTY.ARRAY NAME=\"{name}\" TYPE=\"string\"><VALUE.ARRAY>{string.Concat(items.Cast<object>().Select(Value))}</VALUE.ARRAY></PROPERTY.ARRAY>",
            _ => $"<PROPERTY NAME=\"{name}\" TYPE=\"string\">{Value(value)}</PROPERTY>",
        };

    private static string Value(object value) =>
        $"<VALUE>{SecurityElement.Escape(value is bool flag ? (flag ? "true" : "false") : FormattableString.Invariant($"{value}"))}</VALUE>";
}

/// <summary>The path of another instance, as DSP0201 has it.</summary>
internal sealed record CimReferenceText(string ClassName, string Key, object Value)
{
    internal string Path =>
        "<LOCALINSTANCEPATH><LOCALNAMESPACEPATH><NAMESPACE NAME=\"root\"/><NAMESPACE NAME=\"cimv2\"/></LOCALNAMESPACEPATH>"
        + $"<INSTANCENAME CLASSNAME=\"{ClassName}\"><KEYBINDING NAME=\"{Key}\"><KEYVALUE VALUETYPE=\"{(Value is string ? "string" : "numeric")}\">"
        + SecurityElement.Escape(FormattableString.Invariant($"{Value}"))
        + "</KEYVALUE></KEYBINDING></INSTANCENAME></LOCALINSTANCEPATH>";
}

/// <summary>An instance inside of another, as DSP0201 has it.</summary>
internal sealed record CimEmbeddedText(string Instance);
