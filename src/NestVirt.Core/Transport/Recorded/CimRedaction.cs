using System.Text;
using System.Text.RegularExpressions;
using NestVirt.Transport.Cim;

namespace NestVirt.Transport.Recorded;

/// <summary>Replaces what identifies a machine in answers of CIM, value by value.</summary>
/// <remarks>
/// The names of virtual machines and of network adapters go as well: people give them, and nothing rests on them. What
/// joins the answers are GUIDs, each of which gets the same stand-in everywhere. Names that were learned are replaced in
/// free text alone: a virtual machine may be called as its maker.
/// </remarks>
/// <param name="text">Replaces what texts of any kind hold.</param>
internal sealed partial class CimRedaction(TextRedaction text)
{
    private const string HostStandIn = "redacted";
    private const string ComputerName = "CSName";
    private const string SystemName = "SystemName";
    private const int ShortestName = 3;

    // What holds paths with the name of the host in them, in which a word of the path may be the name of a virtual machine.
    private const string PathProperty = "HostResource";

    // What holds sentences.
    private const string SentenceProperty = "IOVSupportReasons";

    // What Windows calls its own properties by: a GUID in them is that of a set of properties.
    private static readonly HashSet<string> s_names = new(StringComparer.OrdinalIgnoreCase) { "Key", "KeyName" };

    private readonly StandIns _vms = StandIns.Named("vm");
    private readonly StandIns _adapters = StandIns.Named("adapter");
    private readonly StandIns _devices = StandIns.Named("device-");
    private readonly Dictionary<string, string> _names = new(StringComparer.OrdinalIgnoreCase);
    private Regex? _known;

    /// <summary>Learns the names of the host and of its virtual machines.</summary>
    /// <param name="answers">All answers.</param>
    internal void Learn(IEnumerable<ProbeAnswer> answers)
    {
        foreach (CimInstance instance in answers.SelectMany(static answer => Read(answer.Text)))
        {
            if (IsSystem(instance))
            {
                Remember(Plain(instance["ElementName"]), IsGuest(instance));
                Remember(Plain(instance["Name"]), IsGuest(instance));
            }

            Remember(Plain(instance[ComputerName]), isGuest: false);
            Remember(Plain(instance[SystemName]), isGuest: false);
            foreach (string path in instance.Properties.Values.SelectMany(Texts))
            {
                if (Server().Match(path) is { Success: true } server)
                {
                    Remember(server.Groups[2].Value, isGuest: false);
                }
            }
        }

        string[] names = [.. _names.Keys.OrderByDescending(static name => name.Length).Select(Regex.Escape)];
        _known =
            names.Length == 0
                ? null
                : new Regex(
                    $"(?<![A-Za-z0-9])(?:{string.Join('|', names)})(?![A-Za-z0-9])",
                    RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
                );
    }

    /// <summary>Replaces what identifies a machine.</summary>
    /// <param name="answer">An answer of CIM.</param>
    /// <returns>The answer with stand-ins; none where it cannot be read, since nobody knows what is in it then.</returns>
    internal ProbeAnswer Redact(ProbeAnswer answer)
    {
        StringBuilder result = new(answer.Text.Length);
        try
        {
            foreach (CimInstance instance in CimXmlReader.Read(answer.Text, string.Empty))
            {
                result.Append(CimXml.Write(Redact(instance))).Append('\n');
            }
        }
        catch (CimFormatException)
        {
            return new ProbeAnswer(string.Empty, "it could not be read, and so was not redacted but left out");
        }

        return new ProbeAnswer(result.ToString());
    }

    /// <summary>Replaces the names that were learned.</summary>
    /// <param name="value">A text of sentences.</param>
    /// <returns>The text.</returns>
    internal string RedactNames(string value) =>
        _known is null ? value : _known.Replace(value, match => _names[match.Value]);

    private static IReadOnlyList<CimInstance> Read(string answer)
    {
        try
        {
            return CimXml.IsInstances(answer) ? CimXmlReader.Read(answer, string.Empty) : [];
        }
        catch (CimFormatException)
        {
            return [];
        }
    }

    private CimInstance Redact(CimInstance instance)
    {
        CimInstance redacted = new(instance.ClassName);
        foreach ((string name, CimValue? value) in instance.Properties)
        {
            redacted.Set(
                name,
                IsSystem(instance) && Same(name, "ElementName")
                        ? Replaced(value, old => IsGuest(instance) ? _vms.Of(old) : HostStandIn)
                    : IsSystem(instance) && Same(name, "Name") && !IsGuest(instance)
                        ? Replaced(value, static _ => HostStandIn)
                    : IsAdapter(instance) && Same(name, "Name") ? Replaced(value, _adapters.Of)
                    : Same(name, ComputerName) ? Replaced(value, static _ => HostStandIn)
                    : s_names.Contains(name) ? value
                    : Replaced(name, value)
            );
        }

        return redacted;
    }

