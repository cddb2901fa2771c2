using System.Globalization;
using NestVirt.Changes;
using NestVirt.Linux.DomainXml;
using NestVirt.Linux.Guests;
using NestVirt.Text;

namespace NestVirt.Linux.GuestTuning;

/// <summary>Fits a definition to a host.</summary>
/// <remarks>
/// The elements, and the order in which libvirt writes them: its formatdomain page, and virDomainCputuneDefFormat(),
/// virDomainNumatuneFormatXML(), virDomainMemorybackingDefFormat() and virDomainNumaDefFormatXML() of src/conf. Where no file says
/// how, an element comes behind all others of its kind: libvirt reads them in any order.
/// </remarks>
/// <param name="document">The definition.</param>
internal sealed class TuningEdit(DomainDocument document)
{
    private static readonly string[] s_beforePins =
    [
        "shares",
        "global_period",
        "global_quota",
        "period",
        "quota",
        "emulator_period",
        "emulator_quota",
        "iothread_period",
        "iothread_quota",
        "vcpupin",
    ];

    // Definitions are somebody else's words.
    private const int MostIOThreads = 1024;

    private readonly List<string> _parts = [];
    private DomainEdit _edit = new(document);

    /// <summary>Gets the definition as it is now.</summary>
    internal DomainDocument Document => _edit.Document;

    /// <summary>Gets the element of all.</summary>
    internal DomainElement Root => _edit.Root;

    /// <summary>Gets the parts of the definition that changed, as <see cref="DomainAction"/> names them.</summary>
    internal IReadOnlyList<string> Parts => [.. _parts.Distinct(StringComparer.Ordinal)];

    /// <summary>Gets what changed, as a plan shows it.</summary>
    internal IReadOnlyList<DomainChange> Changes => _edit.Changes;

    /// <summary>Gets the ids of the threads that run its disks.</summary>
    internal IReadOnlyList<int> IOThreads =>
        Root.Find("iothreadids") is { } ids
            ? [.. ids.All("iothread").Select(static one => Number(one.Value("id"))).OfType<int>().Order()]
            : [.. Enumerable.Range(1, Math.Clamp(Number(Root.Find("iothreads")?.Text.Trim()) ?? 0, 0, MostIOThreads))];

    /// <summary>Pins its processors.</summary>
    /// <param name="cpus">The processor of the host for each of its own.</param>
    internal void PinProcessors(IReadOnlyDictionary<int, int> cpus)
    {
        string? from = Pins("vcpupin", "vcpu");
        foreach ((int vcpu, int cpu) in cpus.OrderBy(static pair => pair.Key))
        {
            Pin("vcpupin", ("vcpu", Word(vcpu)), Word(cpu), s_beforePins);
        }

        _edit.Note("pins of processors", from, Pins("vcpupin", "vcpu"));
        // libvirt would choose nodes anew at each start (numad).
        if (Root.Find("vcpu") is { } count && count.Value("placement") == "auto")
        {
            Do("vcpu", () => _edit.SetAttribute(count, "placement", "static"));
            _edit.Note("placement of processors", "auto", "static");
        }
    }

    /// <summary>Pins QEMU's own threads.</summary>
    /// <param name="cpus">The processors of the host.</param>
    internal void PinEmulator(IEnumerable<int> cpus)
    {
        string? from = Root.Find("cputune", "emulatorpin")?.Value("cpuset");
        Pin("emulatorpin", null, CpuList.Write(cpus), [.. s_beforePins, "emulatorpin"]);
        _edit.Note("pins of the emulator", from, CpuList.Write(cpus));
    }

    /// <summary>Pins a thread that runs disks.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cpus">The processors of the host.</param>
    internal void PinIOThread(int id, IEnumerable<int> cpus)
    {
        string? from = IOThreadPin(id)?.Value("cpuset");
        Pin(
            "iothreadpin",
            ("iothread", Word(id)),
            CpuList.Write(cpus),
            [.. s_beforePins, "emulatorpin", "iothreadpin"]
        );
        _edit.Note($"pins of I/O thread {Word(id)}", from, CpuList.Write(cpus));
    }

