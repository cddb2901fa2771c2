using System.Globalization;
using System.Reflection;

namespace NestVirt.StandIn.Cim;

/// <summary>The classes of a build of Windows.</summary>
/// <remarks>
/// Names, types and ancestry are those that microsoft/wmi generated from live machines (server2019, 2020-09, and
/// server23h2, 2024-06); what only the second set has is marked as of build 25398. ExposeVirtualizationExtensions is
/// as of Windows Server 2016, HwThreadsPerCore as of 1703 (win32 docs). Two properties of Msvm_ComputerSystem are
/// in a recording of 2026 alone. Keys are those of the win32 docs.
/// </remarks>
public sealed class CimCatalog
{
    private readonly Dictionary<(string Namespace, string Name), CimClass> _classes;

    private CimCatalog(IEnumerable<CimClass> classes) =>
        _classes = classes.ToDictionary(static @class => Key(@class.Namespace, @class.Name));

    /// <summary>Gets all classes.</summary>
    public IEnumerable<CimClass> Classes => _classes.Values;

    /// <summary>Reads the classes as one build of Windows has them.</summary>
    public static CimCatalog ForBuild(int build)
    {
        var classes = new List<CimClass>();
        foreach (string name in new[] { "virtualization", "cimv2", "deviceguard", "standardcimv2" })
        {
            using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{name}.txt")!;
            using var reader = new StreamReader(stream);
            classes.AddRange(Read(reader.ReadToEnd(), build));
        }

        return new CimCatalog(classes);
    }

    /// <summary>Finds a class.</summary>
    public CimClass? Find(string namespaceName, string name) => _classes.GetValueOrDefault(Key(namespaceName, name));

    /// <summary>Gets a class that is there.</summary>
    public CimClass Get(string namespaceName, string name) =>
        Find(namespaceName, name) ?? throw new ArgumentException($"There is no class '{name}'.", nameof(name));

    /// <summary>Tells whether a namespace exists.</summary>
    public bool HasNamespace(string namespaceName) =>
        _classes.Values.Any(found => found.Namespace.Equals(namespaceName, StringComparison.OrdinalIgnoreCase));

    /// <summary>Gets the class of a name and those that derive from it: none where no class has that name.</summary>
    public IEnumerable<CimClass> Derived(string namespaceName, string name) =>
        _classes.Values.Where(found =>
            found.Namespace.Equals(namespaceName, StringComparison.OrdinalIgnoreCase) && found.IsA(name)
        );

    private static (string, string) Key(string namespaceName, string name) =>
        (namespaceName.ToUpperInvariant(), name.ToUpperInvariant());

    private static IEnumerable<CimClass> Read(string text, int build)
    {
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string namespaceName = lines[0]["namespace ".Length..];
        for (int at = 1; at < lines.Length; )
        {
            string[] line = lines[at]["class ".Length..].Split(" : ");
            int start = ++at;
            while (at < lines.Length && !lines[at].StartsWith("class ", StringComparison.Ordinal))
            {
                at++;
            }

            yield return new CimClass(namespaceName, line, lines[start..at].Select(ReadProperty), build);
        }
    }

    private static CimProperty ReadProperty(string line)
    {
        bool isKey = line.StartsWith("key ", StringComparison.Ordinal);
        string[] words = (isKey ? line[4..] : line).Split(' ');
        bool isArray = words[1].EndsWith("[]", StringComparison.Ordinal);
        CimType type = Enum.Parse<CimType>(words[1].Replace("[]", "", StringComparison.Ordinal), ignoreCase: true);
        int since = words.Length > 3 ? int.Parse(words[3], CultureInfo.InvariantCulture) : 0;
        return new CimProperty(words[0], type, isArray, isKey, since);
    }
}
