namespace NestVirt.Linux.DomainXml;

/// <summary>A definition that is being edited, and what was changed so far.</summary>
/// <param name="document">The definition.</param>
internal sealed class DomainEdit(DomainDocument document)
{
    // The order in which libvirt writes what is up to the clock (virDomainDefFormatInternalSetRootName of src/conf/domain_conf.c).
    private static readonly string[] s_order =
    [
        "name",
        "uuid",
        "genid",
        "title",
        "description",
        "metadata",
        "maxMemory",
        "memory",
        "currentMemory",
        "blkiotune",
        "memtune",
        "memoryBacking",
        "vcpu",
        "vcpus",
        "iothreads",
        "iothreadids",
        "defaultiothread",
        "cputune",
        "numatune",
        "resource",
        "sysinfo",
        "bootloader",
        "bootloader_args",
        "os",
        "idmap",
        "throttlegroups",
        "features",
        "cpu",
        "clock",
    ];

    private readonly List<DomainChange> _changes = [];

    /// <summary>Gets the definition as it is now.</summary>
    public DomainDocument Document { get; private set; } = document;

    /// <summary>Gets what was changed.</summary>
    public IReadOnlyList<DomainChange> Changes => _changes;

    /// <summary>Gets the element of all.</summary>
    public DomainElement Root => Document.Root;

    /// <summary>Finds an element at the top, and makes it where there is none.</summary>
    /// <param name="name">One that libvirt writes up to the clock.</param>
    /// <param name="attributes">The attributes of a new one.</param>
    /// <returns>The element.</returns>
    public DomainElement Need(string name, params IReadOnlyList<(string Name, string Value)> attributes)
    {
        if (Root.Find(name) is null)
        {
            Document = Document.Insert(Root, name, attributes, s_order.AsSpan(0, Array.IndexOf(s_order, name)));
        }

        return Root.Find(name)!;
    }

    /// <summary>Notes a change.</summary>
    /// <param name="setting">What changes.</param>
    /// <param name="from">The state before.</param>
    /// <param name="to">The state after.</param>
    public void Note(string setting, string? from, string? to)
    {
        if (from != to)
        {
            _changes.Add(new DomainChange(setting, from, to));
        }
    }

    /// <summary>Sets an attribute.</summary>
    public void SetAttribute(DomainElement element, string name, string? value, params ReadOnlySpan<string> before) =>
        Document = Document.SetAttribute(element, name, value, before);

    /// <summary>Sets the text of an element.</summary>
    public void SetText(DomainElement element, string value) => Document = Document.SetText(element, value);

    /// <summary>Puts an element into another.</summary>
    public void Insert(
        DomainElement parent,
        string name,
        IReadOnlyList<(string Name, string Value)> attributes,
        params ReadOnlySpan<string> before
    ) => Document = Document.Insert(parent, name, attributes, before);

    /// <summary>Takes elements away.</summary>
    public void Remove(IReadOnlyList<DomainElement> elements) => Document = Document.Remove(elements);
}
