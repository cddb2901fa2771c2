using System.Buffers;
using System.Globalization;
using System.Text;
using System.Xml;
using NestVirt.Text;

namespace NestVirt.Transport.Recorded;

/// <summary>Leaves in definitions of libvirt's guests what is asked of them, and nothing else: no password, and of what people wrote names and the paths of emulators and ROMs alone.</summary>
/// <remarks>
/// What stays is listed: whatever else a definition may ever hold goes. One that cannot be read goes whole. The names of guests, networks and port groups, and the paths
/// of emulators and ROMs, go where a snapshot is redacted; the rest goes from every answer.
/// </remarks>
internal sealed class DomainRedaction
{
    /// <summary>The name of the answer that holds them.</summary>
    internal const string Answer = "guests";

    /// <summary>The name of the answer that holds what the host can give guests, where sudo had to be asked.</summary>
    internal const string CapabilitiesAnswer = "guestcapabilities";

    private const string Users = "kvmusers";
    private const string List = "@list/";
    private const string Error = "error\t";
    private const string Capabilities = "domainCapabilities";
    private const string Made = "made\t";
    private const string Left = "<redacted/>";
    private const string Devices = "domain/devices/";

    private static readonly XmlReaderSettings s_settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    // Elements of what the host can give that stay with what is in them, by their path.
    private static readonly HashSet<string> s_kept = new(StringComparer.Ordinal)
    {
        Capabilities,
        $"{Capabilities}/domain",
        $"{Capabilities}/machine",
        $"{Capabilities}/arch",
        $"{Capabilities}/cpu",
        $"{Capabilities}/cpu/mode",
        $"{Capabilities}/cpu/mode/model",
        $"{Capabilities}/cpu/mode/feature",
        $"{Capabilities}/cpu/mode/blockers",
        $"{Capabilities}/cpu/mode/blockers/feature",
    };

    // Attributes that stay in what the host can give, which libvirt alone writes.
    private static readonly HashSet<string> s_ofCapabilities = new(StringComparer.Ordinal)
    {
        "name",
        "supported",
        "usable",
        "model",
        "policy",
    };

    private static readonly HashSet<string> s_facts = new(StringComparer.Ordinal)
    {
        "absent",
        "asleep",
        "closed",
        "leftout",
        "made",
        "socket",
        "status",
    };

    private static readonly SearchValues<char> s_idCharacters = SearchValues.Create("0123456789abcdef-");

    private static readonly HashSet<string> s_attributes = new(StringComparer.Ordinal)
    {
        "type",
        "arch",
        "machine",
        "mode",
        "match",
        "check",
        "migratable",
        "policy",
        "state",
        "unit",
        "current",
        "placement",
        "cpuset",
        "vcpu",
        "sockets",
        "dies",
        "clusters",
        "cores",
        "threads",
        "fallback",
        "domain",
        "bus",
        "slot",
        "function",
    };

    // Numbers and words of libvirt that stay where they stand.
    private static readonly HashSet<string> s_ofDevices = new(StringComparer.Ordinal)
    {
        "hostdev managed",
        "hostdev model",
        "interface managed",
        "driver name",
        "driver model",
        "source managed",
        "source namespace",
        "address uuid",
        "address multifunction",
        "boot order",
        "rom bar",
        "rom enabled",
        "tag id",
    };