    private CimValue? Replaced(string name, CimValue? value) =>
        value switch
        {
            CimValue.Reference { Path: var path } => CimValue.Of(
                path with
                {
                    Keys = [.. path.Keys.Select(key => KeyValuePair.Create(key.Key, Replaced(key.Key, key.Value)!))],
                }
            ),
            CimValue.Embedded embedded => new CimValue.Embedded(Redact(embedded.Instance)),
            _ => Replaced(value, old => Same(name, SystemName) ? NameOf(old) : General(name, old)),
        };

    // A device is one of the host, by its name, or one of a virtual machine, by its GUID.
    private string NameOf(string system) => Guid.TryParse(system, out _) ? General(SystemName, system) : HostStandIn;

    // Numbers, truth values and times are no texts, whatever a server calls them.
    private string General(string property, string value)
    {
        if (ulong.TryParse(value, out _) || bool.TryParse(value, out _) || CimTime.ReadInstant(value) is not null)
        {
            return value;
        }

        bool isSentence = Same(property, SentenceProperty);
        bool isFree = isSentence || Same(property, PathProperty);
        string result = isFree ? Servers(value) : value;
        result = DevicePath().Replace(result, match => match.Groups[1].Value + _devices.Of(match.Groups[2].Value));

        // The name that the host was asked by may be longer than the one that it has.
        result = text.Redact(result, isFree);
        result = isSentence ? RedactNames(result) : result;
        return BareMac().Replace(result, "020000000000");
    }

    private static string Servers(string value) =>
        NameOfSystem()
            .Replace(
                Server().Replace(value, static match => match.Groups[1].Value + HostStandIn + match.Groups[3].Value),
                static match =>
                    Guid.TryParse(match.Groups[2].Value, out _) ? match.Value : match.Groups[1].Value + HostStandIn
            );

    private static CimValue? Replaced(CimValue? value, Func<string, string> replace) =>
        value switch
        {
            CimValue.Scalar { Type: CimType.String } scalar => scalar with { Text = replace(scalar.Text) },
            CimValue.Array array => array with { Items = [.. array.Items.Select(item => Replaced(item, replace))] },
            CimValue.Scalar or null => value,

            // No probe asks for arrays of references and of embedded instances.
            _ => null,
        };

    private static IEnumerable<string> Texts(CimValue? value) =>
        value switch
        {
            CimValue.Scalar scalar => [scalar.Text],
            CimValue.Array array => array.Items.SelectMany(Texts),
            _ => [],
        };

    private void Remember(string? name, bool isGuest)
    {
        if (name is { Length: >= ShortestName } && !TextRedaction.IsCommon(name) && !Guid.TryParse(name, out _))
        {
            _names.TryAdd(name, isGuest ? _vms.Of(name) : HostStandIn);
        }
    }

    private static bool IsSystem(CimInstance instance) => Same(instance.ClassName, "Msvm_ComputerSystem");

    // The name of a network adapter is what an administrator calls it; its make is told elsewhere.
    private static bool IsAdapter(CimInstance instance) =>
        instance.ClassName.StartsWith("MSFT_NetAdapter", StringComparison.OrdinalIgnoreCase);

    private static bool IsGuest(CimInstance instance) => Guid.TryParse(Plain(instance["Name"]), out _);

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static string? Plain(CimValue? value) => (value as CimValue.Scalar)?.Text;

    // \\HOST\root\… of a path of WMI.
    [GeneratedRegex(@"((?:^|"")\\\\+)([^\\""]+)(\\+root\\)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Server();

    [GeneratedRegex(@"(SystemName=\\?"")([^\\""]+)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex NameOfSystem();

    // The last part of the path of a PCI device, which is its serial number where it has one.
    [GeneratedRegex(
        @"(VEN_[0-9A-F]{4}&DEV_[0-9A-F]{4}[^\\""]*\\+)([^\\"",]+)",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase
    )]
    private static partial Regex DevicePath();

    // As Hyper-V writes a MAC address; the last part of a GUID stands behind a hyphen.
    [GeneratedRegex(@"(?<![0-9A-Za-z-])[0-9A-Fa-f]{12}(?![0-9A-Za-z])", RegexOptions.CultureInvariant)]
    private static partial Regex BareMac();
}
