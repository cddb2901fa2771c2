using System.Diagnostics;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Core.Tests.Linux.Drivers;
using NestVirt.Core.Tests.Linux.Kvm;
using NestVirt.Core.Tests.Linux.Machine;
using NestVirt.Hosts;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Questions;

/// <summary>A snapshot answers every question as its host did, to the byte.</summary>
public sealed class RecordedAnswerTests
{
    private const int Mutations = 200;

    private static readonly string[] s_words =
    [
        "intel_iommu=on",
        "intel_iommu=off",
        "amd_iommu=off",
        "iommu=pt",
        "iommu=soft",
        "pcie_acs_override=downstream,multifunction",
        "kvm_intel.nested=0",
        "kvm-intel.nested=1",
        "kvm_amd.nested=1",
        "kvm.ignore_msrs=1",
        "module_blacklist=kvm_intel",
        "vfio-pci.ids=8086:10c9",
        "quiet",
        "nosmt",
    ];

    private static readonly string[] s_options =
    [
        "options kvm_intel nested=1",
        "options kvm_intel nested=0",
        "options kvm-intel nested=Y ept=0",
        "options kvm_amd nested=2",
        "options kvm halt_poll_ns=abc",
        "blacklist kvm_intel",
        "install kvm_intel /bin/false",
        "softdep kvm_intel pre: vfio-pci",
        "alias net-pf-10 off",
        "options kvm_intel nested=1\\",
    ];

    private static readonly string[] s_flags = ["vmx", "svm", "ept", "vpid", "npt", "hypervisor", "vmx_flags", "lm"];

    [Fact]
    public async Task Machines_of_public_reports_answer_alike()
    {
        Needs.Data("../cases");
        foreach (
            string script in Directory.EnumerateFiles(
                TestData.Folder("../cases")!,
                "make.sh",
                SearchOption.AllDirectories
            )
        )
        {
            using HostTree tree = new(inMemory: true);
            await RunAsync("/bin/sh", script, tree.Path);
            await AssertAlikeAsync(tree.Path, Path.GetFileName(Path.GetDirectoryName(script)!));
        }
    }

    [Fact]
    public async Task Dumps_of_processors_answer_alike()
    {
        Needs.Data("lscpu");
        foreach (
            string archive in Directory.EnumerateFiles(
                TestData.Folder("lscpu")!,
                "*.tar.gz",
                SearchOption.AllDirectories
            )
        )
        {
            using HostTree tree = new(inMemory: true);
            await AssertAlikeAsync(MachineTrees.Unpack(archive, tree.Path), Path.GetFileName(archive));
        }
    }

    [Fact]
    public async Task Dumps_of_devices_answer_alike()
    {
        Needs.Data("ghw", "tar");
        IEnumerable<string> archives = Directory.EnumerateFiles(TestData.Folder("ghw")!, "*.tar.gz");
        if (TestData.Folder("hwloc") is { } hwloc)
        {
            archives = archives.Concat(Directory.EnumerateFiles(hwloc, "*.tar.bz2", SearchOption.AllDirectories));
        }

        foreach (string archive in archives)
        {
            using HostTree tree = new(inMemory: true);
            await RunAsync("tar", "xf", archive, "-C", tree.Path, "--strip-components=1");
            await AssertAlikeAsync(tree.Path, Path.GetFileName(archive));
        }
    }

    [Fact]
    public async Task Guests_answer_alike()
    {
        Needs.Data("virt-what");
        // The set is not written to: a tree of links stands for each.
        foreach (string machine in Directory.EnumerateDirectories(Path.Combine(TestData.Folder("virt-what")!, "tests")))
        {
            using HostTree tree = new(inMemory: true);
            foreach (string part in Directory.EnumerateFileSystemEntries(machine))
            {
                tree.Link(Path.GetFileName(part), part);
            }

            await AssertAlikeAsync(tree.Path, Path.GetFileName(machine));
        }
    }

    [Fact]
    public async Task Changed_command_lines_modprobe_files_and_flags_answer_alike()
    {
        Needs.Shell();
        Gen<(string[] Words, string[] Options, string[] Flags)> machines =
            from words in Gen.SubListOf(s_words)
            from options in Gen.SubListOf(s_options)
            from flags in Gen.SubListOf(s_flags)
            select (words.ToArray(), options.ToArray(), flags.ToArray());
        int number = 0;
        foreach ((string[] words, string[] options, string[] flags) in machines.Sample(Some.CountOf(Mutations, 24)))
        {
            // One with modules of KVM, the next with devices in groups.
            using KvmTree machine = new(string.Join(' ', words));
            using PciDriverTree devices = new();
            HostTree tree = (number++ % 2) == 0 ? machine.Boot.Tree : devices.Tree;
            tree.Write("proc/cmdline", string.Join(' ', words) + "\n")
                .Write("etc/modprobe.d/kvm.conf", string.Join('\n', options))
                .Write(
                    "proc/cpuinfo",
                    $"processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu {string.Join(' ', flags)}\n\n"
                );
            await AssertAlikeAsync(tree.Path, $"{string.Join(' ', words)} | {string.Join(" | ", options)}");
        }
    }

