using System.Globalization;
using NestVirt.Text;

namespace NestVirt.Linux.Guests;

/// <summary>A named feature of a processor, with what is asked of it.</summary>
/// <param name="Name">The name, such as vmx or vmx-ept.</param>
/// <param name="Policy">force, require, optional, disable or forbid.</param>
internal sealed record CpuFeature(string Name, string Policy)
{
    /// <summary>Gets a value indicating whether it is asked for.</summary>
    internal bool IsWanted => Policy is "require" or "force" or "optional";

    /// <summary>Gets a value indicating whether it is kept away.</summary>
    internal bool IsKeptAway => Policy is "disable" or "forbid";

    /// <inheritdoc/>
    public override string ToString() => $"<feature policy='{Policy}' name='{Name}'/>";
}

/// <summary>What a domain's definition says of its processor, and what else the answers tell of a guest.</summary>
/// <remarks>The elements are those of libvirt's formatdomain page.</remarks>
internal sealed record DomainDefinition
{
    private const int MostProcessors = 4096;

    private static readonly string[] s_single =
    [
        "name",
        "memory",
        "vcpu",
        "os",
        "features",
        "cpu",
        "on_poweroff",
        "devices",
        "launchSecurity",
        "commandline",
    ];

    /// <summary>Gets what runs it: kvm, qemu and others.</summary>
    public string? Type { get; init; }

    /// <summary>Gets the name.</summary>
    public string? Name { get; init; }

    /// <summary>Gets the architecture of the guest.</summary>
    public string? Architecture { get; init; }

    /// <summary>Gets the machine type.</summary>
    public string? Machine { get; init; }

    /// <summary>Gets the program that runs it.</summary>
    public string? Emulator { get; init; }

    /// <summary>Gets how many processors it has, or null.</summary>
    public int? CpuCount { get; init; }

    /// <summary>Gets the processors of the host that each of its processors may run on; those that are not pinned are not in it.</summary>
    public IReadOnlyDictionary<int, IReadOnlySet<int>> Pins { get; init; } = new Dictionary<int, IReadOnlySet<int>>();

    /// <summary>Gets how many threads a core has, or null.</summary>
    public int? Threads { get; init; }

    /// <summary>Gets how many sockets it has, dies each, cores of a die and threads of a core; null where nothing is said.</summary>
    public (int Sockets, int Dies, int Cores, int Threads)? Topology { get; init; }

    /// <summary>Gets the memory in bytes, or null.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Gets the memory in bytes that the balloon leaves it at its start, or null.</summary>
    public long? StartMemoryBytes { get; init; }

    /// <summary>Gets a value indicating whether its memory is in huge pages.</summary>
    public bool HasHugePages { get; init; }

    /// <summary>Gets the size of these in KiB; null where they are of the host's default size, or where that was not told.</summary>
    public long? HugePageKiB { get; init; }

    /// <summary>Gets the nodes of the host that its memory has to come from; none where it may come from any, or where that was not told.</summary>
    public IReadOnlySet<int> MemoryNodes { get; init; } = new HashSet<int>();

    /// <summary>Gets how the processor is chosen: custom, host-model, host-passthrough, maximum; null where nothing is said.</summary>
    public string? Mode { get; init; }

    /// <summary>Gets the model, or null.</summary>
    public string? Model { get; init; }

    /// <summary>Gets how near the processor has to come to the model: exact, minimum, strict; null where nothing is said.</summary>
    public string? Match { get; init; }

    /// <summary>Gets the vendor that the host's processor has to be of, Intel or AMD; null where nothing is said.</summary>
    public string? Vendor { get; init; }

    /// <summary>Gets a value indicating whether there is a <c>cpu</c> at all.</summary>
    public bool HasCpu { get; init; }

    /// <summary>Gets how its memory is kept from the host: sev, sev-snp, tdx; null where nothing is said.</summary>
    public string? LaunchSecurity { get; init; }

    /// <summary>Gets what libvirt checks before a start: none, partial, full; null where nothing is said.</summary>
    public string? Check { get; init; }

    /// <summary>Gets whether only features are given that can be migrated; null where nothing is said.</summary>
    public bool? IsMigratable { get; init; }

    /// <summary>Gets the features that are named.</summary>
    public IReadOnlyList<CpuFeature> Features { get; init; } = [];

    /// <summary>Gets the enlightenments of Hyper-V that are on.</summary>
    public IReadOnlyList<string> Enlightenments { get; init; } = [];

