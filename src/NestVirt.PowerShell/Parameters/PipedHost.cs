using System.Collections;
using System.Globalization;
using System.Management.Automation;
using NestVirt.Hosts;
using NestVirt.PowerShell.Cim;
using NestVirt.Sessions;
using NestVirt.Text;

namespace NestVirt.PowerShell.Parameters;

/// <summary>The host that an object of the pipeline names: by what it is, by its Target, or by its columns.</summary>
internal sealed record PipedHost
{
    private const string OurTypes = "NestVirt.";
    private const string DeserializedPrefix = "Deserialized.";

    // The order counts: of an account in a directory DNSHostName is what can be reached.
    private static readonly string[] s_hostColumns = ["HostName", "ComputerName", "DNSHostName", "CN"];

    /// <summary>Gets the host itself, or null.</summary>
    public HostTarget? Target { get; private init; }

    /// <summary>Gets the word that -HostName would take, or null.</summary>
    public string? Word { get; private init; }

    /// <summary>Gets what the columns beside the word say.</summary>
    public HostSettings Columns { get; private init; } = new();

    /// <summary>Gets the file of a recorded host, or null.</summary>
    public string? Path { get; private init; }

    /// <summary>Gets why the object names no host that can be asked.</summary>
    public string Fault { get; private init; } = "it names no host";

    /// <summary>Gets a value indicating whether the object says nothing of a host at all.</summary>
    public bool IsNone { get; private init; }

    /// <summary>Reads an object of the pipeline.</summary>
    /// <param name="item">The object.</param>
    /// <param name="takesName">Whether a Name may be that of a host, because the cmdlet takes no other from the pipeline.</param>
    /// <returns>The host that it names.</returns>
    internal static PipedHost Of(PSObject item, bool takesName)
    {
        switch (item.BaseObject)
        {
            case HostTarget target:
                return new PipedHost { Target = target };
            case NestSession session:
                return new PipedHost { Target = session.Target };
            case string word:
                return new PipedHost { Word = word };
            case FileInfo file:
                return new PipedHost { Path = file.FullName };
            case { } session when MiClient.IsSession(session):
                return new PipedHost { Target = MiClient.TargetOf(session) };
        }

        try
        {
            if (IsOf(item, typeof(HostTarget)))
            {
                return new PipedHost { Target = Rebuilt(item) };
            }

            if (IsOf(item, typeof(NestSession)))
            {
                return new PipedHost { Fault = NestSessionsAttribute.Elsewhere };
            }

            return OfColumns(item, takesName && !IsOurs(item));
        }
        catch (FormatException error)
        {
            return new PipedHost { Fault = error.Message };
        }
    }

    /// <summary>Makes the host of what was a Target.</summary>
    /// <param name="value">The Target, what a file or a job made of it, or its text.</param>
    /// <returns>The host.</returns>
    /// <exception cref="ArgumentTransformationMetadataException">It is no Target.</exception>
    internal static HostTarget TargetOf(object? value)
    {
        try
        {
            return Read(value)
                ?? throw new FormatException("it is neither the Target of an object of this module nor its text");
        }
        catch (FormatException error)
        {
            throw new ArgumentTransformationMetadataException($"This is no host: {error.Message}.", error);
        }
    }

    private static PipedHost OfColumns(PSObject item, bool takesName)
    {
        string? word = s_hostColumns.Select(name => Text(item, name)).FirstOrDefault(static text => text is not null);
        word ??= takesName ? Text(item, "Name") : null;
        object? target = item.Properties["Target"]?.Value;
        if (target is not null && Read(target) is { } known && (target is not string || Fits(known, word)))
        {
            return AtHome(item, known);
        }

        return word is not null ? new PipedHost { Word = word, Columns = ColumnsOf(item) }
            : Text(item, "PSPath") is { } path ? new PipedHost { Path = path }
            : new PipedHost { IsNone = true };
    }

    // A table may have a column Target of its own.
    private static bool Fits(HostTarget target, string? word) =>
        word is null || target.Name.Equals(word, StringComparison.OrdinalIgnoreCase);