    /// <summary>Gets where a thread that runs disks may run.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>The processors; null where nothing is said.</returns>
    internal IReadOnlySet<int>? IOThreadCpus(int id) => CpuList.Members(IOThreadPin(id)?.Value("cpuset"));

    /// <summary>Gets where QEMU's own threads may run.</summary>
    /// <returns>The processors; null where nothing is said.</returns>
    internal IReadOnlySet<int>? EmulatorCpus() => CpuList.Members(Root.Find("cputune", "emulatorpin")?.Value("cpuset"));

    /// <summary>Sets its processor.</summary>
    /// <param name="change">What is to become of it.</param>
    internal void SetProcessor(CpuChange change)
    {
        DomainEdit made = CpuEditor.Edit(Document, change);
        if (made.Changes.Count > 0)
        {
            Join(made);
            _parts.Add("cpu");
        }
    }

    /// <summary>Gives it NUMA nodes to see.</summary>
    /// <param name="cells">The processors of each.</param>
    /// <param name="memoryKiB">The memory of each, in KiB.</param>
    internal void SetCells(IReadOnlyList<IReadOnlyList<int>> cells, long memoryKiB)
    {
        Do("cpu", () => _edit.Need("cpu"));
        Do(
            "cpu",
            () =>
                _edit.Insert(
                    Root.Find("cpu")!,
                    "numa",
                    [],
                    "model",
                    "vendor",
                    "topology",
                    "cache",
                    "maxphysaddr",
                    "feature"
                )
        );
        for (int id = 0; id < cells.Count; id++)
        {
            (string, string)[] cell =
            [
                ("id", Word(id)),
                ("cpus", CpuList.Write(cells[id])),
                ("memory", Word(memoryKiB)),
                ("unit", "KiB"),
            ];
            Do("cpu", () => _edit.Insert(Root.Find("cpu", "numa")!, "cell", cell, "cell"));
        }

        _edit.Note("NUMA nodes", null, string.Join(" and ", cells.Select(CpuList.Write)));
    }

    /// <summary>Says which nodes of the host its memory comes from.</summary>
    /// <param name="nodes">The node for each that it sees.</param>
    /// <param name="mode">libvirt's word for how strictly.</param>
    internal void SetMemoryNodes(IReadOnlyList<int> nodes, string mode)
    {
        string? from = MemoryNodes();
        Do("numatune", () => _edit.Need("numatune"));
        if (Root.Find("numatune", "memory") is null)
        {
            Do("numatune", () => _edit.Insert(Root.Find("numatune")!, "memory", []));
        }

        Do("numatune", () => _edit.SetAttribute(Root.Find("numatune", "memory")!, "placement", null));
        Do("numatune", () => _edit.SetAttribute(Root.Find("numatune", "memory")!, "mode", mode));
        Do(
            "numatune",
            () => _edit.SetAttribute(Root.Find("numatune", "memory")!, "nodeset", CpuList.Write(nodes), "mode")
        );
        Do("numatune", () => _edit.Remove([.. Root.Find("numatune")!.All("memnode")]));
        if (nodes.Count > 1)
        {
            for (int id = 0; id < nodes.Count; id++)
            {
                (string, string)[] cell = [("cellid", Word(id)), ("mode", mode), ("nodeset", Word(nodes[id]))];
                Do("numatune", () => _edit.Insert(Root.Find("numatune")!, "memnode", cell, "memory", "memnode"));
            }
        }

        _edit.Note("nodes of its memory", from, MemoryNodes());
    }

    /// <summary>Puts its memory into huge pages.</summary>
    /// <param name="sizeKiB">Their size, in KiB.</param>
    internal void SetHugePages(long sizeKiB)
    {
        Do("memoryBacking", () => _edit.Need("memoryBacking"));
        Do("memoryBacking", () => _edit.Insert(Root.Find("memoryBacking")!, "hugepages", []));
        Do(
            "memoryBacking",
            () =>
                _edit.Insert(
                    Root.Find("memoryBacking", "hugepages")!,
                    "page",
                    [("size", Word(sizeKiB)), ("unit", "KiB")]
                )
        );
        _edit.Note("huge pages", null, $"of {HugePageRequest.SizeText(sizeKiB)}");
    }

