using System.Text;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Linux.Guests;
using NestVirt.Model;
using NestVirt.Testing;

namespace NestVirt.Core.Tests.Linux.GuestTuning;

/// <summary>What is planned for guests of hosts of many kinds.</summary>
public sealed class VmTuningPlannerTests : IDisposable
{
    private const string Web = "11111111-2222-4333-8444-555555555551";
    private const string Db = "11111111-2222-4333-8444-555555555552";
    private const string Disk =
        "    <disk type='file' device='disk'>\n      <driver name='qemu' type='qcow2'/>\n      <source file='/srv/web.qcow2'/>\n      <backingStore/>\n      <target dev='vda' bus='virtio'/>\n    </disk>\n";
    private const string Adapter =
        "    <interface type='bridge'>\n      <mac address='52:54:00:00:00:01'/>\n      <source bridge='br0'/>\n      <model type='virtio'/>\n    </interface>\n";
    private const string Balloon = "    <memballoon model='virtio'/>\n";

    private static readonly TuningHost s_host = new(2, 8, 2);

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_guest_is_fitted_in_one_edit_and_each_choice_is_told()
    {
        ChangePlan plan = await PlanAsync(
            new VmTuningRequest(["web"]),
            s_host with
            {
                FreePages = 4096,
            },
            (Web, Define("web", Web, Disk + Adapter + Balloon), null)
        );

        HostChange change = Assert.Single(plan.Changes);
        Assert.Equal(DomainAction.Name, change.Step.Action);
        Assert.Equal(
            [Web, "stay", "iothreads disk/vda cputune memoryBacking numatune interface/52:54:00:00:00:01 memballoon"],
            change.Step.Arguments
        );
        Assert.Equal(
            """
            <domain type='kvm'>
              <name>web</name>
              <uuid>11111111-2222-4333-8444-555555555551</uuid>
              <memory unit='KiB'>1048576</memory>
              <currentMemory unit='KiB'>1048576</currentMemory>
              <memoryBacking>
                <hugepages>
                  <page size='2048' unit='KiB'/>
                </hugepages>
              </memoryBacking>
              <vcpu placement='static'>2</vcpu>
              <iothreads>1</iothreads>
              <cputune>
                <vcpupin vcpu='0' cpuset='1'/>
                <vcpupin vcpu='1' cpuset='2'/>
                <emulatorpin cpuset='0,16'/>
                <iothreadpin iothread='1' cpuset='0,16'/>
              </cputune>
              <numatune>
                <memory mode='strict' nodeset='0'/>
              </numatune>
              <os>
                <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
              </os>
            """.ReplaceLineEndings("\n"),
            ContentOf(change)[..ContentOf(change).IndexOf("\n\n", StringComparison.Ordinal)]
        );
        Assert.Contains(
            "<driver name='qemu' type='qcow2' cache='none' iothread='1'/>",
            ContentOf(change),
            StringComparison.Ordinal
        );
        Assert.Contains("<driver queues='2'/>", ContentOf(change), StringComparison.Ordinal);
        Assert.Contains("<memballoon model='none'/>", ContentOf(change), StringComparison.Ordinal);
        Assert.Equal((ChangeTiming.Now, null), (change.TakesEffect, change.Disrupts));
        Assert.Equal(8, plan.Findings.Count(static finding => finding.Code == FindingCodes.VmTuned));
        Assert.All(
            plan.Findings,
            static finding => Assert.StartsWith("web: ", finding.Message, StringComparison.Ordinal)
        );
        Assert.Equal(plan.Fingerprint, PlanDocument.Read(PlanDocument.Write(plan), "plan").Fingerprint);
    }