    // What was this machine there is another one here.
    private static PipedHost AtHome(PSObject item, HostTarget target) =>
        target.Transport is not (HostTransport.Ssh or HostTransport.WsMan)
        && Text(item, "PSComputerName") is { } origin
        && !origin.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        && !origin.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase)
            ? new PipedHost
            {
                Fault = $"it is of {target.Name} as seen from {origin}, which cannot be reached so from here",
            }
            : new PipedHost { Target = target };

    private static HostTarget? Read(object? value) =>
        value switch
        {
            null => null,
            HostTarget target => target,
            PSObject { BaseObject: HostTarget target } => target,
            PSObject { BaseObject: string text } => Read(text),
            string text => HostTarget.TryParse(text, out HostTarget? target) ? target : null,
            PSObject item => item.Properties["Transport"] is null ? null : Rebuilt(item),
            IDictionary table => Read(PSObject.AsPSObject(new Hashtable(table))),
            _ => null,
        };

    private static HostTarget Rebuilt(PSObject item)
    {
        string name = Text(item, "Name") ?? throw new FormatException("its Target has no Name");
        if (!Enum.TryParse(Text(item, "Transport"), out HostTransport transport) || !Enum.IsDefined(transport))
        {
            throw new FormatException($"its Target has no Transport that is known: '{Text(item, "Transport")}'");
        }

        HostSettings columns = ColumnsOf(item);
        switch (transport)
        {
            case HostTransport.Local:
                return HostTarget.Local;
            case HostTransport.Snapshot:
                return new HostTarget(name, new SnapshotAddress(PathOf(item)));
            case HostTransport.Root:
                return new HostTarget(name, new TreeAddress(PathOf(item)));
            default:
                break;
        }

        // The name is checked as one that was typed.
        string place = (transport == HostTransport.WsMan ? Text(item, "ConnectsTo") : null) ?? name;
        string word = place.Contains(':', StringComparison.Ordinal) ? $"[{place}]" : place;
        bool isHost =
            transport == HostTransport.WsMan
                ? HostTarget.TryParseWsMan(word, out HostTarget? host)
                : HostTarget.TryParseSsh(word, out host);
        if (!isHost)
        {
            throw new FormatException($"'{place}' is no name of a host");
        }

        // Whoever wrote the file that it may come from may set as little as an inventory.
        HostSettings settings =
            transport == HostTransport.WsMan ? WithCim(columns, item) : columns with { SshOptions = OptionsOf(item) };
        HostTarget result = settings.ApplyTo(host!).AsOfFile() with { Name = name };
        return Text(item, "AllowSudo") is "False" ? result with { AllowSudo = false } : result;
    }

    // Whom we believe, and who is shown a password, is said anew: whoever wrote the file may not choose it.
    private static HostSettings WithCim(HostSettings columns, PSObject item) =>
        columns with
        {
            UseSsl = Text(item, "UseSsl") == "True" ? true : null,
            Authentication =
                Text(item, "Authentication") is not { } text ? null
                : Enum.TryParse(text, out WsManAuthentication way) && Enum.IsDefined(way)
                    ? way == WsManAuthentication.Basic ? null
                        : way
                : throw new FormatException($"'{text}' is no way to log in"),
        };

    private static string PathOf(PSObject item) =>
        Text(item, "Path") ?? throw new FormatException("its Target has no Path");

    private static IReadOnlyList<string> OptionsOf(PSObject item) =>
        item.Properties["SshOptions"]?.Value switch
        {
            PSObject { BaseObject: IEnumerable many and not string } => [.. many.Cast<object>().Select(PlainText)],
            IEnumerable many and not string => [.. many.Cast<object>().Select(PlainText)],
            null => [],
            { } other when PlainText(other).Length == 0 => [],
            _ => throw new FormatException("the options of ssh in its Target were cut off"),
        };

    private static string PlainText(object value) => value.ToString() ?? string.Empty;

    private static HostSettings ColumnsOf(PSObject item) =>
        new()
        {
            UserName = Text(item, "UserName") is { } user ? UserOf(user) : null,
            KeyFilePath = Text(item, "KeyFilePath") is { } key ? HomePath.Expand(key) : null,
            Port = Text(item, "Port") is { } port ? PortOf(port) : null,
        };

    private static string UserOf(string text) =>
        HostTarget.IsUserName(text) ? text : throw new FormatException($"'{text}' is no account");

    private static int PortOf(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0
            ? port
            : throw new FormatException($"'{text}' is no port");

    /// <summary>Tells whether an object, or a table, has a column, be it empty.</summary>
    /// <param name="item">The object; null for none.</param>
    /// <param name="name">The column.</param>
    /// <returns>True if it has.</returns>
    internal static bool Has(PSObject? item, string name) =>
        item is not null && (TableOf(item) is { } table ? table.Contains(name) : item.Properties[name] is not null);

    /// <summary>Gets the text of a column.</summary>
    /// <param name="item">The object, or the table.</param>
    /// <param name="name">The column.</param>
    /// <returns>The text without blanks around it; null where there is none.</returns>
    internal static string? Text(PSObject item, string name)
    {
        object? value = TableOf(item) is { } table ? table[name] : item.Properties[name]?.Value;
        string? text = value?.ToString()?.Trim();
        return string.IsNullOrEmpty(text) ? null : text;
    }

    private static IDictionary? TableOf(PSObject item) =>
        item.BaseObject is IDictionary table && !table.GetType().IsGenericType ? table : null;

    private static bool IsOf(PSObject item, Type type) =>
        item.TypeNames.Any(name => name == type.FullName || name == DeserializedPrefix + type.FullName);

    private static bool IsOurs(PSObject item) =>
        item.TypeNames.Any(static name =>
            name.StartsWith(OurTypes, StringComparison.Ordinal)
            || name.StartsWith(DeserializedPrefix + OurTypes, StringComparison.Ordinal)
        );
}
