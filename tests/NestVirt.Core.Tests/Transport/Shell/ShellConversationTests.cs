using System.Text;
using NestVirt.Hosts;
using NestVirt.Transport.Shell;

namespace NestVirt.Core.Tests.Transport.Shell;

/// <summary>The conversation with a shell over streams that no process is behind.</summary>
public sealed class ShellConversationTests : IAsyncDisposable
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(1);

    private readonly StreamShell _shell = new();

    [Fact]
    public async Task RunAsync_gives_what_stands_in_the_frames_however_the_bytes_come()
    {
        await using ShellConversation conversation = new(_shell, Explain);

        Task<ShellResult> run = conversation.RunAsync("id", s_long, CancellationToken.None);
        string token = await _shell.TokenAsync();
        await _shell.SayAsync(
            $"Welcome!\n\n{token} begin\nuid=0\n\n{token} end 3\n",
            $"\n{token} begin\nno such user\n\n{token} end 3\n"
        );
        ShellResult result = await run;

        Assert.Equal("uid=0\n", Encoding.UTF8.GetString(result.Output.Span));
        Assert.Equal(("no such user", 3), (result.ErrorOutput, result.ExitCode));
        Assert.False(_shell.IsAborted);
    }

    [Fact]
    public async Task RunAsync_explains_a_shell_that_ends_before_its_frame_by_its_code_and_last_words()
    {
        await using ShellConversation conversation = new(_shell, Explain);

        Task<ShellResult> run = conversation.RunAsync("id", s_long, CancellationToken.None);
        await _shell.SayAsync("", "This account is not available.\n");
        _shell.End(1);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => run);
        Assert.Equal("1: This account is not available.", error.Message);
    }

    [Fact]
    public async Task RunAsync_says_that_the_connection_was_lost_in_the_middle()
    {
        await using ShellConversation conversation = new(_shell, Explain);

        Task<ShellResult> run = conversation.RunAsync("id", s_long, CancellationToken.None);
        string token = await _shell.TokenAsync();
        await _shell.SayAsync($"\n{token} begin\nhalf", $"\n{token} begin\nKilled by signal 15.");
        _shell.End(255);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => run);
        Assert.Equal(NestVirtErrorKind.HostConnectionLost, error.Kind);
        Assert.Contains("Killed by signal 15.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_knows_by_the_standard_error_too_that_an_answer_had_begun()
    {
        await using ShellConversation conversation = new(_shell, Explain);

        Task<ShellResult> run = conversation.RunAsync("id", s_long, CancellationToken.None);
        string token = await _shell.TokenAsync();
        await _shell.SayAsync("", $"\n{token} begin\nConnection to kvm1 closed by remote host.");
        _shell.End(255);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => run);
        Assert.Equal(NestVirtErrorKind.HostConnectionLost, error.Kind);
        Assert.Contains("closed by remote host.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_does_not_doubt_a_shell_that_has_answered()
    {
        await using ShellConversation conversation = new(_shell, Explain);
        Task<ShellResult> first = conversation.RunAsync(":", s_long, CancellationToken.None);
        string token = await _shell.TokenAsync();
        string frame = $"\n{token} begin\n\n{token} end 0\n";
        await _shell.SayAsync(frame, frame);
        await first;

        Task<ShellResult> second = conversation.RunAsync("id", s_long, CancellationToken.None);
        await _shell.SayAsync("", "Killed by signal 15.\n");
        _shell.End(255);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => second);
        Assert.Equal(NestVirtErrorKind.HostConnectionLost, error.Kind);
        Assert.Contains("Killed by signal 15.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ends_a_shell_that_is_silent_too_long_and_tells_the_time()
    {
        await using ShellConversation conversation = new(_shell, Explain);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            conversation.RunAsync("id", TimeSpan.FromMilliseconds(20), CancellationToken.None)
        );

        Assert.Equal(NestVirtErrorKind.HostTimeout, error.Kind);
        Assert.Contains("within 20 ms", error.Message, StringComparison.Ordinal);
        Assert.True(_shell.IsAborted);
    }

    [Fact]
    public async Task DisposeAsync_takes_leave_of_a_shell_that_is_whole()
    {
        ShellConversation conversation = new(_shell, Explain);
        Task<ShellResult> run = conversation.RunAsync(":", s_long, CancellationToken.None);
        string token = await _shell.TokenAsync();
        string frame = $"\n{token} begin\n\n{token} end 0\n";
        await _shell.SayAsync(frame, frame);
        await run;

        await conversation.DisposeAsync();

        Assert.True(_shell.IsInputClosed);
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task RunAsync_holds_four_long_answers_at_once_and_whoever_waits_spends_no_time()
    {
        StreamShell[] shells = [new(), new(), new(), new(), new()];
        string much = new('x', AnswerLimits.ShortBytes + (1 << 16));
        List<(Task<ShellResult> Run, string End)> runs = [];
        foreach (StreamShell shell in shells)
        {
            bool isLast = runs.Count == AnswerLimits.LongAtOnce;
            Task<ShellResult> run = Task.Run(() =>
                new ShellConversation(shell, Explain).RunAsync(
                    "id",
                    isLast ? TimeSpan.FromSeconds(3) : s_long,
                    CancellationToken.None
                )
            );
            string token = await shell.TokenAsync();
            await shell.SayAsync("", $"\n{token} begin\n\n{token} end 0\n");
            _ = shell.SayMuchAsync($"\n{token} begin\n{much}");
            runs.Add((run, $"\n{token} end 0\n"));
            await Task.Delay(200);
        }

        Task last = runs[^1].Run;
        await Task.WhenAny(last, Task.Delay(TimeSpan.FromSeconds(4)));
        Assert.False(last.IsCompleted);

        foreach ((StreamShell shell, (Task<ShellResult> run, string end)) in shells.Zip(runs))
        {
            await shell.SayMuchAsync(end);
            Assert.Equal(much.Length, (await run).Output.Length);
        }
    }

    public ValueTask DisposeAsync() => _shell.DisposeAsync();

    private static NestVirtException Explain(int exitCode, string said) =>
        new(NestVirtErrorKind.HostShellInvalid, $"{exitCode}: {said}");
}
