namespace NestVirt.Linux.Guests;

/// <summary>What libvirt says that one emulator on this host can give guests.</summary>
/// <remarks>The elements are those of libvirt's formatdomaincaps page.</remarks>
internal sealed record DomainCapabilities
{
    /// <summary>Gets what runs guests: kvm or qemu.</summary>
    public string? Type { get; init; }

    /// <summary>Gets the architecture.</summary>
    public string? Architecture { get; init; }

    /// <summary>Gets the emulator.</summary>
    public string? Emulator { get; init; }

    /// <summary>Gets whether each mode is supported.</summary>
    public IReadOnlyDictionary<string, bool> Modes { get; init; } = new Dictionary<string, bool>();

    /// <summary>Gets the features that host-model stands for here.</summary>
    public IReadOnlyList<CpuFeature> HostModel { get; init; } = [];

    /// <summary>Gets the model that host-model stands for here, or null.</summary>
    public string? HostModelName { get; init; }

    /// <summary>Gets whether each named model can be used.</summary>
    public IReadOnlyDictionary<string, bool> Models { get; init; } = new Dictionary<string, bool>();

    /// <summary>Gets the features that keep a model from being used; a libvirt before 9.6 names none.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Blockers { get; init; } =
        new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Tells whether they are of the same architecture, accelerator and emulator as a guest.</summary>
    /// <param name="domain">The guest.</param>
    /// <returns>True if so.</returns>
    internal bool AreOf(DomainDefinition domain) =>
        Type == domain.Type
        && Architecture == domain.Architecture
        && (domain.Emulator is null || Emulator == domain.Emulator);

    /// <summary>Reads the answer of <c>virsh domcapabilities</c>.</summary>
    /// <param name="text">The document.</param>
    /// <returns>What it says.</returns>
    /// <exception cref="FormatException">It cannot be read.</exception>
    internal static DomainCapabilities Parse(string text)
    {
        XmlPart root = XmlText.Read(text);
        if (root.Name != "domainCapabilities")
        {
            throw new FormatException("it is not domainCapabilities");
        }

        XmlPart[] modes = [.. root.Find("cpu")?.All("mode") ?? []];
        XmlPart? custom = Array.Find(modes, static mode => mode["name"] == "custom");
        Dictionary<string, bool> models = new(StringComparer.Ordinal);
        foreach (XmlPart model in custom?.All("model") ?? [])
        {
            if (model["usable"] is "yes" or "no")
            {
                models[model.Text.Trim()] = model["usable"] == "yes";
            }
        }

        Dictionary<string, IReadOnlyList<string>> blockers = new(StringComparer.Ordinal);
        foreach (XmlPart part in custom?.All("blockers") ?? [])
        {
            blockers[part["model"] ?? string.Empty] =
            [
                .. part.All("feature").Select(static feature => feature["name"]).OfType<string>(),
            ];
        }

        return new DomainCapabilities
        {
            Type = root.Find("domain")?.Text.Trim(),
            Architecture = root.Find("arch")?.Text.Trim(),
            Emulator = root.Find("path")?.Text.Trim(),
            Modes = modes
                .Where(static mode => mode["name"] is not null)
                .DistinctBy(static mode => mode["name"])
                .ToDictionary(
                    static mode => mode["name"]!,
                    static mode => mode["supported"] == "yes",
                    StringComparer.Ordinal
                ),
            HostModel =
            [
                .. modes
                    .Where(static mode => mode["name"] == "host-model")
                    .SelectMany(static mode => mode.All("feature"))
                    .Where(static feature => feature["name"] is not null)
                    .Select(static feature => new CpuFeature(feature["name"]!, feature["policy"] ?? "require")),
            ],
            HostModelName = Array.Find(modes, static mode => mode["name"] == "host-model")?.Find("model")?.Text.Trim(),
            Models = models,
            Blockers = blockers,
        };
    }
}