    private static readonly SearchValues<char> s_wordLetters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
    );

    private static readonly HashSet<string> s_words = new(
        new[] { "cpu", "accel", "machine", "M", "global" }.SelectMany(static word => new[] { $"-{word}", $"--{word}" }),
        StringComparer.Ordinal
    );

    // Where distributions put emulators; another path may tell who put it there.
    private static readonly string[] s_programs = ["/usr/bin/", "/usr/libexec/", "/usr/local/bin/"];

    private static readonly SearchValues<char> s_programLetters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyz0123456789-_"
    );

    private readonly StandIns _emulators = new(static number =>
        string.Create(CultureInfo.InvariantCulture, $"/emulator{number}")
    );

    private readonly StandIns _networks = StandIns.Named("network");
    private readonly StandIns _groups = StandIns.Named("portgroup");
    private readonly StandIns _roms = new(static number =>
        string.Create(CultureInfo.InvariantCulture, $"/rom{number}")
    );

    private readonly StandIns? _names = StandIns.Named("guest");

    /// <summary>Initializes a new instance of the <see cref="DomainRedaction"/> class that replaces names.</summary>
    internal DomainRedaction() { }

    private DomainRedaction(StandIns? names) => _names = names;

    /// <summary>Tells whether an answer holds definitions.</summary>
    /// <param name="probe">The name of its probe.</param>
    /// <returns>True if so.</returns>
    internal static bool IsOf(string probe) => probe is Answer or CapabilitiesAnswer;

    /// <summary>Takes out of an answer what may be a secret, and leaves the names.</summary>
    /// <param name="text">The answer.</param>
    /// <returns>The answer without that.</returns>
    internal static string Hide(string text) => new DomainRedaction(null).RedactGuests(text);

    /// <summary>Replaces what identifies guests in an answer.</summary>
    /// <param name="probe">The name of its probe.</param>
    /// <param name="text">The answer.</param>
    /// <returns>The answer without that; another probe's as it is.</returns>
    internal string Redact(string probe, string text) =>
        probe switch
        {
            Answer or CapabilitiesAnswer => RedactGuests(text),
            Users => string.Join('\n', text.Split('\n').Select(RedactUser)),
            _ => text,
        };

    // guest, the number of its process, its name.
    private string RedactUser(string line) =>
        line.Split('\t', 3) is ["guest", var process, var name] ? $"guest\t{process}\t{NameOf(name)}" : line;

    private string NameOf(string name) => _names?.Of(name) ?? WithoutLines(name);

    private string EmulatorOf(string path) =>
        _names is null
        || Array.Exists(
            s_programs,
            folder =>
                path.StartsWith(folder, StringComparison.Ordinal)
                && !path.AsSpan(folder.Length).ContainsAnyExcept(s_programLetters)
        )
            ? WithoutLines(path)
            : _emulators.Of(path);

    // An answer is read line by line.
    private static string WithoutLines(string text) => text.ReplaceLineEndings(" ");

    private string RedactGuests(string text)
    {
        StringBuilder result = new();
        StringBuilder? document = null;
        bool isList = false;
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith('|') && !isList)
            {
                (document ??= new StringBuilder()).Append(line, 1, line.Length - 1).Append('\n');
                continue;
            }

            End();
            if (line.StartsWith('@'))
            {
                isList = line.StartsWith(List, StringComparison.Ordinal);
            }

            if (line.StartsWith('@') || (line.StartsWith('|') ? IsId(line.AsSpan(1)) : IsFact(line)))
            {
                result.Append(ReduceMade(line)).Append('\n');
            }
            else if (_names is null && line.StartsWith(Error, StringComparison.Ordinal))
            {
                result.Append(SecretText.Hide(line)).Append('\n');
            }
        }

        End();
        return result.ToString();

        void End()
        {
            if (document is not null)
            {
                result.Append('|').Append(Reduce(document.ToString())).Append('\n');
                document = null;
            }
        }
    }

    // Of the path of what a driver made, what it is made of and its name; another path may tell what people wrote.
    private static string ReduceMade(string line)
    {
        if (!line.StartsWith(Made, StringComparison.Ordinal))
        {
            return line;
        }

        string path = line[Made.Length..];
        string name = path[(path.LastIndexOf('/') + 1)..];
        bool isMade = Guid.TryParseExact(name, "D", out _) || QemuDeviceWord.VdpaNameOf($"/dev/{name}") is not null;
        return !isMade ? Made
            : path.Split('/').Select(QemuDeviceWord.PlainAddress).LastOrDefault(static one => one is not null)
                is { } address
                ? $"{Made}/{address}/{name}"
            : $"{Made}/{name}";
    }

    private static bool IsId(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(s_idCharacters);

    // What a daemon complained of goes where names do: it can name anything.
    private static bool IsFact(string line) => s_facts.Contains(line.Split('\t')[0]);

    private string Reduce(string document)
    {
        StringBuilder text = new();
        try
        {
            using XmlReader reader = XmlReader.Create(new StringReader(document), s_settings);
            using XmlWriter writer = XmlWriter.Create(
                text,
                new XmlWriterSettings { OmitXmlDeclaration = true, NewLineHandling = NewLineHandling.Entitize }
            );
            reader.MoveToContent();
            if (!IsKept(reader.LocalName, string.Empty))
            {
                return Left;
            }

            Copy(reader, writer, reader.LocalName);
        }
        catch (Exception error) when (error is XmlException or InvalidOperationException or ArgumentException)
        {
            return Left;
        }

        return text.ToString();
    }

    private void Copy(XmlReader reader, XmlWriter writer, string path)
    {
        writer.WriteStartElement(reader.LocalName);
        bool isEmpty = reader.IsEmptyElement;
        while (reader.MoveToNextAttribute())
        {
            if (reader.Prefix.Length == 0 && Attribute(path, reader.LocalName, reader.Value) is { } value)
            {
                writer.WriteAttributeString(reader.LocalName, value);
            }
        }

        reader.MoveToElement();
        reader.Read();
        while (!isEmpty && reader.NodeType != XmlNodeType.EndElement)
        {
            string inner = $"{path}/{reader.LocalName}";
            if (reader.NodeType == XmlNodeType.Element && inner == "domain/name")
            {
                writer.WriteElementString("name", NameOf(reader.ReadElementContentAsString()));
            }
            else if (
                reader.NodeType == XmlNodeType.Element
                && (inner is "domain/devices/emulator" || inner == $"{Capabilities}/path")
            )
            {
                writer.WriteElementString(reader.LocalName, EmulatorOf(reader.ReadElementContentAsString()));
            }
            else if (reader.NodeType == XmlNodeType.Element && inner == "domain/cpu/vendor")
            {
                string vendor = reader.ReadElementContentAsString();
                if (vendor is "Intel" or "AMD" or "Hygon")
                {
                    writer.WriteElementString("vendor", vendor);
                }
            }
            else if (reader.NodeType == XmlNodeType.Element && inner == "domain/commandline")
            {
                Words(reader, writer);
            }
            else if (reader.NodeType == XmlNodeType.Element && IsKept(inner, path))
            {
                Copy(reader, writer, inner);
            }
            else if (reader.NodeType == XmlNodeType.Element)
            {
                reader.Skip();
            }
            else
            {
                if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA && path.Count('/') > 0)
                {
                    writer.WriteString(WithoutLines(reader.Value));
                }

                if (!reader.Read())
                {
                    break;
                }
            }
        }

        if (!isEmpty)
        {
            reader.ReadEndElement();
        }

        writer.WriteEndElement();
    }

    private static bool IsKept(string path, string parent) =>
        s_kept.Contains(path) || DomainElements.IsKept(path, parent);

    private string? Attribute(string path, string name, string value)
    {
        bool isFeature = path is "domain/cpu/feature" && name == "name";
        HashSet<string> kept = path.StartsWith(Capabilities, StringComparison.Ordinal)
            ? s_ofCapabilities
            : s_attributes;
        return isFeature || kept.Contains(name) ? value
            : path.StartsWith(Devices, StringComparison.Ordinal) ? OfDevice(path, name, value)
            : null;
    }

    private string? OfDevice(string path, string name, string value) =>
        $"{path[(path.LastIndexOf('/') + 1)..]} {name}" switch
        {
            "mac address" => IsMac(value) ? value : null,
            "rom file" => _names is null ? WithoutLines(value) : _roms.Of(value),
            "source network" => _names is null ? WithoutLines(value) : _networks.Of(value),
            "source portgroup" => _names is null ? WithoutLines(value) : _groups.Of(value),
            "source dev" => QemuDeviceWord.VdpaNameOf(value) is null ? null : value,
            var known => s_ofDevices.Contains(known) && !value.AsSpan().ContainsAnyExcept(s_wordLetters) ? value : null,
        };

    // What is redacted further has it replaced as everywhere else.
    private static bool IsMac(string value) =>
        value.Split(':') is { Length: 6 } parts
        && Array.TrueForAll(parts, static part => part.Length == 2 && HexText.TryParse(part, out _));

    // Of words for QEMU's command line, which of them may choose a processor, and which give devices of the host.
    private static void Words(XmlReader reader, XmlWriter writer)
    {
        writer.WriteStartElement("commandline");
        using (XmlReader words = reader.ReadSubtree())
        {
            while (words.Read())
            {
                string? word = words.LocalName == "arg" ? words.GetAttribute("value") : null;
                string? kept =
                    word is null ? null
                    : s_words.Contains(word) ? word
                    : QemuDeviceWord.Read(word) is { } device ? device.ToString()
                    : word.Contains("cpu", StringComparison.Ordinal) ? "cpu"
                    : null;
                if (kept is not null)
                {
                    writer.WriteStartElement("arg");
                    writer.WriteAttributeString("value", kept);
                    writer.WriteEndElement();
                }
            }
        }

        reader.Skip();
        writer.WriteEndElement();
    }
}
