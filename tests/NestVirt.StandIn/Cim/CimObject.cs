namespace NestVirt.StandIn.Cim;

/// <summary>An instance of a class. A property without a value is NULL.</summary>
/// <param name="class">The class.</param>
public sealed class CimObject(CimClass @class)
{
    private readonly Dictionary<string, object> _values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets the class.</summary>
    public CimClass Class { get; } = @class;

    /// <summary>Gets or sets a value, in the CLR type of the property; what is set is converted to it.</summary>
    public object? this[string name]
    {
        get => _values.GetValueOrDefault(name);
        set
        {
            CimProperty property = Class.Require(name);
            if (value is null)
            {
                _values.Remove(name);
            }
            else
            {
                _values[name] = CimValues.Convert(property, value);
            }
        }
    }

    /// <summary>Gets a text; empty where it is NULL.</summary>
    public string Text(string name) => this[name] as string ?? "";

    /// <summary>Gets a boolean; false where it is NULL.</summary>
    public bool IsTrue(string name) => this[name] is true;

    /// <summary>Gets a number; 0 where it is NULL.</summary>
    public ulong Number(string name) =>
        this[name] is { } value ? System.Convert.ToUInt64(value, System.Globalization.CultureInfo.InvariantCulture) : 0;

    /// <summary>Makes another instance of the class with the same values.</summary>
    public CimObject Copy()
    {
        var copy = new CimObject(Class);
        foreach ((string name, object value) in _values)
        {
            copy._values[name] = value;
        }

        return copy;
    }

    /// <summary>Tells whether these keys name this instance; what is not compared is not looked at.</summary>
    public bool Matches(IEnumerable<KeyValuePair<string, string>> keys) =>
        keys.All(key =>
            this[key.Key] is { } value && CimValues.Text(value).Equals(key.Value, StringComparison.OrdinalIgnoreCase)
        );

    /// <summary>Gets the path as WMI writes it, without host and namespace.</summary>
    public string RelativePath() => $"{Class.Name}." + string.Join(",", Class.Keys.Select(Key));

    /// <inheritdoc/>
    public override string ToString() => RelativePath();

    // Numbers of 32 bits stand bare, those of 64 in quotes: Win32_IRQResource.IRQNumber=4294967293 and
    // Win32_DeviceMemoryAddress.StartingAddress="3758096384" are what a real host told of its devices.
    private string Key(CimProperty key)
    {
        string text = Escape(CimValues.Text(this[key.Name] ?? ""));
        bool isBare =
            key.Type
            is not (CimType.String or CimType.DateTime or CimType.Reference or CimType.UInt64 or CimType.SInt64);
        return isBare ? $"{key.Name}={text}" : $"{key.Name}=\"{text}\"";
    }

    private static string Escape(string text) =>
        text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
