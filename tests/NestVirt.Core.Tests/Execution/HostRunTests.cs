using NestVirt.Execution;
using NestVirt.Hosts;

namespace NestVirt.Core.Tests.Execution;

public sealed class HostRunTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Execute_hands_over_all_that_a_host_gave_at_once_on_the_callers_thread(int count)
    {
        Observer observer = new();
        HostRun<int> run = new((_, _) => Two(), observer, 2, TimeProvider.System, default);

        run.Execute([.. Enumerable.Range(0, count).Select(Host)], isWaiting => observer.Heard.Add("asking"));

        Assert.Equal("asking", observer.Heard[0]);
        Assert.Equal(
            Enumerable.Range(0, count).Select(static number => $"h{number}: 1 2"),
            observer.Heard.Skip(1).Order(StringComparer.Ordinal)
        );
        Assert.Equal([Environment.CurrentManagedThreadId], observer.Threads);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Execute_hands_over_the_error_of_a_host(int count)
    {
        Observer observer = new();
        HostRun<int> run = new((_, _) => Fails(), observer, 2, TimeProvider.System, default);

        run.Execute([.. Enumerable.Range(0, count).Select(Host)]);

        Assert.Equal(
            Enumerable.Range(0, count).Select(static number => $"h{number}! it broke"),
            observer.Heard.Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Drain_shows_no_progress_for_a_second_and_then_four_times_a_second()
    {
        FakeTime time = new();
        Observer observer = new();
        TaskCompletionSource gate = new();
        HostRun<int> run = new((_, _) => After(gate.Task), observer, 2, time, default);
        run.Add(Host(0));
        List<int> shown = [];
        foreach (int step in new[] { 999, 1, 249, 1 })
        {
            time.Advance(step);
            run.Drain();
            shown.Add(observer.Heard.Count);
        }

        gate.SetResult();
        run.Finish();

        Assert.Equal([0, 1, 1, 2], shown);
        Assert.Equal(["0 of 1", "0 of 1", "h0: 7", "progress ended"], observer.Heard);
    }

    [Fact]
    public void Recorded_hosts_are_handed_over_in_their_order_however_they_answer()
    {
        Observer observer = new();
        TaskCompletionSource[] gates = [new(), new(), new()];
        HostTarget[] files = [.. "abc".Select(static name => HostTarget.Snapshot($"/{name}.json"))];
        HostTarget live = Host(0);
        HostRun<int> run = new(
            (host, _) =>
                host == live ? Two()
                : host.Name == "b" ? Fails()
                : After(gates[Array.IndexOf(files, host)].Task),
            observer,
            4,
            TimeProvider.System,
            default
        );
        foreach (HostTarget host in files.Append(live))
        {
            run.Add(host);
        }

        gates[2].SetResult();
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                {
                    run.Drain();
                    return observer.Heard.Count > 0;
                },
                10_000
            )
        );
        Assert.Equal(["h0: 1 2"], observer.Heard);
        gates[0].SetResult();
        run.Finish();

        Assert.Equal(["h0: 1 2", "a: 7", "b! it broke", "c: 7"], observer.Heard);
    }

    [Theory]
    [InlineData(false, "h1: 1 2", "h0: 7")]
    [InlineData(true, "h0: 7", "h1: 1 2")]
    public void Live_hosts_are_handed_over_in_their_order_where_that_is_wanted(bool keepsOrder, params string[] heard)
    {
        Observer observer = new();
        TaskCompletionSource gate = new();
        HostRun<int> run = new(
            (host, _) => host == Host(0) ? After(gate.Task) : Two(),
            observer,
            2,
            TimeProvider.System,
            default
        )
        {
            KeepsOrder = keepsOrder,
        };
        run.Add(Host(0));
        run.Add(Host(1));
        SpinWait.SpinUntil(
            () =>
            {
                run.Drain();
                return observer.Heard.Count > 0;
            },
            keepsOrder ? 300 : 10_000
        );
        gate.SetResult();
        run.Finish();

        Assert.Equal(heard, observer.Heard);
    }

    [Fact]
    public void An_answer_that_was_held_back_is_handed_over_after_a_cancellation()
    {
        Observer observer = new();
        using CancellationTokenSource stop = new();
        HostRun<int> run = new(
            (host, _) => host == Host(0) ? After(Task.Delay(Timeout.Infinite, stop.Token)) : Two(),
            observer,
            2,
            TimeProvider.System,
            stop.Token
        )
        {
            KeepsOrder = true,
        };

        // Long after the second host has answered.
        run.Execute([Host(0), Host(1)], _ => stop.CancelAfter(TimeSpan.FromSeconds(1)));

        Assert.Equal(["h1: 1 2"], observer.Heard.Where(static heard => heard.Contains(':', StringComparison.Ordinal)));
    }

    [Fact]
    public void A_cancellation_ends_the_run_and_nothing_more_is_heard()
    {
        using CancellationTokenSource stop = new();
        Observer observer = new();
        TaskCompletionSource never = new();
        HostRun<int> run = new((_, _) => After(never.Task), observer, 2, TimeProvider.System, stop.Token);

        run.Execute([Host(0), Host(1)], _ => stop.Cancel());

        Assert.Empty(observer.Heard);
    }

    private static HostTarget Host(int number) => new($"h{number}", new SshAddress($"h{number}"));

    private static async IAsyncEnumerable<int> Two()
    {
        yield return 1;
        await Task.Yield();
        yield return 2;
    }

    private static async IAsyncEnumerable<int> Fails()
    {
        yield return 1;
        await Task.Yield();
        throw new NestVirtException(NestVirtErrorKind.HostUnreachable, "it broke");
    }

    private static async IAsyncEnumerable<int> After(Task gate)
    {
        await gate;
        yield return 7;
    }

    private sealed class Observer : IHostRunObserver<int>
    {
        internal List<string> Heard { get; } = [];

        internal HashSet<int> Threads { get; } = [];

        public void OnResults(HostTarget host, IReadOnlyList<int> results) =>
            Hear($"{host.Name}: {string.Join(' ', results)}");

        public void OnFailure(HostTarget host, Exception failure) => Hear($"{host.Name}! {failure.Message}");

        public void OnProgress(HostProgress progress) => Hear($"{progress.Ended} of {progress.Added}");

        public void OnProgressEnded() => Hear("progress ended");

        private void Hear(string what)
        {
            Threads.Add(Environment.CurrentManagedThreadId);
            Heard.Add(what);
        }
    }

    private sealed class FakeTime : TimeProvider
    {
        private long _milliseconds = 12_345;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _milliseconds;

        internal void Advance(int milliseconds) => _milliseconds += milliseconds;
    }
}
