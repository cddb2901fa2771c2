using System.Xml;

namespace NestVirt.Transport.Cim;

/// <summary>Reads instances from the XML of CIM (DSP0201).</summary>
/// <remarks>Elements that it does not know, such as qualifiers, are passed over, however deep they are.</remarks>
internal sealed class CimXmlReader
{
    // An instance in an instance in an instance: more than any class of Windows has.
    private const int MostDepth = 8;

    private readonly XmlReader _reader;
    private readonly string _namespace;
    private readonly int _depth;

    private CimXmlReader(XmlReader reader, string @namespace, int depth) =>
        (_reader, _namespace, _depth) = (reader, @namespace, depth);

    /// <summary>Reads every instance of a text.</summary>
    /// <param name="text">One or more <c>INSTANCE</c> elements.</param>
    /// <param name="namespace">The namespace of references that name none.</param>
    /// <returns>The instances.</returns>
    /// <exception cref="CimFormatException">The text is something else.</exception>
    internal static IReadOnlyList<CimInstance> Read(string text, string @namespace) => Read(text, @namespace, 0);

    private static List<CimInstance> Read(string text, string @namespace, int depth)
    {
        if (depth > MostDepth)
        {
            throw new CimFormatException("An instance inside of too many others", text);
        }

        XmlReaderSettings settings = new()
        {
            ConformanceLevel = ConformanceLevel.Fragment,
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            CheckCharacters = false,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
        };
        try
        {
            using XmlReader reader = XmlReader.Create(new StringReader(text), settings);
            return new CimXmlReader(reader, @namespace, depth).ReadAll();
        }
        catch (XmlException error)
        {
            throw new CimFormatException("An instance in the XML of CIM", text, error);
        }
    }

    private List<CimInstance> ReadAll()
    {
        List<CimInstance> instances = [];
        while (_reader.MoveToContent() == XmlNodeType.Element)
        {
            if (_reader.LocalName != "INSTANCE")
            {
                throw new CimFormatException("What is to be an instance in the XML of CIM", _reader.Name);
            }

            instances.Add(ReadInstance());
        }

        return _reader.EOF
            ? instances
            : throw new CimFormatException("What is to be an instance in the XML of CIM", _reader.Value);
    }

    private CimInstance ReadInstance()
    {
        CimInstance instance = new(_reader.GetAttribute("CLASSNAME") ?? string.Empty);
        foreach (string element in Children())
        {
            string? name = _reader.GetAttribute("NAME");
            switch (element)
            {
                case "PROPERTY" or "PROPERTY.ARRAY" when name is not null:
                    bool isEmbedded =
                        (_reader.GetAttribute("EmbeddedObject") ?? _reader.GetAttribute("EMBEDDEDOBJECT")) is not null;
                    CimType type = isEmbedded ? CimType.Instance : CimXml.TypeOf(_reader.GetAttribute("TYPE"));
                    instance.Set(name, ReadValue(type));
                    break;
                case "PROPERTY.REFERENCE" when name is not null:
                    instance.Set(name, ReadReferences());
                    break;
                default:
                    _reader.Skip();
                    break;
            }
        }

        return instance;
    }

    private CimValue? ReadValue(CimType type)
    {
        CimValue? value = null;
        foreach (string element in Children())
        {
            switch (element)
            {
                case "VALUE":
                    value = OfText(type, _reader.ReadElementContentAsString());
                    break;
                case "VALUE.ARRAY":
                    value = new CimValue.Array(type, ReadItems(type));
                    break;
                default:
                    _reader.Skip();
                    break;
            }
        }

        return value;
    }

    private List<CimValue?> ReadItems(CimType type)
    {
        List<CimValue?> items = [];
        foreach (string element in Children())
        {
            switch (element)
            {
                case "VALUE":
                    items.Add(OfText(type, _reader.ReadElementContentAsString()));
                    break;
                case "VALUE.NULL":
                    items.Add(null);
                    _reader.Skip();
                    break;
                default:
                    _reader.Skip();
                    break;
            }
        }

        return items;
    }

    private CimValue OfText(CimType type, string text) =>
        type != CimType.Instance ? new CimValue.Scalar(type, text)
        : Read(text, _namespace, _depth + 1) is [CimInstance one] ? new CimValue.Embedded(one)
        : throw new CimFormatException("What is to be one instance in the XML of CIM", text);

    private CimValue? ReadReferences()
    {
        CimValue? value = null;
        foreach (string element in Children())
        {
            if (element == "VALUE.REFERENCE")
            {
                value = new CimValue.Reference(ReadReference(_depth));
            }
            else
            {
                _reader.Skip();
            }
        }

        return value;
    }

    // INSTANCEPATH, LOCALINSTANCEPATH and INSTANCENAME differ in how much of the place they tell.
    private CimPath ReadReference(int depth)
    {
        if (depth > MostDepth)
        {
            throw new CimFormatException("A reference inside of too many others", _reader.Name);
        }

        List<string> parts = [];
        string className = string.Empty;
        List<KeyValuePair<string, CimValue>> keys = [];
        int end = _reader.Depth;
        bool isEmpty = _reader.IsEmptyElement;
        _reader.Read();
        while (!isEmpty && _reader.Depth > end)
        {
            switch (_reader)
            {
                case { NodeType: XmlNodeType.Element, LocalName: "NAMESPACE" }:
                    parts.Add(_reader.GetAttribute("NAME") ?? string.Empty);
                    break;
                case { NodeType: XmlNodeType.Element, LocalName: "INSTANCENAME" }:
                    className = _reader.GetAttribute("CLASSNAME") ?? string.Empty;
                    break;
                case { NodeType: XmlNodeType.Element, LocalName: "KEYBINDING" }:
                    string name = _reader.GetAttribute("NAME") ?? string.Empty;
                    if (ReadKey(depth) is { } key)
                    {
                        keys.Add(new(name, key));
                    }

                    continue;
                case { EOF: true }:
                    throw new CimFormatException("A reference in the XML of CIM", className);
            }

            _reader.Read();
        }

        if (!isEmpty)
        {
            _reader.ReadEndElement();
        }

        return new CimPath(parts.Count == 0 ? _namespace : string.Join('/', parts), className, keys);
    }

    private CimValue? ReadKey(int depth)
    {
        CimValue? key = null;
        foreach (string element in Children())
        {
            switch (element)
            {
                case "KEYVALUE":
                    CimType type = _reader.GetAttribute("TYPE") is { } named
                        ? CimXml.TypeOf(named)
                        : _reader.GetAttribute("VALUETYPE") switch
                        {
                            "boolean" => CimType.Boolean,
                            "numeric" => CimType.UInt64,
                            _ => CimType.String,
                        };
                    key = new CimValue.Scalar(type, _reader.ReadElementContentAsString());
                    break;
                case "VALUE.REFERENCE":
                    key = new CimValue.Reference(ReadReference(depth + 1));
                    break;
                default:
                    _reader.Skip();
                    break;
            }
        }

        return key;
    }

    // Stands on each child element in turn, which whoever takes it reads to its end; then behind the end of the parent.
    private IEnumerable<string> Children()
    {
        if (_reader.IsEmptyElement)
        {
            _reader.Read();
            yield break;
        }

        _reader.Read();
        while (_reader.MoveToContent() != XmlNodeType.EndElement)
        {
            if (_reader.EOF)
            {
                throw new XmlException("an element has no end");
            }

            if (_reader.NodeType == XmlNodeType.Element)
            {
                yield return _reader.LocalName;
            }
            else
            {
                _reader.Read();
            }
        }

        _reader.ReadEndElement();
    }
}
