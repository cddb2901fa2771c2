namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Reads instances, values and references (DSP0230).</summary>
/// <param name="namespace">The namespace of references that name none.</param>
internal sealed class WsManValueReader(string @namespace)
{
    private const string TypeSuffix = "_Type";
    private const string OutputSuffix = "_OUTPUT";

    private static readonly Dictionary<string, CimType> s_types = new(StringComparer.Ordinal)
    {
        ["cimBoolean"] = CimType.Boolean,
        ["cimUnsignedByte"] = CimType.UInt8,
        ["cimByte"] = CimType.SInt8,
        ["cimUnsignedShort"] = CimType.UInt16,
        ["cimShort"] = CimType.SInt16,
        ["cimUnsignedInt"] = CimType.UInt32,
        ["cimInt"] = CimType.SInt32,
        ["cimUnsignedLong"] = CimType.UInt64,
        ["cimLong"] = CimType.SInt64,
        ["cimFloat"] = CimType.Real32,
        ["cimDouble"] = CimType.Real64,
        ["cimChar16"] = CimType.Char16,
        ["cimDateTime"] = CimType.DateTime,
    };

    /// <summary>Reads an item of an enumeration, in any of its modes.</summary>
    /// <param name="element">What stands for it.</param>
    /// <returns>The instance; where the host gave the path alone, without properties.</returns>
    internal CimInstance ReadItem(WsManElement element)
    {
        if (element is { Name: "EndpointReference" })
        {
            CimPath path = ReadPath(element);
            return new CimInstance(path.ClassName) { Path = path };
        }

        if (element is not { Name: "Item", Namespace: WsManNames.Management })
        {
            return ReadInstance(element);
        }

        WsManElement? reference = element.Child("EndpointReference");
        return element.Children.FirstOrDefault(child => child != reference) is { } content
                ? ReadInstance(content, reference is null ? null : ReadPath(reference))
            : reference is not null ? ReadItem(reference)
            : throw new CimFormatException("What is to be an instance", element.Text);
    }

    /// <summary>Reads an instance.</summary>
    /// <param name="element">Its element, which has the name of its class.</param>
    /// <param name="path">Its path, if it is known.</param>
    /// <returns>The instance.</returns>
    internal CimInstance ReadInstance(WsManElement element, CimPath? path = null) =>
        ReadInstance(element, ClassOf(element), path);

    private CimInstance ReadInstance(WsManElement element, string className, CimPath? path)
    {
        CimInstance instance = new(className, element.Children.Count) { Path = path };
        Dictionary<string, List<CimValue?>>? arrays = null;
        foreach (WsManElement property in element.Children)
        {
            CimValue? value = ReadValue(property);
            if (instance.TryAdd(property.Name, value))
            {
                continue;
            }

            // An array is an element that comes again, with nothing around its items.
            arrays ??= new Dictionary<string, List<CimValue?>>(StringComparer.OrdinalIgnoreCase);
            if (!arrays.TryGetValue(property.Name, out List<CimValue?>? items))
            {
                arrays[property.Name] = items = [instance[property.Name]];
            }

            items.Add(value);
        }

        foreach ((string name, List<CimValue?> items) in arrays ?? [])
        {
            CimType type = items.Find(static item => item is not null)?.Type ?? CimType.String;
            instance.Set(name, new CimValue.Array(type, items));
        }

        return instance;
    }

    private CimValue? ReadValue(WsManElement element)
    {
        if (element.IsNil)
        {
            return null;
        }

        if (element.Children is not [WsManElement first, ..])
        {
            // Blanks are kept: an empty text may come as a line end, and none but who knows the property can tell.
            CimType type = element.Type is { } name ? s_types.GetValueOrDefault(name) : CimType.String;
            return new CimValue.Scalar(type, element.Text);
        }

        return IsTime(first) ? new CimValue.Scalar(CimType.DateTime, first.Text.Trim())
            : element.Child("ReferenceParameters") is not null ? new CimValue.Reference(ReadPath(element))
            : first.Name == "EndpointReference" ? new CimValue.Reference(ReadPath(first))
            : new CimValue.Embedded(ReadEmbedded(element, first));
    }

    // Its class is the type of the property; or stands in an element of its own; or is what its properties are named after.
    private CimInstance ReadEmbedded(WsManElement element, WsManElement first) =>
        element.Type is not null ? ReadInstance(element)
        : element.Children.Count == 1 && first.Name == LastPart(first.Namespace) ? ReadInstance(first)
        : ReadInstance(element, LastPart(first.Namespace), null);

    private CimPath ReadPath(WsManElement reference)
    {
        WsManElement? parameters = reference.Child("ReferenceParameters");
        (string? own, string className) = WsManResource.Parse(parameters?.Child("ResourceURI")?.Text ?? string.Empty);
        if (className.Length == 0)
        {
            throw new CimFormatException("A reference to another instance", reference.Text);
        }

        List<KeyValuePair<string, CimValue>> keys = [];
        foreach (WsManElement selector in parameters?.Child("SelectorSet")?.Children ?? [])
        {
            string name = selector.Attribute("Name") ?? string.Empty;
            CimValue value = selector.Child("EndpointReference") is { } inner
                ? new CimValue.Reference(ReadPath(inner))
                : CimValue.Of(selector.Text);
            if (name != WsManNames.NamespaceSelector)
            {
                keys.Add(new(name, value));
            }
            else
            {
                own ??= selector.Text.Trim().Replace('\\', '/');
            }
        }

        return new CimPath(own ?? @namespace, className, keys);
    }

    private static bool IsTime(WsManElement element) =>
        element.Namespace == WsManNames.Common
        && element.Name is "Datetime" or "Interval" or "Date" or "Time" or "CIM_DateTime";

    private static string ClassOf(WsManElement element) =>
        element.Type is { } type ? Without(type, TypeSuffix) : Without(element.Name, OutputSuffix);

    private static string Without(string text, string suffix) =>
        text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text;

    private static string LastPart(string uri) => uri[(uri.LastIndexOf('/') + 1)..];
}