    [Fact]
    public async Task Every_change_is_planned_alike()
    {
        Needs.Shell();
        using KvmTree machine = new("quiet");
        using PciDriverTree devices = new();
        ChangeRequest[] requests =
        [
            new NestingRequest(Enable: true),
            new NestingRequest(Enable: false),
            new ModuleParameterRequest("kvm", new Dictionary<string, string> { ["ignore_msrs"] = "1" }),
            new KernelParameterRequest(["nosmt"], ["quiet"]),
            new IommuRequest(Enable: true),
            new HugePageRequest(2048, 1),
            new VirtualFunctionRequest("0000:01:00.0", 1),
            new PciDriverRequest("0000:01:00.0", "vfio-pci"),
        ];
        List<string> planned = [];
        foreach (string folder in new[] { machine.Boot.Tree.Path, devices.Tree.Path })
        {
            (HostTarget live, HostTarget recorded) = await RecordAsync(folder);
            foreach (ChangeRequest request in requests)
            {
                string expected = await PlanAsync(live, request);
                Assert.Equal($"{request}: {expected}", $"{request}: {await PlanAsync(recorded, request)}");
                planned.AddRange(expected.StartsWith("plan ", StringComparison.Ordinal) ? [request.Title] : []);
            }
        }

        Assert.InRange(planned.Distinct().Count(), 5, requests.Length);
    }

    [Fact]
    public async Task A_snapshot_without_what_a_change_needs_says_so()
    {
        using HostTree folder = new();
        string file = Path.Combine(folder.Path, "old.json");
        await File.WriteAllTextAsync(
            file,
            """{"schema":"nestvirt/host-snapshot/1","hostName":"kvm1","takenAt":"2026-09-01T12:30:00Z","probes":{}}"""
        );

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            HostChangers
                .Create()
                .PlanAsync(
                    new HostTarget("kvm1", new SnapshotAddress(file)),
                    new HugePageRequest(2048, 1),
                    TestContext.Current.CancellationToken
                )
        );

        Assert.Equal(NestVirtErrorKind.SnapshotInvalid, error.Kind);
        Assert.Contains("does not hold its huge pages", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Remedy);
    }

    [Fact]
    public async Task No_snapshot_holds_a_profile_with_a_password_and_a_redacted_one_no_bytes_of_files()
    {
        using HostTree tree = new();
        tree.Write("sys/class/net/ens1/device/sriov_totalvfs", "8\n")
            .Write("sys/class/net/ens1/ifindex", "2\n")
            .Write("run/NetworkManager/devices/2", "[device]\nconnection-uuid=0a1b2c3d-1111-2222-3333-444455556666\n")
            .Write(
                "etc/NetworkManager/system-connections/ens1.nmconnection",
                "[connection]\nuuid=0a1b2c3d-1111-2222-3333-444455556666\n[802-1x]\npassword=geheim\n"
            )
            .Write("etc/default/grub", "GRUB_CMDLINE_LINUX=kvm1.example.com\n");
        HostTarget host = new("host", new TreeAddress(tree.Path));
        string whole = await SnapshotAsync(host, redact: false);
        string redacted = await SnapshotAsync(host, redact: true);

        Assert.Contains("\"nmprofiles\": \"they may hold passwords\"", whole, StringComparison.Ordinal);
        Assert.DoesNotContain("67 65 68 65 69 6d", whole, StringComparison.Ordinal);
        Assert.Contains("\"rawboot\"", whole, StringComparison.Ordinal);
        Assert.DoesNotContain("\"rawboot\"", redacted, StringComparison.Ordinal);
        Assert.DoesNotContain("\"nmprofiles\"", redacted, StringComparison.Ordinal);
    }

    private static async Task<string> SnapshotAsync(HostTarget host, bool redact)
    {
        SnapshotDocument document = await HostQueries
            .Record(redact)
            .RunAsync(host, TestContext.Current.CancellationToken)
            .SingleAsync(TestContext.Current.CancellationToken);
        return System.Text.Encoding.UTF8.GetString(document.Utf8.Span);
    }

    private static async Task<string> PlanAsync(HostTarget target, ChangeRequest request)
    {
        try
        {
            ChangePlan plan = await HostChangers
                .Create()
                .PlanAsync(target, request, TestContext.Current.CancellationToken);
            Assert.True(plan.IsRecorded);
            return $"plan {plan.Fingerprint}: {string.Join("; ", plan.Changes)}";
        }
        catch (NestVirtException error)
        {
            return error.Message;
        }
    }

    private static async Task<(HostTarget Live, HostTarget Recorded)> RecordAsync(string folder)
    {
        HostTarget live = new("host", new TreeAddress(folder));
        string file = Path.Combine(folder, "snapshot.json");
        await foreach (
            SnapshotDocument document in HostQueries
                .Record(redact: false)
                .RunAsync(live, TestContext.Current.CancellationToken)
        )
        {
            await File.WriteAllBytesAsync(file, document.Utf8.ToArray());
        }

        return (live, new HostTarget("host", new SnapshotAddress(file)));
    }

    private static async Task AssertAlikeAsync(string folder, string name)
    {
        (HostTarget live, HostTarget recorded) = await RecordAsync(folder);
        await CompareAsync(HostQuestions.Support);
        await CompareAsync(HostQuestions.IommuGroups);
        await CompareAsync(HostQuestions.PciDevices);
        await CompareAsync(HostQuestions.SriovDevices);
        await CompareAsync(HostQuestions.KvmModules);

        async Task CompareAsync<T>(Question<T> question) =>
            Assert.Equal(
                $"{name}: {question.Subject}: {await TextAsync(question, live)}",
                $"{name}: {question.Subject}: {await TextAsync(question, recorded)}"
            );
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardError = true }
        )!;
        await process.WaitForExitAsync();
    }

    private static async Task<string> TextAsync<T>(Question<T> question, HostTarget target)
    {
        try
        {
            return JsonSerializer.Serialize(
                await HostQueries.Ask(question).RunAsync(target, TestContext.Current.CancellationToken).ToListAsync()
            );
        }
        catch (NestVirtException error)
        {
            return error.Message;
        }
    }
}
