using NestVirt.Hosts;
using NestVirt.Linux;
using NestVirt.Probing;
using NestVirt.Testing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Probing;

/// <summary>How much a host may say: more than twice what the largest honest one does, and no more.</summary>
public sealed class AnswerLimitsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-limits-").FullName;

    [Fact]
    public async Task The_largest_host_takes_less_than_half_of_what_it_may()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "trees are read by sh");
        // A quarter of 2,000 functions, 1,024 CPUs and eight times the files of an ordinary host; all of it takes four times as long.
        const int Part = 4;
        const int Cpus = 1024 / Part;
        SyntheticHost.Write(_folder, deviceCount: 2000 / Part, Cpus);
        SyntheticFiles.Write(_folder, Cpus, factor: 2);
        LinuxPlatform platform = new();
        HostTarget host = new("tree", new TreeAddress(_folder)) { CommandTimeout = TimeSpan.FromMinutes(5) };

        ProbeAnswers answers = await ProbeReader.Default.ReadAsync(
            host,
            [.. platform.Probes, .. platform.PlanProbes],
            CancellationToken.None
        );

        Assert.InRange(Part * answers.All.Values.Sum(static one => one.Text.Length), 3_500_000, AnswerLimits.Bytes / 2);
        Assert.InRange(
            Part * answers.All.Values.Sum(static one => one.Text.AsSpan().Count('\n')),
            60_000,
            AnswerLimits.Lines / 2
        );
        HostSnapshot snapshot = new("tree", DateTimeOffset.UnixEpoch, answers.All);
        Assert.InRange(Part * snapshot.ToUtf8().Length, 3_500_000, AnswerLimits.FileBytes / 2);
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task A_file_that_is_too_long_for_a_snapshot_is_not_read_whole()
    {
        string path = Path.Combine(_folder, "long.json");
        using (FileStream file = File.Create(path))
        {
            file.SetLength(int.MaxValue + 1L);
        }

        long before = GC.GetTotalAllocatedBytes();
        NestVirtException error = await LoadAsync(path);

        Assert.Equal($"The file '{path}' is too long for a host snapshot: it is longer than 32 MiB.", error.Message);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 256 << 20);
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task A_snapshot_holds_no_more_than_a_host_may_answer()
    {
        Assert.Contains(
            "more than 300,000 lines",
            (await SnapshotAsync("", AnswerLimits.Lines)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "longer than 12 MiB",
            (await SnapshotAsync(new string('x', 64), AnswerLimits.Bytes / 64)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task A_host_whose_answer_is_not_understood_in_its_time_is_given_up()
    {
        using ManualResetEventSlim end = new();
        HostTarget host = new("slow", new SshAddress("slow")) { CommandTimeout = TimeSpan.FromMilliseconds(200) };

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            Judging.RunAsync(
                host,
                static _ => Task.FromResult(1),
                answer =>
                {
                    end.Wait();
                    return answer;
                },
                CancellationToken.None
            )
        );
        end.Set();

        Assert.Equal(NestVirtErrorKind.HostTimeout, error.Kind);
        Assert.Equal("What the host answered was not understood within 200 ms.", error.Message);
    }

    [Fact]
    public async Task What_is_wrong_with_an_answer_is_said_as_it_was_found()
    {
        HostTarget host = new("odd", new SshAddress("odd"));

        await Assert.ThrowsAsync<TimeoutException>(() =>
            Judging.RunAsync<int, int>(
                host,
                static _ => Task.FromResult(1),
                static _ => throw new TimeoutException(),
                CancellationToken.None
            )
        );
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<NestVirtException> SnapshotAsync(string line, int count)
    {
        string path = Path.Combine(_folder, "snapshot.json");
        using (StreamWriter file = new(path))
        {
            file.Write(
                """{"schema":"nestvirt/host-snapshot/1","hostName":"h","takenAt":"2026-01-01T00:00:00Z","probes":{"cpu":["""
            );
            for (int i = 0; i < count; i++)
            {
                file.Write($"\"{line}\",");
            }

            file.Write("\"\"]}}");
        }

        return LoadAsync(path);
    }

    private static Task<NestVirtException> LoadAsync(string path) =>
        Assert.ThrowsAsync<NestVirtException>(() =>
            HostSnapshot.LoadAsync(new SnapshotAddress(path), CancellationToken.None)
        );
}
