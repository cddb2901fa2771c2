using System.Collections;
using System.Globalization;
using System.Numerics;

namespace NestVirt.Transport.Cim.Mi;

/// <summary>Values of CIM as MMI has them: those of .NET. Its instances are left to whoever knows their type.</summary>
/// <remarks>
/// Which type of .NET stands for which of CIM is that of MMI's own CimConverter (PowerShell/MMI): a date and time is a DateTime
/// in the time of this machine, a length of time a TimeSpan, an array of these an array of objects.
/// </remarks>
internal static class MiValues
{
    private static readonly Dictionary<Type, CimType> s_types = new()
    {
        [typeof(string)] = CimType.String,
        [typeof(bool)] = CimType.Boolean,
        [typeof(byte)] = CimType.UInt8,
        [typeof(sbyte)] = CimType.SInt8,
        [typeof(ushort)] = CimType.UInt16,
        [typeof(short)] = CimType.SInt16,
        [typeof(uint)] = CimType.UInt32,
        [typeof(int)] = CimType.SInt32,
        [typeof(ulong)] = CimType.UInt64,
        [typeof(long)] = CimType.SInt64,
        [typeof(float)] = CimType.Real32,
        [typeof(double)] = CimType.Real64,
        [typeof(char)] = CimType.Char16,
        [typeof(DateTime)] = CimType.DateTime,
        [typeof(TimeSpan)] = CimType.DateTime,
        [typeof(object)] = CimType.DateTime,
    };

    /// <summary>Reads a value.</summary>
    /// <param name="value">The value; null for NULL.</param>
    /// <param name="readInstance">Reads an instance: one that is embedded, or that is the path of another.</param>
    /// <returns>The value; null for NULL.</returns>
    internal static CimValue? Read(object? value, Func<object, CimValue> readInstance) =>
        value switch
        {
            null => null,
            string text => CimValue.Of(text),
            bool truth => CimValue.Of(truth),
            char unit => new CimValue.Scalar(CimType.Char16, unit.ToString()),
            DateTime time => Time(CimTime.Write(new DateTimeOffset(time.ToUniversalTime()))),
            TimeSpan length => Time(CimTime.Write(length)),
            ICollection items => ReadArray(items, readInstance),
            IFormattable number when s_types.TryGetValue(number.GetType(), out CimType type) => CimValue.Of(
                type,
                number
            ),
            _ => readInstance(value),
        };

    /// <summary>Writes a value that is neither a reference nor an array of such.</summary>
    /// <param name="value">The value.</param>
    /// <returns>The value of .NET; an embedded instance as the text that methods take it in.</returns>
    internal static object Write(CimValue value) =>
        value switch
        {
            CimValue.Scalar scalar => WriteScalar(scalar),
            CimValue.Embedded embedded => CimXml.Write(embedded.Instance),
            CimValue.Array array => WriteArray(array),
            _ => throw new NotSupportedException("A reference is an instance of MMI."),
        };

    private static CimValue.Scalar Time(string text) => new(CimType.DateTime, text);

    // An empty array tells its type by that of .NET alone; what is no type of .NET's is an instance.
    private static CimValue.Array ReadArray(ICollection items, Func<object, CimValue> readInstance)
    {
        CimValue?[] values = [.. items.Cast<object?>().Select(item => Read(item, readInstance))];
        CimType declared = s_types.GetValueOrDefault(
            items.GetType().GetElementType() ?? typeof(string),
            CimType.Instance
        );
        return new CimValue.Array(values.FirstOrDefault(static item => item is not null)?.Type ?? declared, values);
    }

    private static object WriteScalar(CimValue.Scalar scalar) =>
        scalar.Type switch
        {
            CimType.Boolean => bool.Parse(scalar.Text),
            CimType.UInt8 => Number<byte>(scalar.Text),
            CimType.SInt8 => Number<sbyte>(scalar.Text),
            CimType.UInt16 => Number<ushort>(scalar.Text),
            CimType.SInt16 => Number<short>(scalar.Text),
            CimType.UInt32 => Number<uint>(scalar.Text),
            CimType.SInt32 => Number<int>(scalar.Text),
            CimType.UInt64 => Number<ulong>(scalar.Text),
            CimType.SInt64 => Number<long>(scalar.Text),
            CimType.Real32 => Number<float>(scalar.Text),
            CimType.Real64 => Number<double>(scalar.Text),
            CimType.Char16 => char.Parse(scalar.Text),
            CimType.DateTime => WriteTime(scalar.Text),
            _ => scalar.Text,
        };

    private static object WriteArray(CimValue.Array array) =>
        array.Type switch
        {
            CimType.Boolean => Items<bool>(array),
            CimType.UInt8 => Items<byte>(array),
            CimType.SInt8 => Items<sbyte>(array),
            CimType.UInt16 => Items<ushort>(array),
            CimType.SInt16 => Items<short>(array),
            CimType.UInt32 => Items<uint>(array),
            CimType.SInt32 => Items<int>(array),
            CimType.UInt64 => Items<ulong>(array),
            CimType.SInt64 => Items<long>(array),
            CimType.Real32 => Items<float>(array),
            CimType.Real64 => Items<double>(array),
            CimType.Char16 => Items<char>(array),
            CimType.String or CimType.Instance => Items<string>(array),
            _ => throw new NotSupportedException($"MMI is given no array of {array.Type}."),
        };

    private static T[] Items<T>(CimValue.Array array) =>
        [
            .. array.Items.Select(static item =>
                (T)Write(item ?? throw new NotSupportedException("MMI has no NULL inside of an array."))
            ),
        ];

    private static T Number<T>(string text)
        where T : INumberBase<T> => T.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static object WriteTime(string text) =>
        CimTime.ReadInterval(text) is { } length ? length
        : CimTime.ReadInstant(text) is { } time ? time.UtcDateTime
        : throw new CimFormatException("What is to be a time", text);
}
