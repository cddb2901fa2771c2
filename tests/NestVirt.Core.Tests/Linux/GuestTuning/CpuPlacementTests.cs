using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using NestVirt.Changes;
using NestVirt.Linux.Guests;
using NestVirt.Linux.GuestTuning;
using NestVirt.Linux.Machine;

namespace NestVirt.Core.Tests.Linux.GuestTuning;

/// <summary>Puts guests on hosts of many shapes, one after another.</summary>
public sealed class CpuPlacementTests
{
    // What is given is free, of nodes that hold the guest, once, and never the host's; and what is given is kept the next time.
    [Property(MaxTest = 300)]
    public void Guests_get_processors_that_nobody_else_has(byte nodes, byte cores, byte threads, byte[] guests)
    {
        CpuLayout layout = LayoutOf(1 + (nodes % 4), 1 + (cores % 12), 1 + (threads % 4));
        CpuPool pool = new(layout);
        IReadOnlySet<int> ofHost = pool.OfHost([.. layout.Nodes]);
        HashSet<int> given = [];
        for (int i = 0; i < guests.Length; i++)
        {
            bool isSplittable = guests[i] % 3 == 0;
            CpuWish wish = new(
                [
                    [.. Enumerable.Range(0, 1 + (guests[i] % 20))],
                ],
                (VmSiblingUse)(guests[i] / 20 % 2)
            )
            {
                CanSplit = isSplittable ? static _ => true : static _ => false,
            };
            if (CpuPlacement.Find(pool, wish) is not { } placement)
            {
                continue;
            }

            Assert.Equal(wish.Cells[0], placement.Cells.SelectMany(static cell => cell));
            Assert.Equal(placement.Cpus.Count, placement.Cpus.Values.Distinct().Count());
            foreach ((int at, IReadOnlyList<int> cell) in placement.Cells.Index())
            {
                Assert.All(cell, vcpu => Assert.Equal(placement.Nodes[at], layout.CoreOf(placement.Cpus[vcpu])!.Node));
            }

            int[] taken = [.. placement.Cpus.Values.SelectMany(cpu => layout.CoreOf(cpu)!.Threads).Distinct()];
            Assert.DoesNotContain(taken, given.Contains);
            Assert.DoesNotContain(taken, ofHost.Contains);
            if (wish.Siblings == VmSiblingUse.Avoid)
            {
                Assert.Equal(placement.Cpus.Count, placement.Cpus.Values.Select(layout.CoreOf).Distinct().Count());
            }

            given.UnionWith(taken);
            pool.Take($"guest {i}", placement.Cpus.Values);
        }
    }

    [Fact]
    public void A_share_of_each_node_stays_for_the_host()
    {
        Assert.Equal([0], new CpuPool(LayoutOf(1, 1, 1)).OfHost([0]).Order());
        Assert.Equal([0, 8], new CpuPool(LayoutOf(1, 8, 2)).OfHost([0]).Order());
        Assert.Equal([24, 25, 26], new CpuPool(LayoutOf(2, 24, 1)).OfHost([1]).Order());
        // A node of one core that is not the first is for guests.
        Assert.Equal([0], new CpuPool(LayoutOf(2, 1, 1)).OfHost([1]).Order());
        Assert.Equal(
            [1],
            new CpuPool(LayoutOf(2, 1, 1)).CoresOf(1, isShared: false).Select(static core => core.Threads[0])
        );
    }

    // Cores of two threads, then cores of one.
    [Fact]
    public void Both_threads_of_cores_of_two_kinds_are_known_again()
    {
        CpuLayout layout = new(
            [
                .. Enumerable.Range(0, 4).Select(static core => new HostCore(0, [2 * core, (2 * core) + 1])),
                .. Enumerable.Range(8, 4).Select(static cpu => new HostCore(0, [cpu])),
            ],
            new HashSet<int>()
        );
        CpuWish wish = new(
            [
                [.. Enumerable.Range(0, 9)],
            ],
            VmSiblingUse.Pair
        );
        CpuPlacement found = CpuPlacement.Find(new CpuPool(layout), wish)!;
        DomainDefinition saved = new()
        {
            Pins = found.Cpus.ToDictionary(
                static pair => pair.Key,
                static pair => (IReadOnlySet<int>)new HashSet<int> { pair.Value }
            ),
        };

        Assert.Equal(found.Cpus, CpuPlacement.Kept(new CpuPool(layout), wish, saved)?.Cpus);
    }

    private static CpuLayout LayoutOf(int nodes, int cores, int threads) =>
        new(
            [
                .. Enumerable
                    .Range(0, nodes * cores)
                    .Select(core => new HostCore(
                        core / cores,
                        [.. Enumerable.Range(0, threads).Select(thread => (thread * nodes * cores) + core)]
                    )),
            ],
            new HashSet<int>()
        );
}
