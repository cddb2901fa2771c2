using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.HyperV;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Questions;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.HyperV;

/// <summary>A recording is of the platform that its answers show, whatever it is called.</summary>
public sealed class HyperVPlatformTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    [Fact]
    public async Task A_recording_of_a_Windows_host_is_answered_by_Hyper_V()
    {
        HostTarget target = Record(new WindowsHost { VMs = [new WindowsVM { IsExposed = true }] });

        NestedSupport support = Assert.Single(await AskAsync(HostQuestions.Support, target));
        VmNestedCpu vm = Assert.Single(await AskAsync(HostQuestions.VmNestedCpus, target));

        Assert.Equal((HostPlatform.HyperV, Verdict.Ready), (support.Platform, support.Verdict));
        Assert.Equal(("lab", VmNesting.NextStart, "hv1"), (vm.VmName, vm.Nesting, vm.HostName));
    }

    [Fact]
    public async Task A_recording_that_was_refused_everything_is_still_one_of_Windows()
    {
        HostTarget target = Record(
            new WindowsHost { HyperVReason = WindowsHost.Denied, WindowsReason = WindowsHost.Denied }
        );

        NestedSupport support = Assert.Single(await AskAsync(HostQuestions.Support, target));

        Assert.Equal((HostPlatform.HyperV, Verdict.Unknown), (support.Platform, support.Verdict));
    }

    [Fact]
    public async Task A_recording_of_Linux_is_answered_by_KVM()
    {
        HostTarget target = HostTarget.Snapshot(
            Path.Combine(Repository.Folder, "tests", "recordings", "amd-host.json")
        );

        Assert.Equal(HostPlatform.Kvm, Assert.Single(await AskAsync(HostQuestions.Support, target)).Platform);
        NestVirtException devices = await Assert.ThrowsAsync<NestVirtException>(() =>
            AskAsync(HostQuestions.VmPciDevices, target)
        );
        Assert.StartsWith("Which guests the host has is not known: ", devices.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_told_or_made_yet_is_said_in_a_sentence()
    {
        HostTarget target = Record(new WindowsHost());
        using HostChanger changer = HostChangers.Create();

        NestVirtException question = await Assert.ThrowsAsync<NestVirtException>(() =>
            AskAsync(HostQuestions.IommuGroups, target)
        );
        NestVirtException change = await Assert.ThrowsAsync<NestVirtException>(() =>
            changer.PrepareAsync(target, new IommuRequest(true), TestContext.Current.CancellationToken)
        );

        Assert.Equal(
            (NestVirtErrorKind.FeatureNotSupported, "It cannot be told of a Hyper-V host: the IOMMU groups."),
            (question.Kind, question.Message)
        );
        Assert.Equal(
            (
                NestVirtErrorKind.FeatureNotSupported,
                $"This release cannot {new IommuRequest(true).Title} on a Hyper-V host."
            ),
            (change.Kind, change.Message)
        );
    }

    [Fact]
    public async Task A_recording_can_be_recorded_again_without_its_names()
    {
        HostTarget target = Record(new WindowsHost { VMs = [new WindowsVM { Name = "payroll" }] });

        SnapshotDocument document = await HostQueries
            .Record(redact: true)
            .RunAsync(target, TestContext.Current.CancellationToken)
            .FirstAsync();
        HostSnapshot again = HostSnapshot.Parse(document.Utf8);

        Assert.Equal(
            new HyperVPlatform().Probes.Select(static probe => probe.Name).Order(StringComparer.Ordinal),
            again.Answers.Keys
        );
        Assert.DoesNotContain("payroll", again.Answers["hvvms"].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Twelve_queries_tell_of_machines_and_six_of_devices_and_each_has_a_name_of_its_own()
    {
        HyperVPlatform platform = new();
        IReadOnlyList<HostProbe> probes = platform.Probes;

        Assert.Equal(18, probes.Select(static probe => probe.Name).Distinct().Count());
        Assert.Equal(18, probes.Count);
        Assert.Equal("hvpci", Assert.Single(probes.Cast<CimProbe>(), static probe => probe.Call is not null).Name);

        // What costs a message a device is asked where somebody asks for devices.
        CimProbe[] others =
        [
            .. platform
                .Find(HostQuestions.Support)!
                .Probes.Concat(platform.Find(HostQuestions.VmNestedCpus)!.Probes)
                .Cast<CimProbe>()
                .Distinct(),
        ];
        Assert.All(others, static probe => Assert.Null(probe.Call));
        Assert.InRange(others.Length, 1, 12);
        Assert.All(probes, static probe => Assert.StartsWith("SELECT * FROM ", Assert.IsType<CimProbe>(probe).Query));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<List<T>> AskAsync<T>(Question<T> question, HostTarget target) =>
        await HostQueries.Ask(question).RunAsync(target, TestContext.Current.CancellationToken).ToListAsync();

    private HostTarget Record(WindowsHost host)
    {
        string path = Path.Combine(_folder, "hv1.json");
        HostSnapshot snapshot = new("hv1", DateTimeOffset.UnixEpoch, host.Answers().All);
        File.WriteAllBytes(path, snapshot.ToUtf8().ToArray());
        return HostTarget.Snapshot(path);
    }
}
