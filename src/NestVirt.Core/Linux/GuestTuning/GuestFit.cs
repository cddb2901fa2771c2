using System.Globalization;
using NestVirt.Changes;
using NestVirt.Linux.DomainXml;
using NestVirt.Linux.Guests;
using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.GuestTuning;

/// <summary>Fits one guest to its host.</summary>
/// <param name="site">The host.</param>
/// <param name="guest">The guest.</param>
/// <param name="saved">What its definition says.</param>
/// <param name="edit">Its definition, which is edited.</param>
/// <param name="notes">Takes what there is to know.</param>
internal sealed class GuestFit(
    TuningSite site,
    LibvirtGuest guest,
    DomainDefinition saved,
    TuningEdit edit,
    List<Finding> notes
)
{
    // More bring nothing to an adapter, and each costs an interrupt of each processor.
    private const int MostQueues = 8;

    private readonly GuestMemory _memory = new(site, guest, saved, edit);

    private VmTuningRequest Request => site.Request;

    /// <summary>Fits it.</summary>
    /// <exception cref="ChangeRefusedException">It cannot be fitted as is asked for.</exception>
    internal void Apply()
    {
        CpuPlacement? placement = Request.Has(VmTuning.Cpu) || Request.Has(VmTuning.Memory) ? Place() : null;
        if (Request.Has(VmTuning.Disks))
        {
            notes.AddRange(DiskTuning.Fit(edit, Request.IOThreadCount, site.Mounts));
        }

        if (placement is not null && Request.Has(VmTuning.Cpu))
        {
            Pin(placement);
        }

        notes.AddRange(_memory.Fit(placement));
        if (Request.Has(VmTuning.Network))
        {
            FitNetwork();
        }

        if (Request.Has(VmTuning.Balloon))
        {
            FitBalloon();
        }
    }

    private static string Plural(int count, string word) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {word}{(count == 1 ? string.Empty : "s")}");

    // Where it is fitted to processors already, that stays: others may have come since, and a move costs a restart.
    private CpuPlacement? Place()
    {
        if (site.Pool.Layout.Cores.Count == 0)
        {
            return Request.Tunings.Contains(VmTuning.Cpu) || Request.Tunings.Contains(VmTuning.Memory)
                ? throw new ChangeRefusedException(TuningFindings.LayoutUnknown)
                : Leave(TuningFindings.LayoutUnknown);
        }

        if (Request.Node is { } node && !site.Pool.Layout.Nodes.Contains(node))
        {
            throw new ChangeRefusedException(TuningFindings.NodeUnknown(node, site.Pool.Layout.Nodes));
        }

        CpuWish wish = new(CellsOf(), Request.Siblings)
        {
            CanSplit = CanSplit,
            Node =
                Request.Node
                ?? (Request.Has(VmTuning.Memory) || saved.MemoryNodes.Count != 1 ? null : saved.MemoryNodes.First()),
            NearNodes =
            [
                .. saved.MemoryNodes,
                .. saved
                    .AssignedDevices.Where(site.DeviceNodes.ContainsKey)
                    .Select(address => site.DeviceNodes[address]),
            ],
            RankOf = _memory.RankOf,
        };
        site.Pool.Release(guest.Name);
        CpuPlacement? kept = CpuPlacement.Kept(
            site.Pool,
            wish with
            {
                MayShare = Request.Force || !Request.Has(VmTuning.Cpu),
            },
            saved
        );
        CpuPlacement? placement = kept ?? (Request.Has(VmTuning.Cpu) ? CpuPlacement.Find(site.Pool, wish) : null);
        bool canShare =
            placement is null
            && Request.Has(VmTuning.Cpu)
            && CpuPlacement.Find(site.Pool, wish with { MayShare = true }) is not null;
        if (canShare && Request.Force)
        {
            placement = CpuPlacement.Find(site.Pool, wish with { MayShare = true });
        }

        if (placement is null)
        {
            site.Pool.Take(guest.Name, saved);
            site.Pool.Take(guest.Name, guest.Running);
            int count = wish.Cells.Sum(static cell => cell.Count);
            string host = string.Join("; ", site.Pool.Layout.Nodes.Select(site.Pool.Describe));
            return !Request.Has(VmTuning.Cpu)
                ? Leave(
                    TuningFindings.Left("Its memory is on no nodes of its own, since its processors are not pinned.")
                )
                : throw new ChangeRefusedException(
                    canShare
                        ? TuningFindings.Taken(count, host)
                        : TuningFindings.TooSmall(count, Request.Has(VmTuning.Memory) ? saved.MemoryBytes : null, host)
                );
        }

        int[] cpus = [.. placement.Cpus.Values];
        if (site.Pool.OwnersOf(cpus) is { Count: > 0 } owners && Request.Has(VmTuning.Cpu))
        {
            notes.Add(TuningFindings.Shared(owners, CpuList.Write(cpus)));
        }

        site.Pool.Take(guest.Name, cpus);
        if (guest.IsActive && !Request.StopGuests)
        {
            // It runs there until its restart.
            site.Pool.Take(guest.Name, guest.Running);
        }

        return placement;
    }

    // Nodes hold all processors, those that can be plugged in later, too, and equal parts of the memory.
    private bool CanSplit(int count) =>
        Request.Has(VmTuning.Memory)
        && edit.Root.Find("cpu", "numa") is null
        && edit.Root.Find("vcpu") is { } vcpus
        && vcpus.Value("current") is null
        && (saved.MemoryBytes ?? 0) % (1024L * count) == 0;

    private CpuPlacement? Leave(Finding finding)
    {
        notes.Add(
            finding.Code == FindingCodes.VmTuningLeft
                ? finding
                : TuningFindings.Left($"{finding.Message}", finding.Evidence)
        );
        return null;
    }

    // Processors that can be plugged in later have no pins yet.
    private IReadOnlyList<int>[] CellsOf()
    {
        DomainElement? each = edit.Root.Find("vcpus");
        int[] vcpus = each is null
            ? [.. Enumerable.Range(0, saved.CpuCount ?? 0)]
            :
            [
                .. each.All("vcpu")
                    .Where(static vcpu => vcpu.Value("enabled") == "yes")
                    .Select(static vcpu =>
                        int.TryParse(vcpu.Value("id"), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                            ? id
                            : -1
                    )
                    .Where(static id => id >= 0),
            ];
        IReadOnlyList<int>[] cells =
        [
            .. (edit.Root.Find("cpu", "numa")?.All("cell") ?? [])
                .Select(cell => CpuList.Members(cell.Value("cpus")) ?? [])
                .Select(cell => vcpus.Where(cell.Contains).ToArray()),
        ];
        return vcpus.Length == 0 ? throw new ChangeRefusedException(TuningFindings.CountUnknown)
            : cells.Length > 0
            && cells.All(static cell => cell.Count > 0)
            && cells.Sum(static cell => cell.Count) == vcpus.Length
                ? cells
            : [vcpus];
    }

    private void Pin(CpuPlacement placement)
    {
        IReadOnlySet<int> ofHost = site.Pool.OfHost([.. placement.Nodes]);
        HashSet<int> own = [.. placement.Cpus.Values];
        if (!placement.IsKept)
        {
            edit.PinProcessors(placement.Cpus);
            notes.Add(
                TuningFindings.Tuned(
                    $"{Plural(own.Count, "processor")} on {CpuList.Write(own)} of {(placement.Nodes.Distinct().Count() == 1 ? "node" : "nodes")} {CpuList.Write(placement.Nodes)}, {LayoutOf(own.Count)}.",
                    site.Pool.Describe(placement.Nodes[0])
                )
            );
        }

        FitTopology(placement);
        if (ofHost.Count > 0)
        {
            PinThreads(own, ofHost);
        }
        else
        {
            notes.Add(
                TuningFindings.Left(
                    "QEMU's own threads are pinned nowhere: virtual machines have all processors of the host."
                )
            );
        }

        string[] floating =
        [
            .. site
                .Guests.Where(other =>
                    other.Id != guest.Id && other.IsActive && IsFloating((other.Running ?? other.Saved)?.Pins, own)
                )
                .Select(static other => other.Name),
        ];
        if (floating.Length > 0 && own.Any(cpu => !site.Pool.Layout.Reserved.Contains(cpu)))
        {
            notes.Add(TuningFindings.Floating(floating));
        }
    }

    private bool IsFloating(IReadOnlyDictionary<int, IReadOnlySet<int>>? pins, HashSet<int> own) =>
        pins is not { Count: > 0 } || pins.Values.Any(cpus => cpus.Overlaps(own) && !site.Pool.IsOfOneCore(cpus));

    // QEMU's main loop and the threads of disks would wait on the processors of guests, and these for them.
    private void PinThreads(HashSet<int> own, IReadOnlySet<int> ofHost)
    {
        bool Does(IReadOnlySet<int>? cpus) =>
            cpus is { Count: > 0 }
            && !cpus.Overlaps(own)
            && !cpus.Overlaps(site.Pool.Layout.Reserved)
            && site.Pool.OwnersOf(cpus).Count == 0;
        bool isSet = false;
        if (!Does(edit.EmulatorCpus()))
        {
            edit.PinEmulator(ofHost);
            isSet = true;
        }

        foreach (int id in edit.IOThreads.Where(id => !Does(edit.IOThreadCpus(id))))
        {
            edit.PinIOThread(id, ofHost);
            isSet = true;
        }

        if (isSet)
        {
            notes.Add(
                TuningFindings.Tuned(
                    $"QEMU's own threads, and those of disks, run on {CpuList.Write(ofHost)}, which stay for the host: they take no time from processors of virtual machines."
                )
            );
        }
    }

    private string LayoutOf(int count) =>
        count == 1 ? "on a core of its own"
        : Request.Siblings == VmSiblingUse.Pair ? "of which threads of one core run two"
        : "each on a core of its own";

    private void FitTopology(CpuPlacement placement)
    {
        int count = placement.Cpus.Count;
        int threads = placement.Cpus.Values.Min(cpu => site.Pool.Layout.CoreOf(cpu)?.Threads.Count ?? 1);
        int cells = placement.Cells.Count;
        if (Request.Siblings != VmSiblingUse.Pair || threads == 1 || saved.Topology?.Threads == threads)
        {
            return;
        }

        // A processor's place in the topology is its number's.
        IEnumerable<(int Cell, object? Core)> places = placement
            .Cpus.OrderBy(static pair => pair.Key)
            .Select(pair =>
                (
                    placement.Cells.Index().First(cell => cell.Item.Contains(pair.Key)).Index,
                    (object?)site.Pool.Layout.CoreOf(pair.Value)
                )
            );
        if (
            !KvmArchitecture.IsX86(saved.Architecture)
            || count % (threads * cells) != 0
            || edit.Root.Find("vcpu")?.Text.Trim() != count.ToString(CultureInfo.InvariantCulture)
            || places.Chunk(threads).Any(static core => core.Distinct().Count() > 1)
        )
        {
            notes.Add(
                TuningFindings.Left(
                    "It does not see which of its processors are threads of one core: their numbers do not make whole cores, or its architecture has none."
                )
            );
            return;
        }

        // QEMU leaves it out of the host's own processor, and without it AMD's have no threads (no_autoenable_flags of target/i386/cpu.c).
        bool needsFlag =
            site.Host.Extension == CpuExtension.Svm
            && saved is { Type: "kvm", Mode: "host-passthrough" or "maximum" }
            && saved.Find("topoext") is null;
        try
        {
            edit.SetProcessor(
                new CpuChange
                {
                    Topology = new CpuTopology(cells, 1, count / threads / cells, threads),
                    Features = needsFlag
                        ? new Dictionary<string, string> { ["topoext"] = "require" }
                        : CpuChange.NoFeatures,
                }
            );
            notes.Add(
                TuningFindings.Tuned(
                    "It sees which of its processors are threads of one core, and so puts work on cores first."
                )
            );
        }
        catch (NestVirtException refusal) when (refusal.Kind == NestVirtErrorKind.ChangeRefused)
        {
            throw new ChangeRefusedException(new Finding(FindingCodes.SettingInvalid, Severity.Error, refusal.Message));
        }
    }

    private void FitNetwork()
    {
        int queues = Math.Min(saved.CpuCount ?? 1, MostQueues);
        TunedDevice[] adapters =
        [
            .. TunedDevice
                .Of(edit.Root)
                .Where(static device =>
                    device.Element.Is("interface")
                    && device.Element.Value("type") is "network" or "bridge" or "direct"
                    && device.Element.Find("model")?.Value("type")
                        is "virtio"
                            or "virtio-transitional"
                            or "virtio-non-transitional"
                    && device.Driver?.Value("name") is null or "vhost"
                    && device.Driver?.Value("queues") is null
                ),
        ];
        if (queues < 2 || adapters.Length == 0)
        {
            return;
        }

        foreach (TunedDevice adapter in adapters)
        {
            edit.SetDriver(
                adapter.Part,
                "queues",
                queues.ToString(CultureInfo.InvariantCulture),
                "name",
                "txmode",
                "ioeventfd",
                "event_idx"
            );
        }

        notes.Add(
            TuningFindings.Tuned(
                $"{Plural(adapters.Length, "network adapter")} with {Plural(queues, "queue")} each: several processors of it send and receive at a time."
            )
        );
    }

    private void FitBalloon()
    {
        if (edit.Root.Find("devices", "memballoon") is not { } balloon || balloon.Value("model") == "none")
        {
            return;
        }

        string? why =
            saved.AssignedDevices.Count > 0 ? "a device of the host that it owns pins all of its memory"
            : edit.Root.Find("memoryBacking", "hugepages") is not null
                ? "its memory is in huge pages, of which the host gets none back"
            : null;
        if (why is null && !Request.Tunings.Contains(VmTuning.Balloon))
        {
            notes.Add(
                TuningFindings.Left(
                    "Its balloon stays: the host may take memory back by it, which hypervisors in the virtual machine do not expect."
                )
            );
            return;
        }

        // It would have from the start what the host keeps by the balloon, and may not have.
        if (saved.StartMemoryBytes < saved.MemoryBytes)
        {
            Finding holds = TuningFindings.Left(
                "Its balloon stays: it starts with less memory than it may have, which the balloon alone sees to.",
                "<currentMemory> is less than <memory>"
            );
            notes.Add(
                Request.Tunings.Contains(VmTuning.Balloon)
                    ? throw new ChangeRefusedException(holds with { Severity = Severity.Error })
                    : holds
            );
            return;
        }

        edit.RemoveBalloon();
        notes.Add(
            TuningFindings.Tuned(
                $"It has no balloon: {why ?? "nobody takes memory away that hypervisors in it count on"}. Its memory statistics go with it."
            )
        );
    }
}