    /// <summary>Gets the PCI devices of the host that it owns, and what it owns of such.</summary>
    public IReadOnlyList<GuestDevice> Devices { get; init; } = [];

    /// <summary>Gets its adapters of networks of libvirt, of which some give out virtual functions.</summary>
    public IReadOnlyList<GuestNetwork> Networks { get; init; } = [];

    /// <summary>Gets the addresses of the PCI devices of the host that it owns.</summary>
    internal IReadOnlyList<string> AssignedDevices =>
        [
            .. Devices
                .Where(static device => device.IsWhole)
                .Select(static device => device.Address?.ToString())
                .OfType<string>()
                .Distinct(StringComparer.Ordinal),
        ];

    /// <summary>Gets how many network adapters it has.</summary>
    public int AdapterCount { get; init; }

    /// <summary>Gets what libvirt does when its system powers it off: destroy, restart, preserve; null where nothing is said, which is the first.</summary>
    public string? OnPowerOff { get; init; }

    /// <summary>Gets the first word for QEMU's command line that may choose a processor past libvirt, or null.</summary>
    public string? OwnCpuWord { get; init; }

    /// <summary>Gets a value indicating whether libvirt makes the processor of the host's, whatever the model: so does <c>match='minimum'</c>.</summary>
    internal bool IsOfHostModel => Mode == "host-model" || (Mode == "custom" && Match == "minimum");

    /// <summary>Gets what the definition says of the processor, without its features.</summary>
    internal string CpuText =>
        !HasCpu ? "no <cpu>"
        : Mode is null ? "<cpu> without a model"
        : $"<cpu mode='{Mode}'{(Match == "minimum" ? " match='minimum'" : string.Empty)}>{(Model is null || Mode != "custom" ? string.Empty : $" with the model {Model}")}";

    /// <summary>Finds what is asked of a feature.</summary>
    /// <param name="name">The feature.</param>
    /// <returns>The last that names it, as libvirt and QEMU take it; null where none does.</returns>
    internal CpuFeature? Find(string? name) => Features.LastOrDefault(feature => feature.Name == name);

    /// <summary>Reads a definition.</summary>
    /// <param name="text">The document.</param>
    /// <returns>What it says.</returns>
    /// <exception cref="FormatException">It cannot be read.</exception>
    internal static DomainDefinition Parse(string text)
    {
        XmlPart domain = XmlText.Read(text);
        if (domain.Name != "domain")
        {
            throw new FormatException("it is not a domain");
        }

        // libvirt writes each once: what comes twice was put in by other means.
        if (s_single.FirstOrDefault(name => domain.All(name).Skip(1).Any()) is { } twice)
        {
            throw new FormatException($"it has more than one element {twice}");
        }

        XmlPart? type = domain.Find("os")?.Find("type");
        XmlPart? cpu = domain.Find("cpu");
        XmlPart? devices = domain.Find("devices");
        XmlPart? pages = domain.Find("memoryBacking")?.Find("hugepages");
        XmlPart? hyperv = domain.Find("features")?.Find("hyperv");
        string[] words =
        [
            .. domain.Find("commandline")?.All("arg").Select(static arg => arg["value"] ?? string.Empty) ?? [],
        ];
        return new DomainDefinition
        {
            Type = domain["type"],
            Name = domain.Find("name")?.Text,
            Architecture = type?["arch"],
            Machine = type?["machine"],
            Emulator = devices?.Find("emulator")?.Text.Trim(),
            CpuCount = ReadCount(domain.Find("vcpu")),
            Pins = ReadPins(domain),
            Threads = ReadNumber(cpu?.Find("topology")?["threads"]),
            Topology = ReadTopology(cpu?.Find("topology")),
            MemoryBytes = ReadMemory(domain.Find("memory")),
            StartMemoryBytes = ReadMemory(domain.Find("currentMemory")),
            HasHugePages = pages is not null,
            HugePageKiB = ReadPageSize(pages?.Find("page")),
            MemoryNodes = ReadNodes(domain.Find("numatune")?.Find("memory")),
            Mode = cpu is null ? null : cpu["mode"] ?? (cpu.Find("model") is null ? null : "custom"),
            Model = cpu?.Find("model")?.Text.Trim() is { Length: > 0 } model ? model : null,
            Check = cpu?["check"],
            Match = cpu?["match"],
            Vendor = cpu?.Find("vendor")?.Text.Trim(),
            HasCpu = cpu is not null,
            OnPowerOff = domain.Find("on_poweroff")?.Text.Trim(),
            LaunchSecurity = domain.Find("launchSecurity")?["type"],
            IsMigratable = cpu?["migratable"] switch
            {
                "on" => true,
                "off" => false,
                _ => null,
            },
            Features =
            [
                .. cpu?.All("feature")
                    .Where(static feature => feature["name"] is not null)
                    .Select(static feature => new CpuFeature(feature["name"]!, feature["policy"] ?? "require"))
                    ?? [],
            ],
            Enlightenments =
            [
                .. hyperv?["mode"] is "passthrough" or "host-model" ? [hyperv["mode"]!] : Array.Empty<string>(),
                .. hyperv?.Parts.Where(static part => part["state"] == "on").Select(static part => part.Name) ?? [],
            ],
            Devices = GuestDeviceReader.Numbered(
                GuestDeviceReader.Read(devices).Concat(words.Select(GuestDeviceReader.Read).OfType<GuestDevice>())
            ),
            Networks = [.. GuestDeviceReader.ReadNetworks(devices)],
            AdapterCount = devices?.All("interface").Count() ?? 0,
            OwnCpuWord = ReadOwnWord(words),
        };
    }