    /// <summary>Gives it threads that run disks.</summary>
    /// <param name="count">How many.</param>
    internal void SetIOThreads(int count)
    {
        string? from = Root.Find("iothreads")?.Text.Trim();
        Do("iothreads", () => _edit.Need("iothreads"));
        Do("iothreads", () => _edit.SetText(Root.Find("iothreads")!, Word(count)));
        _edit.Note("I/O threads", from, Word(count));
    }

    /// <summary>Sets an attribute of the driver of a device, where that has none.</summary>
    /// <param name="part">The device, as <see cref="TunedDevice"/> names it.</param>
    /// <param name="name">The attribute.</param>
    /// <param name="value">The value.</param>
    /// <param name="before">The attributes that libvirt writes before it.</param>
    internal void SetDriver(string part, string name, string value, params string[] before)
    {
        DomainElement Device() => TunedDevice.Of(Root).First(device => device.Part == part).Element;
        string? from = Device().Find("driver")?.Value(name);
        if (Device().Find("driver") is null)
        {
            Do(
                part,
                () => _edit.Insert(Device(), "driver", [], "mac", "source", "virtualport", "script", "target", "model")
            );
        }

        Do(part, () => _edit.SetAttribute(Device().Find("driver")!, name, value, before));
        _edit.Note($"{name} of {part[(part.IndexOf('/', StringComparison.Ordinal) + 1)..]}", from, value);
    }

    /// <summary>Takes the balloon away.</summary>
    internal void RemoveBalloon()
    {
        DomainElement Balloon() => Root.Find("devices", "memballoon")!;
        string? from = Balloon().Value("model");
        foreach (
            string name in Balloon()
                .Attributes.Select(static attribute => attribute.Name)
                .Where(static name => name != "model")
                .ToArray()
        )
        {
            Do("memballoon", () => _edit.SetAttribute(Balloon(), name, null));
        }

        Do("memballoon", () => _edit.Remove([.. Balloon().Children]));
        Do("memballoon", () => _edit.SetAttribute(Balloon(), "model", "none"));
        _edit.Note("balloon", from, "none");
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static string Word(long number) => number.ToString(CultureInfo.InvariantCulture);

    private DomainElement? IOThreadPin(int id) =>
        Root.Find("cputune")?.All("iothreadpin").FirstOrDefault(pin => pin.Value("iothread") == Word(id));

    private string? Pins(string name, string key) =>
        Root.Find("cputune") is { } tune && tune.All(name).Any()
            ? string.Join(' ', tune.All(name).Select(pin => $"{pin.Value(key)}:{pin.Value("cpuset")}"))
            : null;

    private string? MemoryNodes() =>
        Root.Find("numatune", "memory") is { } memory
            ? $"{memory.Value("mode") ?? memory.Value("placement")} {memory.Value("nodeset")}".Trim()
            : null;

    private void Pin(string name, (string Name, string Value)? key, string cpus, string[] before)
    {
        Do("cputune", () => _edit.Need("cputune"));
        DomainElement? Known() =>
            Root.Find("cputune")!
                .All(name)
                .FirstOrDefault(pin => key is null || pin.Value(key.Value.Name) == key.Value.Value);
        if (Known() is null)
        {
            (string, string)[] attributes =
            [
                .. key is { } one ? [one] : Array.Empty<(string, string)>(),
                ("cpuset", cpus),
            ];
            Do("cputune", () => _edit.Insert(Root.Find("cputune")!, name, attributes, before));
        }
        else
        {
            Do("cputune", () => _edit.SetAttribute(Known()!, "cpuset", cpus));
        }
    }

    private void Do(string part, Action edit)
    {
        string before = Document.Text;
        edit();
        if (!ReferenceEquals(before, Document.Text))
        {
            _parts.Add(part);
        }
    }

    private void Join(DomainEdit made)
    {
        foreach (DomainChange change in _edit.Changes)
        {
            made.Note(change.Setting, change.From, change.To);
        }

        _edit = made;
    }
}
