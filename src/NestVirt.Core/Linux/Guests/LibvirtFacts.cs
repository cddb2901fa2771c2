using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Linux.Guests;

/// <summary>A guest of libvirt's system daemon.</summary>
/// <param name="Id">Its UUID.</param>
internal sealed record LibvirtGuest(string Id)
{
    /// <summary>Gets what it is doing.</summary>
    public VmState State { get; init; }

    /// <summary>Gets a value indicating whether it has a process.</summary>
    public bool IsActive { get; init; }

    /// <summary>Gets a value indicating whether it stays defined when it ends.</summary>
    public bool IsPersistent { get; init; }

    /// <summary>Gets a value indicating whether it is started with the host.</summary>
    public bool AutoStart { get; init; }

    /// <summary>Gets a value indicating whether a managed save holds its memory.</summary>
    public bool HasManagedSave { get; init; }

    /// <summary>Gets the definition in effect; null where it does not run, or where that was not told.</summary>
    public DomainDefinition? Running { get; init; }

    /// <summary>Gets the definition of its next start; null where there is none, or where that was not told.</summary>
    public DomainDefinition? Saved { get; init; }

    /// <summary>Gets why a definition could not be read, or null.</summary>
    public string? Unread { get; init; }

    /// <summary>Gets what it is called.</summary>
    internal string Name => Running?.Name ?? Saved?.Name ?? Id;
}

/// <summary>What libvirt's system daemon answered.</summary>
internal sealed record LibvirtFacts
{
    private const string Name = "guests";

    /// <summary>Gets a value indicating whether libvirt's client is there.</summary>
    public bool HasClient { get; init; }

    /// <summary>Gets a value indicating whether anybody looked: a tree has no libvirt to be asked.</summary>
    public bool WasAsked { get; init; }

    /// <summary>Gets the socket of the daemon that is there, or null.</summary>
    public string? Socket { get; init; }

    /// <summary>Gets the socket that the account may not open, or null.</summary>
    public string? ClosedSocket { get; init; }

    /// <summary>Gets a value indicating whether its daemon has not run since the boot: whoever asked would start it, and guests with it.</summary>
    public bool IsAsleep { get; init; }

    /// <summary>Gets the exit status of its client; 124 where the time was up.</summary>
    public string? Status { get; init; }

    /// <summary>Gets a value indicating whether nothing of libvirt is there: neither its client nor a daemon.</summary>
    internal bool IsAbsent => WasAsked && !HasClient && Socket is null;

    /// <summary>Gets what its client complained of.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>Gets the guests, by name.</summary>
    public IReadOnlyList<LibvirtGuest> Guests { get; init; } = [];

    /// <summary>Gets what the emulator of the host's own architecture can give; null where that was not told.</summary>
    public DomainCapabilities? Capabilities { get; init; }

    /// <summary>Gets the paths in sysfs of mediated and vDPA devices, by their names; null where nobody looked.</summary>
    public IReadOnlyDictionary<string, string>? Made { get; init; }

    /// <summary>Gets the reading of the answers.</summary>
    internal static ProbeReading<LibvirtFacts> Reading { get; } =
        new([LibvirtProbe.Probe, LibvirtProbe.CapabilitiesProbe], Read);

    private static LibvirtFacts Read(ProbeAnswers answers)
    {
        ProbeListing listing = ProbeListing.Parse(Name, answers[LibvirtProbe.Probe].Text);
        ProbeAnswer bySudo = answers[LibvirtProbe.CapabilitiesProbe];
        return new LibvirtFacts
        {
            WasAsked = listing.Facts.Count > 0,
            HasClient = listing.Fact("absent") is null,
            Socket = listing.Fact("socket"),
            ClosedSocket = listing.Fact(LibvirtProbe.Closed),
            IsAsleep = listing.Fact("asleep") is not null,
            Status = listing.Fact("status"),
            Errors = [.. listing.Facts.Where(static fact => fact.Name == "error").Select(static fact => fact.Value)],
            Capabilities =
                ReadCapabilities(listing)
                ?? (bySudo.IsAvailable ? ReadCapabilities(ProbeListing.Parse(Name, bySudo.Text)) : null),
            Made = ReadMade(listing),
            Guests = ReadGuests(listing),
        };
    }

    private static Dictionary<string, string>? ReadMade(ProbeListing listing)
    {
        string[] paths =
        [
            .. listing.Facts.Where(static fact => fact.Name == LibvirtProbe.Made).Select(static fact => fact.Value),
        ];
        return paths.Length == 0
            ? null
            : paths
                .Where(static path => path.Length > 0)
                .DistinctBy(static path => path[(path.LastIndexOf('/') + 1)..])
                .ToDictionary(static path => path[(path.LastIndexOf('/') + 1)..], StringComparer.Ordinal);
    }

    private static DomainCapabilities? ReadCapabilities(ProbeListing listing)
    {
        try
        {
            return listing.File(LibvirtProbe.Capabilities) is { Lines.Count: > 0 } file
                ? DomainCapabilities.Parse(string.Join('\n', file.Lines))
                : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static LibvirtGuest[] ReadGuests(ProbeListing listing)
    {
        HashSet<string> active = Ids(listing, "active");
        HashSet<string> running = Ids(listing, "running");
        HashSet<string> paused = Ids(listing, "paused");
        HashSet<string> transient = Ids(listing, "transient");
        HashSet<string> autostart = Ids(listing, "autostart");
        HashSet<string> saved = Ids(listing, "saved");
        HashSet<string> leftOut = new(
            listing.Facts.Where(static fact => fact.Name == LibvirtProbe.LeftOut).Select(static fact => fact.Value),
            StringComparer.Ordinal
        );
        return
        [
            .. Ids(listing, "all")
                .Concat(active)
                .Distinct(StringComparer.Ordinal)
                .Select(id =>
                {
                    bool isActive = active.Contains(id);
                    bool isTransient = transient.Contains(id);
                    string? unread = null;
                    DomainDefinition? now = isActive ? Definition($"running/{id}") : null;
                    DomainDefinition? next = isTransient ? null : Definition($"saved/{id}");
                    return new LibvirtGuest(id)
                    {
                        IsActive = isActive,
                        IsPersistent = !isTransient,
                        AutoStart = autostart.Contains(id),
                        HasManagedSave = saved.Contains(id),
                        State =
                            running.Contains(id) ? VmState.Running
                            : paused.Contains(id) ? VmState.Paused
                            : isActive ? VmState.Unknown
                            : saved.Contains(id) ? VmState.Saved
                            : VmState.Off,
                        Running = now,
                        Saved = next,
                        Unread = unread,
                    };

                    DomainDefinition? Definition(string path)
                    {
                        try
                        {
                            if (leftOut.Contains(path))
                            {
                                unread = "the definition is too long, or all together are";
                                return null;
                            }

                            if (listing.File(path) is not { Lines.Count: > 0 } file)
                            {
                                unread = listing.File(LibvirtProbe.Cut) is null
                                    ? "libvirt did not give the definition: it may have vanished meanwhile"
                                    : "libvirt did not give the definition within 25 seconds";
                                return null;
                            }

                            return DomainDefinition.Parse(string.Join('\n', file.Lines));
                        }
                        catch (FormatException error)
                        {
                            unread = $"the definition cannot be read: {error.Message}";
                            return null;
                        }
                    }
                })
                .OrderBy(static guest => guest.Name, StringComparer.Ordinal),
        ];
    }

    private static HashSet<string> Ids(ProbeListing listing, string name) =>
        new(listing.File($"list/{name}")?.Lines ?? [], StringComparer.Ordinal);
}
