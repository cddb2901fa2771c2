using System.Collections;
using System.Globalization;

namespace NestVirt.StandIn.Cim;

/// <summary>Values of CIM as values of the CLR and as text.</summary>
public static class CimValues
{
    /// <summary>Converts what was given to the CLR type of a property.</summary>
    public static object Convert(CimProperty property, object value)
    {
        if (!property.IsArray)
        {
            return One(property.Type, value);
        }

        object[] items = value is string or not IEnumerable ? [value] : [.. ((IEnumerable)value).Cast<object>()];
        return items.Select(item => One(property.Type, item)).ToArray();
    }

    /// <summary>Reads a text as a type of CIM.</summary>
    /// <returns>The value; null where the text is not one of that type.</returns>
    public static object? Parse(CimType type, string text)
    {
        NumberStyles number = NumberStyles.AllowLeadingSign;
        CultureInfo culture = CultureInfo.InvariantCulture;
        return type switch
        {
            CimType.Boolean => bool.TryParse(text, out bool flag) ? flag : null,
            CimType.UInt8 => byte.TryParse(text, number, culture, out byte value) ? value : null,
            CimType.SInt8 => sbyte.TryParse(text, number, culture, out sbyte value) ? value : null,
            CimType.UInt16 => ushort.TryParse(text, number, culture, out ushort value) ? value : null,
            CimType.SInt16 => short.TryParse(text, number, culture, out short value) ? value : null,
            CimType.UInt32 => uint.TryParse(text, number, culture, out uint value) ? value : null,
            CimType.SInt32 => int.TryParse(text, number, culture, out int value) ? value : null,
            CimType.UInt64 => ulong.TryParse(text, number, culture, out ulong value) ? value : null,
            CimType.SInt64 => long.TryParse(text, number, culture, out long value) ? value : null,
            CimType.DateTime => CimTimes.ParseNative(text),
            _ => text,
        };
    }

    /// <summary>Writes one value as WS-Management and WQL show it.</summary>
    public static string Text(object value) =>
        value switch
        {
            bool flag => flag ? "true" : "false",
            DateTimeOffset time => CimTimes.Instant(time),
            TimeSpan span => CimTimes.Interval(span),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "",
        };

    /// <summary>Gets the name of a type as CIM-XML and WMI write it.</summary>
    public static string TypeName(CimType type) => type.ToString().ToLowerInvariant();

    private static object One(CimType type, object value) =>
        type switch
        {
            CimType.Boolean => (bool)value,
            CimType.UInt8 => System.Convert.ToByte(value, CultureInfo.InvariantCulture),
            CimType.SInt8 => System.Convert.ToSByte(value, CultureInfo.InvariantCulture),
            CimType.UInt16 => System.Convert.ToUInt16(value, CultureInfo.InvariantCulture),
            CimType.SInt16 => System.Convert.ToInt16(value, CultureInfo.InvariantCulture),
            CimType.UInt32 => System.Convert.ToUInt32(value, CultureInfo.InvariantCulture),
            CimType.SInt32 => System.Convert.ToInt32(value, CultureInfo.InvariantCulture),
            CimType.UInt64 => System.Convert.ToUInt64(value, CultureInfo.InvariantCulture),
            CimType.SInt64 => System.Convert.ToInt64(value, CultureInfo.InvariantCulture),
            CimType.DateTime => value is TimeSpan span ? span : (DateTimeOffset)value,
            CimType.Reference => (CimObject)value,
            _ => (string)value,
        };
}
