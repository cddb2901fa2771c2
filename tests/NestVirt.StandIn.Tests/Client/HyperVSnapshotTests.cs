using System.Text;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Questions;
using NestVirt.StandIn.Machine;
using NestVirt.Transport.Recorded;

namespace NestVirt.StandIn.Tests.Client;

/// <summary>A snapshot of a Hyper-V host answers as the host did; a redacted one tells nobody which host it was.</summary>
[Trait("Category", "Security")]
public sealed class HyperVSnapshotTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Results_over_a_snapshot_are_those_over_the_host(int seed)
    {
        PlantedMachine planted = new(seed);
        HyperVAnswers live = await HyperVAnswers.AskAsync(planted.Machine);
        HostTarget target = Write(new HostSnapshot("hv1.corp.example", DateTimeOffset.UnixEpoch, live.Answers.All));

        Assert.Equal(live.Read(HostQuestions.Support, target), await AskAsync(HostQuestions.Support, target));
        Assert.Equal(live.Read(HostQuestions.VmNestedCpus, target), await AskAsync(HostQuestions.VmNestedCpus, target));
        Assert.Equal(live.Read(HostQuestions.PciDevices, target), await AskAsync(HostQuestions.PciDevices, target));
        Assert.Equal(live.Read(HostQuestions.SriovDevices, target), await AskAsync(HostQuestions.SriovDevices, target));
        Assert.Equal(live.Read(HostQuestions.VmPciDevices, target), await AskAsync(HostQuestions.VmPciDevices, target));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_redacted_snapshot_holds_nothing_that_tells_and_answers_alike(int seed)
    {
        PlantedMachine planted = new(seed);
        HyperVAnswers live = await HyperVAnswers.AskAsync(planted.Machine);
        HostSnapshot whole = new("hv1.corp.example", DateTimeOffset.UnixEpoch, live.Answers.All);

        HostSnapshot redacted = SnapshotRedactor.Redact(whole);
        HostTarget target = Write(redacted);

        string before = Encoding.UTF8.GetString(whole.ToUtf8().Span);
        string after = Encoding.UTF8.GetString(redacted.ToUtf8().Span);
        Assert.All(planted.Secrets, secret => Assert.DoesNotContain(secret, after, StringComparison.OrdinalIgnoreCase));
        Assert.All(planted.Recorded, secret => Assert.Contains(secret, before, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(
            live.Read(HostQuestions.VmNestedCpus, target).Select(Plain),
            (await AskAsync(HostQuestions.VmNestedCpus, target)).Select(Plain)
        );
        Assert.Equal(
            live.Read(HostQuestions.Support, target)
                .Select(static support => (support.Verdict, support.Layer, Codes(support.Reasons))),
            (await AskAsync(HostQuestions.Support, target)).Select(static support =>
                (support.Verdict, support.Layer, Codes(support.Reasons))
            )
        );
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // What is left of a machine without its names.
    private static string Plain(VmNestedCpu vm) =>
        $"{vm with { VmName = "", Id = "", AssignedDevices = [], Reasons = [] }} {vm.State} {vm.Verdict} {vm.CpuCount} {vm.AdapterCount} "
        + $"{vm.AllowsMacSpoofing} {vm.SriovAdapterCount} {vm.IsVbsOptedOut} {vm.ConfigurationVersion} {vm.MemoryBytes} "
        + $"{vm.AssignedDevices.Count} {Codes(vm.Reasons)}";

    private static string Codes(IEnumerable<Finding> reasons) =>
        string.Join(',', reasons.Select(static one => one.Code));

    private static async Task<List<T>> AskAsync<T>(Question<T> question, HostTarget target) =>
        await HostQueries.Ask(question).RunAsync(target, TestContext.Current.CancellationToken).ToListAsync();

    private HostTarget Write(HostSnapshot snapshot)
    {
        string path = Path.Combine(_folder, "hv1.json");
        File.WriteAllBytes(path, snapshot.ToUtf8().ToArray());
        return HostTarget.Snapshot(path);
    }

    /// <summary>A host whose names, ids, addresses and serial numbers are all known, made anew for each seed.</summary>
    private sealed class PlantedMachine
    {
        internal PlantedMachine(int seed)
        {
            Random random = new(seed);
            string host = $"SRV{Letters(random, 8)}";
            Machine = new HyperVMachine(
                new HostFacts
                {
                    Name = host,
                    CpuVendor = random.Next(2) == 0 ? "GenuineIntel" : "AuthenticAMD",
                    Build = random.Next(2) == 0 ? 17763 : 20348,
                    VirtualizationBasedSecurity = (uint)random.Next(3),
                    IsIovSupported = false,
                    IovReasons =
                    [
                        $"Contact the maker of {host}: the adapter 00155D{Letters(random, 0)}0A0B0C is in use.",
                    ],
                }
            );
            Recorded.AddRange([host, "00155D0A0B0C"]);
            for (int number = 0; number < 6; number++)
            {
                string name = $"{Letters(random, 5)} {Letters(random, 6)}-{number}";
                byte[] bytes = new byte[16];
                random.NextBytes(bytes);
                VirtualMachine vm = Machine.AddVM(
                    name,
                    new VMOptions
                    {
                        Id = new Guid(bytes),
                        IsNested = random.Next(2) == 0,
                        State = random.Next(2) == 0 ? VMState.Running : VMState.Off,
                        HasDynamicMemory = random.Next(2) == 0,
                        Version = random.Next(2) == 0 ? "8.0" : "10.0",
                        Adapters = random.Next(3),
                        AllowsMacSpoofing = random.Next(3) switch
                        {
                            0 => null,
                            1 => true,
                            _ => false,
                        },
                    }
                );
                vm.AddCheckpoint($"{name} before");
                Secrets.AddRange([
                    $"{name} before",
                    .. vm.Adapters.Select(static adapter => adapter.Port.Text("Address")),
                ]);
                Recorded.AddRange([name, vm.Id.ToString()]);
                if (random.Next(2) == 0)
                {
                    string serial = Convert.ToHexString(bytes.AsSpan(0, 8));
                    vm.Devices.Add(HyperVReadingTests.Device(Machine, vm, $@"PCIP\VEN_15B3&DEV_1013\{serial}"));
                    Recorded.Add(serial);
                }
            }

            // Serial numbers of the devices of the host itself.
            SampleDevices.AddTo(Machine);
            Recorded.AddRange(["A1F3C2D", "0000C9FFFF000001"]);
            Secrets.AddRange([.. Recorded, "corp.example"]);
        }

        internal HyperVMachine Machine { get; }

        /// <summary>Gets what may be in no redacted snapshot.</summary>
        internal List<string> Secrets { get; } = [];

        /// <summary>Gets what of it is in one that is not redacted, so that its absence says something.</summary>
        internal List<string> Recorded { get; } = [];

        private static string Letters(Random random, int count) =>
            string.Concat(Enumerable.Range(0, count).Select(_ => (char)('A' + random.Next(26))));
    }
}
