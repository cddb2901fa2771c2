namespace NestVirt.StandIn.Cim;

/// <summary>A class: its properties in the order in which Windows writes them, which is that of the alphabet.</summary>
public sealed class CimClass
{
    private readonly Dictionary<string, CimProperty> _all;

    internal CimClass(string namespaceName, IReadOnlyList<string> line, IEnumerable<CimProperty> properties, int build)
    {
        Namespace = namespaceName;
        Name = line[0];
        Ancestors = [.. line.Skip(1)];
        _all = properties.ToDictionary(static property => property.Name, StringComparer.OrdinalIgnoreCase);
        Properties =
        [
            .. _all
                .Values.Where(property => property.SinceBuild <= build)
                .OrderBy(static property => property.Name, StringComparer.OrdinalIgnoreCase),
        ];
    }

    /// <summary>Gets the namespace, as in <c>root/virtualization/v2</c>.</summary>
    public string Namespace { get; }

    /// <summary>Gets the name.</summary>
    public string Name { get; }

    /// <summary>Gets the names of the classes that it derives from, the nearest first.</summary>
    public IReadOnlyList<string> Ancestors { get; }

    /// <summary>Gets the properties that this build has.</summary>
    public IReadOnlyList<CimProperty> Properties { get; private set; }

    /// <summary>Gets the properties that name an instance.</summary>
    public IEnumerable<CimProperty> Keys => Properties.Where(static property => property.IsKey);

    /// <summary>Finds a property that this build has.</summary>
    public CimProperty? Find(string name) =>
        Properties.FirstOrDefault(property => property.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Tells whether this is the class of that name or derives from it.</summary>
    public bool IsA(string name) =>
        Name.Equals(name, StringComparison.OrdinalIgnoreCase)
        || Ancestors.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes a property away, as an older Windows has it.</summary>
    public void Remove(string name) =>
        Properties = [.. Properties.Where(property => !property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))];

    /// <summary>Gets a property of any build: a name that no build has is a mistake of this program.</summary>
    internal CimProperty Require(string name) =>
        _all.TryGetValue(name, out CimProperty? property)
            ? property
            : throw new ArgumentException($"{Name} has no property '{name}' in any build.", nameof(name));
}