    // QEMU takes one dash or two. A property of a processor can be set by -global, and another accelerator has another processor.
    private static string? ReadOwnWord(string[] words)
    {
        for (int i = 0; i < words.Length; i++)
        {
            string word = words[i].TrimStart('-');
            if (
                words[i].StartsWith('-')
                && (
                    word is "cpu" or "accel" or "machine" or "M"
                    || (
                        word == "global"
                        && i + 1 < words.Length
                        && words[i + 1].Contains("cpu", StringComparison.Ordinal)
                    )
                )
            )
            {
                return $"-{word}";
            }
        }

        return null;
    }

    private static int? ReadCount(XmlPart? vcpu) => ReadNumber(vcpu?["current"]) ?? ReadNumber(vcpu?.Text.Trim());

    private static long? ReadPageSize(XmlPart? page) =>
        page?["size"] is { } size ? PageSize.Parse($"{size}{page["unit"] ?? "KiB"}") : null;

    private static HashSet<int> ReadNodes(XmlPart? memory) =>
        memory?["mode"] is null or "strict" or "restrictive" ? CpuList.Members(memory?["nodeset"]) ?? [] : [];

    // What is not pinned by itself may run where all of them may (cpuset of vcpu).
    private static Dictionary<int, IReadOnlySet<int>> ReadPins(XmlPart domain)
    {
        Dictionary<int, IReadOnlySet<int>> pins = [];
        if (CpuList.Members(domain.Find("vcpu")?["cpuset"]) is { Count: > 0 } all)
        {
            foreach (int vcpu in Enumerable.Range(0, Math.Min(ReadCount(domain.Find("vcpu")) ?? 0, MostProcessors)))
            {
                pins[vcpu] = all;
            }
        }

        foreach (XmlPart pin in domain.Find("cputune")?.All("vcpupin") ?? [])
        {
            if (ReadNumber(pin["vcpu"]) is { } vcpu && CpuList.Members(pin["cpuset"]) is { Count: > 0 } cpus)
            {
                pins[vcpu] = cpus;
            }
        }

        return pins;
    }

    private static (int Sockets, int Dies, int Cores, int Threads)? ReadTopology(XmlPart? topology) =>
        ReadNumber(topology?["sockets"]) is { } sockets
        && ReadNumber(topology?["cores"]) is { } cores
        && ReadNumber(topology?["threads"]) is { } threads
            ? (sockets, ReadNumber(topology?["dies"]) ?? 1, cores, threads)
            : null;

    private static int? ReadNumber(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static long? ReadMemory(XmlPart? memory)
    {
        long unit = memory?["unit"] switch
        {
            "b" or "bytes" => 1,
            "KB" => 1000,
            "M" or "MiB" => 1L << 20,
            "MB" => 1_000_000,
            "G" or "GiB" => 1L << 30,
            "GB" => 1_000_000_000,
            "T" or "TiB" => 1L << 40,
            "TB" => 1_000_000_000_000,
            null or "k" or "KiB" => 1024,
            _ => 0,
        };
        return
            unit > 0
            && long.TryParse(memory?.Text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number <= long.MaxValue / unit
            ? number * unit
            : null;
    }
}