    [Fact]
    public async Task What_is_fitted_already_has_nothing_to_be_changed()
    {
        TuningHost host = s_host with { FreePages = 4096 };
        foreach (VmSiblingUse siblings in Enum.GetValues<VmSiblingUse>())
        {
            VmTuningRequest request = new(["*"]) { Siblings = siblings };
            ChangePlan plan = await PlanAsync(
                request,
                host,
                (Web, Define("web", Web, Disk + Adapter + Balloon), null),
                (Db, Define("db", Db, Disk), null)
            );
            Assert.Equal(2, plan.Changes.Count);

            ChangePlan again = await PlanAsync(
                request,
                host,
                (Web, ContentOf(plan.Changes[0]), null),
                (Db, ContentOf(plan.Changes[1]), null)
            );

            Assert.Empty(again.Changes);
        }
    }

    [Fact]
    public async Task Threads_of_one_core_run_two_processors_and_the_guest_sees_that()
    {
        string text = ContentOf(
            Assert.Single(
                (
                    await PlanAsync(
                        new VmTuningRequest(["web"]) { Siblings = VmSiblingUse.Pair, Tunings = [VmTuning.Cpu] },
                        s_host,
                        (Web, Define("web", Web, string.Empty, "  <cpu mode='host-passthrough'/>"), null)
                    )
                ).Changes
            )
        );

        Assert.Contains(
            "<vcpupin vcpu='0' cpuset='1'/>\n    <vcpupin vcpu='1' cpuset='17'/>",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("<topology sockets='1' cores='1' threads='2'/>", text, StringComparison.Ordinal);
        Assert.Contains("<feature policy='require' name='topoext'/>", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guest_that_no_node_can_hold_sees_as_many_as_it_takes()
    {
        string before = Count(Define("web", Web, string.Empty), 12);

        HostChange change = Assert.Single(
            (await PlanAsync(new VmTuningRequest(["web"]), s_host, (Web, before, null))).Changes
        );

        string text = ContentOf(change);
        Assert.Contains(
            "<numa>\n      <cell id='0' cpus='0-5' memory='524288' unit='KiB'/>\n      <cell id='1' cpus='6-11' memory='524288' unit='KiB'/>\n    </numa>",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "<memory mode='strict' nodeset='0-1'/>\n    <memnode cellid='0' mode='strict' nodeset='0'/>\n    <memnode cellid='1' mode='strict' nodeset='1'/>",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "<vcpupin vcpu='5' cpuset='6'/>\n    <vcpupin vcpu='6' cpuset='9'/>",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("<emulatorpin cpuset='0,8,16,24'/>", text, StringComparison.Ordinal);
        Assert.Empty((await PlanAsync(new VmTuningRequest(["web"]), s_host, (Web, text, null))).Changes);
    }

    [Theory]
    [InlineData(14, false, FindingCodes.VmCpusTaken)]
    [InlineData(15, true, FindingCodes.VmHostTooSmall)]
    public async Task Processors_of_others_are_given_to_nobody_unless_they_may_be_shared(
        int count,
        bool isFinal,
        string code
    )
    {
        VmTuningRequest request = new(["web"]) { Tunings = [VmTuning.Cpu, VmTuning.Memory] };
        string db = Pinned(Define("db", Db, string.Empty), 3, 11);
        string web = Count(Define("web", Web, string.Empty), count);

        Finding reason = Assert.Single(await RefusalAsync(request, s_host, (Web, web, null), (Db, db, null)));

        Assert.Equal(code, reason.Code);
        Assert.Contains(
            "node 0: 6 of 8 cores free (1 for the host, others with db)",
            reason.Evidence,
            StringComparison.Ordinal
        );
        if (isFinal)
        {
            Assert.Equal(
                code,
                Assert
                    .Single(await RefusalAsync(request with { Force = true }, s_host, (Web, web, null), (Db, db, null)))
                    .Code
            );
        }
        else
        {
            ChangePlan plan = await PlanAsync(request with { Force = true }, s_host, (Web, web, null), (Db, db, null));
            Assert.Contains(
                plan.Findings,
                static finding =>
                    finding.Code == FindingCodes.VmCpusShared
                    && finding.Message.Contains("with db", StringComparison.Ordinal)
            );
            Assert.Empty(
                (
                    await PlanAsync(
                        request with
                        {
                            Force = true,
                        },
                        s_host,
                        (Web, ContentOf(plan.Changes[0]), null),
                        (Db, db, null)
                    )
                ).Changes
            );
        }
    }

    [Fact]
    public async Task Processors_that_are_set_aside_come_first_and_are_for_no_other_threads()
    {
        string text = ContentOf(
            Assert.Single(
                (
                    await PlanAsync(
                        new VmTuningRequest(["web"]),
                        s_host with
                        {
                            Isolated = "4-7,20-23",
                        },
                        (Web, Define("web", Web, string.Empty), null)
                    )
                ).Changes
            )
        );

        Assert.Contains(
            "<vcpupin vcpu='0' cpuset='4'/>\n    <vcpupin vcpu='1' cpuset='5'/>\n    <emulatorpin cpuset='0,16'/>",
            text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Huge_pages_of_which_there_are_too_few_are_said_or_refused_where_they_are_named()
    {
        TuningHost host = s_host with { FreePages = 255 };
        ChangePlan plan = await PlanAsync(
            new VmTuningRequest(["web"]),
            host,
            (Web, Define("web", Web, string.Empty), null)
        );
        Finding few = Assert.Single(plan.Findings, static finding => finding.Code == FindingCodes.VmHugePagesFew);
        Assert.Equal(Severity.Information, few.Severity);
        Assert.DoesNotContain("hugepages", ContentOf(plan.Changes[0]), StringComparison.Ordinal);

        foreach (
            VmTuningRequest named in new VmTuningRequest[]
            {
                new(["web"]) { PageSizeKiB = 2048 },
                new(["web"]) { Tunings = [VmTuning.HugePages] },
            }
        )
        {
            Finding reason = Assert.Single(
                await RefusalAsync(named, host, (Web, Define("web", Web, string.Empty), null))
            );
            Assert.Equal((FindingCodes.VmHugePagesFew, Severity.Error), (reason.Code, reason.Severity));
        }

        Assert.Single(
            (
                await PlanAsync(
                    new VmTuningRequest(["web"]) { PageSizeKiB = 2048 },
                    host with
                    {
                        FreePages = 512,
                    },
                    (Web, Define("web", Web, string.Empty), null)
                )
            ).Changes
        );
    }

    [Theory]
    [InlineData(
        "<driver name='qemu' type='qcow2' cache='writethrough'/>",
        "ext4",
        "type='qcow2' cache='writethrough' iothread",
        FindingCodes.VmTuningLeft
    )]
    [InlineData("<driver name='qemu' type='qcow2'/>", "overlay", "type='qcow2' iothread", FindingCodes.VmTuningLeft)]
    [InlineData("<driver name='qemu' type='qcow2'/>", "xfs", "type='qcow2' cache='none' iothread", null)]
    [InlineData(
        "<driver name='qemu' type='qcow2' discard='unmap' iothread='1'/>",
        "xfs",
        "type='qcow2' cache='none' discard='unmap' iothread",
        null
    )]
    public async Task Caches_that_somebody_chose_and_files_that_need_the_page_cache_stay(
        string driver,
        string fileSystem,
        string expected,
        string? code
    )
    {
        string disk = Disk.Replace("<driver name='qemu' type='qcow2'/>", driver, StringComparison.Ordinal);

        ChangePlan plan = await PlanAsync(
            new VmTuningRequest(["web"]) { Tunings = [VmTuning.Disks] },
            s_host with
            {
                FileSystem = fileSystem,
            },
            (Web, Define("web", Web, disk), null)
        );

        Assert.Contains(
            $"<driver name='qemu' {expected}='1'/>",
            ContentOf(Assert.Single(plan.Changes)),
            StringComparison.Ordinal
        );
        Assert.Equal(code is not null, plan.Findings.Any(finding => finding.Code == code));
    }

    [Fact]
    public async Task Memory_that_a_node_has_not_free_is_preferred_there_and_no_more()
    {
        ChangePlan plan = await PlanAsync(
            new VmTuningRequest(["web"]) { Tunings = [VmTuning.Cpu, VmTuning.Memory] },
            s_host with
            {
                FreeKiB = 1 << 19,
            },
            (Web, Define("web", Web, string.Empty), null)
        );

        Assert.Contains(
            "<memory mode='preferred' nodeset='0'/>",
            ContentOf(Assert.Single(plan.Changes)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_running_guest_waits_for_its_restart_and_is_restarted_where_it_may_be()
    {
        string before = Define("web", Web, string.Empty);
        VmTuningRequest request = new(["web"]) { Tunings = [VmTuning.Cpu] };
        ChangePlan plan = await PlanAsync(request, s_host, (Web, before, before));
        Assert.Equal(ChangeTiming.GuestRestart, Assert.Single(plan.Changes).TakesEffect);
        Assert.Equal(FindingCodes.VmRestartPending, Assert.Single(plan.Pending).Code);

        string after = ContentOf(plan.Changes[0]);
        ChangePlan later = await PlanAsync(request with { StopGuests = true }, s_host, (Web, after, before));
        Assert.Equal([Web, "restart", string.Empty], Assert.Single(later.Changes).Step.Arguments);
        Assert.Empty((await PlanAsync(request, s_host, (Web, after, after))).Pending);
    }

    // Each sees all that is free: the second would not start, or take from the first.
    [Fact]
    public async Task What_is_promised_to_one_guest_of_a_plan_is_not_promised_to_the_next()
    {
        TuningHost host = new(1, 16, 1) { FreePages = 768 };

        ChangePlan plan = await PlanAsync(
            new VmTuningRequest(["*"]),
            host,
            (Web, Define("web", Web, string.Empty), null),
            (Db, Define("db", Db, string.Empty), null)
        );

        Assert.Equal(
            [true, false],
            plan.Changes.Select(static change => ContentOf(change).Contains("<hugepages>", StringComparison.Ordinal))
        );
        Assert.Single(plan.Findings, static finding => finding.Code == FindingCodes.VmHugePagesFew);

        ChangePlan small = await PlanAsync(
            new VmTuningRequest(["*"]) { Tunings = [VmTuning.Cpu, VmTuning.Memory] },
            new TuningHost(2, 16, 1) { FreeKiB = 3 << 19 },
            (Web, Count(Define("web", Web, string.Empty), 8), null),
            (Db, Define("db", Db, string.Empty), null)
        );
        Assert.Equal(
            ["nodeset='0'", "nodeset='1'"],
            small.Changes.Select(static change =>
                ContentOf(change).Contains("nodeset='0'", StringComparison.Ordinal) ? "nodeset='0'" : "nodeset='1'"
            )
        );
        Assert.All(
            small.Changes,
            static change => Assert.Contains("mode='strict'", ContentOf(change), StringComparison.Ordinal)
        );
    }

    // libvirt would make other nodes of it than are asked for, or leave processors out that come later.
    [Theory]
    [InlineData("1048577</memory>", "'static'>12<")]
    [InlineData("1048576</memory>", "'static' current='12'>16<")]
    public async Task A_guest_that_cannot_be_parted_into_equal_nodes_is_not(string memory, string count)
    {
        string before = Define("web", Web, string.Empty)
            .Replace("1048576</memory>", memory, StringComparison.Ordinal)
            .Replace("'static'>2<", count, StringComparison.Ordinal);

        Assert.Equal(
            FindingCodes.VmHostTooSmall,
            Assert.Single(await RefusalAsync(new VmTuningRequest(["web"]), s_host, (Web, before, null))).Code
        );
    }

    // Where its pages are not, it would not start.
    [Fact]
    public async Task Huge_pages_that_a_guest_has_keep_it_on_their_node()
    {
        string before = Define("web", Web, string.Empty)
            .Replace(
                "  <vcpu",
                "  <memoryBacking>\n    <hugepages/>\n  </memoryBacking>\n  <vcpu",
                StringComparison.Ordinal
            )
            .Replace(
                "  <os>",
                "  <numatune>\n    <memory mode='strict' nodeset='1'/>\n  </numatune>\n  <os>",
                StringComparison.Ordinal
            );

        string text = ContentOf(
            Assert.Single((await PlanAsync(new VmTuningRequest(["web"]), s_host, (Web, before, null))).Changes)
        );

        Assert.Contains("<vcpupin vcpu='0' cpuset='9'/>", text, StringComparison.Ordinal);
        Assert.Contains("<memory mode='strict' nodeset='1'/>", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_without_events_has_no_thread_since_QEMU_would_not_start_with_it()
    {
        string disk = Disk.Replace("type='qcow2'/>", "type='qcow2' ioeventfd='off'/>", StringComparison.Ordinal);

        ChangePlan plan = await PlanAsync(
            new VmTuningRequest(["web"]) { Tunings = [VmTuning.Disks] },
            s_host,
            (Web, Define("web", Web, disk), null)
        );

        Assert.DoesNotContain("iothread", ContentOf(Assert.Single(plan.Changes)), StringComparison.Ordinal);
    }

    // A guest's own pages are not what it has to do without.
    [Theory]
    [InlineData(2, 512, "<memory mode='strict' nodeset='0'/>")]
    [InlineData(12, 256, "<memnode cellid='1' mode='strict' nodeset='1'/>")]
    public async Task Pages_that_are_just_enough_bind_a_guest_to_their_nodes(int count, int pages, string expected)
    {
        TuningHost host = s_host with { FreePages = pages };
        string before = Count(Define("web", Web, string.Empty), count);

        string text = ContentOf(
            Assert.Single((await PlanAsync(new VmTuningRequest(["web"]), host, (Web, before, null))).Changes)
        );

        Assert.Contains("<hugepages>", text, StringComparison.Ordinal);
        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.Empty((await PlanAsync(new VmTuningRequest(["web"]), host, (Web, text, null))).Changes);
    }

    // Both nodes have half of its memory, and neither has the larger of what it sees.
    [Fact]
    public async Task Nodes_that_a_guest_sees_are_weighed_by_their_own_memory()
    {
        TuningHost host = s_host with { FreePages = 300, FreeKiB = 600 << 10 };
        string before = Cells(Define("web", Web, string.Empty), 262144, 786432);

        string text = ContentOf(
            Assert.Single((await PlanAsync(new VmTuningRequest(["web"]), host, (Web, before, null))).Changes)
        );

        Assert.DoesNotContain("<hugepages>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<numatune>", text, StringComparison.Ordinal);
        Assert.Contains(
            "<memnode cellid='0' mode='strict'",
            ContentOf(
                Assert.Single(
                    (
                        await PlanAsync(
                            new VmTuningRequest(["web"]),
                            host,
                            (Web, Cells(Define("web", Web, string.Empty), 524288, 524288), null)
                        )
                    ).Changes
                )
            ),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Nodes_of_a_guest_on_one_node_of_the_host_take_their_sum_of_it()
    {
        string text = ContentOf(
            Assert.Single(
                (
                    await PlanAsync(
                        new VmTuningRequest(["web"]) { Node = 0, Tunings = [VmTuning.Cpu, VmTuning.Memory] },
                        s_host with
                        {
                            FreeKiB = 600 << 10,
                        },
                        (Web, Cells(Define("web", Web, string.Empty), 524288, 524288), null)
                    )
                ).Changes
            )
        );

        Assert.Contains("<memory mode='preferred' nodeset='0'/>", text, StringComparison.Ordinal);
    }

    // It is off, and the host shows its pages as free.
    [Fact]
    public async Task Pages_of_a_guest_that_is_off_are_not_given_to_another()
    {
        TuningHost host = new(1, 16, 1) { FreePages = 768 };
        string db = Define("db", Db, string.Empty)
            .Replace(
                "  <vcpu",
                "  <memoryBacking>\n    <hugepages/>\n  </memoryBacking>\n  <vcpu",
                StringComparison.Ordinal
            );
        VmTuningRequest request = new(["web"]) { PageSizeKiB = 2048 };
        string web = Define("web", Web, string.Empty);

        Finding few = Assert.Single(await RefusalAsync(request, host, (Web, web, null), (Db, db, null)));

        Assert.Equal(FindingCodes.VmHugePagesFew, few.Code);
        Assert.EndsWith("promised to db", few.Evidence, StringComparison.Ordinal);
        Assert.Single((await PlanAsync(request, host, (Web, web, null), (Db, db, db))).Changes);
    }

    [Theory]
    [InlineData("<allocation mode='ondemand'/>")]
    [InlineData("<source type='anonymous'/>")]
    [InlineData("<source type='file'/>")]
    public async Task Memory_that_libvirt_puts_into_no_huge_pages_stays_in_small_ones(string chosen)
    {
        TuningHost host = s_host with { FreePages = 4096 };
        string before = Define("web", Web, string.Empty)
            .Replace(
                "  <vcpu",
                $"  <memoryBacking>\n    {chosen}\n  </memoryBacking>\n  <vcpu",
                StringComparison.Ordinal
            );

        ChangePlan plan = await PlanAsync(new VmTuningRequest(["web"]), host, (Web, before, null));

        Assert.DoesNotContain("<hugepages", ContentOf(Assert.Single(plan.Changes)), StringComparison.Ordinal);
        Assert.Contains(plan.Findings, static finding => finding.Code == FindingCodes.VmTuningLeft);
        Finding reason = Assert.Single(
            await RefusalAsync(new VmTuningRequest(["web"]) { PageSizeKiB = 2048 }, host, (Web, before, null))
        );
        Assert.Equal((FindingCodes.VmTuningLeft, Severity.Error), (reason.Code, reason.Severity));
    }

    [Fact]
    public async Task Pins_on_cores_of_the_host_are_replaced_and_its_threads_run_where_nobody_is_pinned()
    {
        VmTuningRequest request = new(["web"]) { Tunings = [VmTuning.Cpu] };
        string text = ContentOf(
            Assert.Single(
                (await PlanAsync(request, s_host, (Web, Pinned(Define("web", Web, string.Empty), 0, 3), null))).Changes
            )
        );
        Assert.Contains(
            "<vcpupin vcpu='0' cpuset='1'/>\n    <vcpupin vcpu='1' cpuset='2'/>\n    <emulatorpin cpuset='0,16'/>",
            text,
            StringComparison.Ordinal
        );

        string db = Pinned(Define("db", Db, string.Empty), 0, 3);
        string beside = ContentOf(
            Assert.Single(
                (
                    await PlanAsync(
                        request,
                        s_host,
                        (Web, Pinned(Define("web", Web, string.Empty), 1, 2), null),
                        (Db, db, null)
                    )
                ).Changes
            )
        );
        Assert.Contains("<emulatorpin cpuset='8,24'/>", beside, StringComparison.Ordinal);
        Assert.Empty((await PlanAsync(request, s_host, (Web, beside, null), (Db, db, null))).Changes);
    }

    // Without the balloon it would have at once what the host may not have.
    [Fact]
    public async Task A_balloon_that_holds_memory_back_stays()
    {
        TuningHost host = s_host with { FreePages = 4096 };
        string before = Define("web", Web, Balloon)
            .Replace(
                "<currentMemory unit='KiB'>1048576<",
                "<currentMemory unit='KiB'>524288<",
                StringComparison.Ordinal
            );

        ChangePlan plan = await PlanAsync(new VmTuningRequest(["web"]), host, (Web, before, null));

        Assert.Contains(
            "<memballoon model='virtio'/>",
            ContentOf(Assert.Single(plan.Changes)),
            StringComparison.Ordinal
        );
        Assert.Equal(
            FindingCodes.VmTuningLeft,
            Assert
                .Single(
                    await RefusalAsync(
                        new VmTuningRequest(["web"]) { Tunings = [VmTuning.Balloon] },
                        host,
                        (Web, before, null)
                    )
                )
                .Code
        );
    }

    [Fact]
    public async Task A_guest_of_another_architecture_gets_no_huge_pages_that_exclude_nesting_and_no_threads()
    {
        string before = Define("web", Web, string.Empty)
            .Replace(
                "arch='x86_64' machine='pc-q35-7.2'",
                "arch='s390x' machine='s390-ccw-virtio-7.2'",
                StringComparison.Ordinal
            );

        string text = ContentOf(
            Assert.Single(
                (
                    await PlanAsync(
                        new VmTuningRequest(["web"]) { Siblings = VmSiblingUse.Pair },
                        s_host with
                        {
                            FreePages = 4096,
                        },
                        (Web, before, null)
                    )
                ).Changes
            )
        );

        Assert.DoesNotContain("<hugepages>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("threads=", text, StringComparison.Ordinal);
        Assert.Contains("<vcpupin vcpu='1' cpuset='17'/>", text, StringComparison.Ordinal);
    }

    // Numbers 0 and 1 would be threads of one core, and are on different nodes.
    [Fact]
    public async Task Threads_that_a_guest_would_see_on_other_cores_are_not_told()
    {
        string before = Cells(Count(Define("web", Web, string.Empty), 4), 524288, 524288)
            .Replace("cpus='0'", "cpus='0,2'", StringComparison.Ordinal)
            .Replace("cpus='1'", "cpus='1,3'", StringComparison.Ordinal);

        ChangePlan plan = await PlanAsync(
            new VmTuningRequest(["web"]) { Siblings = VmSiblingUse.Pair },
            s_host,
            (Web, before, null)
        );

        Assert.DoesNotContain("<topology", ContentOf(Assert.Single(plan.Changes)), StringComparison.Ordinal);
        Assert.Contains(
            plan.Findings,
            static finding =>
                finding.Code == FindingCodes.VmTuningLeft
                && finding.Message.Contains("threads of one core", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Disks_are_spread_over_threads_and_a_number_that_cannot_be_given_is_said()
    {
        string second = Disk.Replace("vda", "vdb", StringComparison.Ordinal)
            .Replace("type='qcow2'/>", "type='qcow2' iothread='1'/>", StringComparison.Ordinal);
        VmTuningRequest request = new(["web"]) { Tunings = [VmTuning.Disks], IOThreadCount = 2 };

        ChangePlan plan = await PlanAsync(request, s_host, (Web, Define("web", Web, Disk + second), null));
        Assert.Contains(
            "cache='none' iothread='2'/>",
            ContentOf(Assert.Single(plan.Changes)),
            StringComparison.Ordinal
        );
        Assert.Contains(
            plan.Findings,
            static finding => finding.Message.Contains("Disk vda is run by I/O thread 2,", StringComparison.Ordinal)
        );

        string chosen = Define("web", Web, Disk)
            .Replace(
                "  <os>",
                "  <iothreads>1</iothreads>\n  <iothreadids>\n    <iothread id='7'/>\n  </iothreadids>\n  <os>",
                StringComparison.Ordinal
            );
        ChangePlan left = await PlanAsync(request, s_host, (Web, chosen, null));
        Assert.Contains("iothread='7'/>", ContentOf(Assert.Single(left.Changes)), StringComparison.Ordinal);
        Assert.Contains(left.Findings, static finding => finding.Evidence == "<iothreadids>");
    }

    [Fact]
    public async Task A_disk_that_may_stand_on_other_files_keeps_its_cache()
    {
        ChangePlan plan = await PlanAsync(
            new VmTuningRequest(["web"]) { Tunings = [VmTuning.Disks] },
            s_host,
            (
                Web,
                Define("web", Web, Disk.Replace("      <backingStore/>\n", string.Empty, StringComparison.Ordinal)),
                null
            )
        );

        Assert.DoesNotContain("cache=", ContentOf(Assert.Single(plan.Changes)), StringComparison.Ordinal);
    }

    // Until its restart it runs where it ran.
    [Fact]
    public async Task Processors_that_a_guest_still_runs_on_are_not_given_to_the_next()
    {
        string old = Pinned(Define("db", Db, string.Empty), 0, 3);

        ChangePlan plan = await PlanAsync(
            new VmTuningRequest(["web", "db"]) { Tunings = [VmTuning.Cpu], Node = 0 },
            s_host,
            (Db, old, old),
            (Web, Define("web", Web, string.Empty), null)
        );

        HostChange web = plan.Changes.Single(static change =>
            change.Setting.StartsWith("web:", StringComparison.Ordinal)
        );
        Assert.Contains(
            "<vcpupin vcpu='0' cpuset='4'/>\n    <vcpupin vcpu='1' cpuset='5'/>",
            ContentOf(web),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Guests_that_float_over_its_processors_are_told()
    {
        string db = Define("db", Db, string.Empty);

        ChangePlan plan = await PlanAsync(
            new VmTuningRequest(["web"]),
            s_host,
            (Web, Define("web", Web, string.Empty), null),
            (Db, db, db)
        );

        Finding floating = Assert.Single(plan.Findings, static finding => finding.Code == FindingCodes.VmCpusShared);
        Assert.Contains("db is not pinned to other cores", floating.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1, 1, FindingCodes.VmHostTooSmall)]
    [InlineData(1, 2, 2, FindingCodes.VmHostTooSmall)]
    public async Task A_host_that_has_no_cores_for_guests_is_too_small(
        int nodes,
        int cores,
        int threads,
        string code
    ) =>
        Assert.Equal(
            code,
            Assert
                .Single(
                    await RefusalAsync(
                        new VmTuningRequest(["web"]),
                        new TuningHost(nodes, cores, threads),
                        (Web, Define("web", Web, string.Empty), null)
                    )
                )
                .Code
        );

    private static string Define(string name, string id, string devices, string cpu = "") =>
        GuestSnapshot.Define(name, id, cpu, devices: devices);

    private static string Cells(string text, long first, long second) =>
        text.Replace(
            "  <clock",
            FormattableString.Invariant(
                $"  <cpu>\n    <numa>\n      <cell id='0' cpus='0' memory='{first}' unit='KiB'/>\n      <cell id='1' cpus='1' memory='{second}' unit='KiB'/>\n    </numa>\n  </cpu>\n  <clock"
            ),
            StringComparison.Ordinal
        );

    private static string Count(string text, int count) =>
        text.Replace("'static'>2<", FormattableString.Invariant($"'static'>{count}<"), StringComparison.Ordinal);

    private static string Pinned(string text, int first, int second) =>
        text.Replace(
            "</vcpu>\n",
            FormattableString.Invariant(
                $"</vcpu>\n  <cputune>\n    <vcpupin vcpu='0' cpuset='{first}'/>\n    <vcpupin vcpu='1' cpuset='{second}'/>\n  </cputune>\n"
            ),
            StringComparison.Ordinal
        );

    private static string ContentOf(HostChange change) => Encoding.UTF8.GetString(change.Step.Content!.Value.Span);

    private async Task<IReadOnlyList<Finding>> RefusalAsync(
        ChangeRequest request,
        TuningHost host,
        params (string, string?, string?)[] guests
    ) => (await Assert.ThrowsAsync<ChangeRefusedException>(() => PlanAsync(request, host, guests))).Reasons;

    private async Task<ChangePlan> PlanAsync(
        ChangeRequest request,
        TuningHost host,
        params (string, string?, string?)[] guests
    )
    {
        string file = Path.Combine(_folder, "kvm1.json");
        GuestSnapshot.Write(Path.Combine(Repository.Folder, "tests", "recordings", "amd-epyc-vfs.json"), file, guests);
        host.Write(file);
        using HostChanger changer = HostChangers.Create(false);
        return await changer.PlanAsync(
            new HostTarget("kvm1", new SnapshotAddress(file)),
            request,
            TestContext.Current.CancellationToken
        );
    }
}
