using System.Net;
using System.Net.Sockets;
using System.Text;
using NestVirt.Core.Tests.Transport.Cim.WsMan.Server;
using NestVirt.Hosts;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.Core.Tests.Transport.Cim.WsMan;

/// <summary>Over HTTP: .NET's NTLM on our side, and the one of these tests, which knows none of it, on the other.</summary>
public sealed class WsManHttpChannelTests
{
    private const string Done = "may have been carried out";

    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(300);

    public WsManHttpChannelTests() => Needs.Ntlm();

    [Fact]
    public async Task SendAsync_logs_in_once_and_encrypts_each_message()
    {
        await using WsManHost host = new();
        await using WsManHttpChannel channel = Open(host);

        WsManReply first = await SendAsync(channel, "one");
        WsManReply second = await SendAsync(channel, "two ü");

        Assert.Equal("<answer>one</answer>", Text(first));
        Assert.Equal("<answer>two ü</answer>", Text(second));
        Assert.Equal((200, "application/soap+xml;charset=UTF-8"), (first.StatusCode, first.ContentType));
        Assert.Equal(["one", "two ü"], host.Messages);
        Assert.Equal(1, host.Connections);
        Assert.Equal(4, host.Requests.Count);
        Assert.All(host.Requests.Take(2), static login => Assert.Empty(login.Body));
        Assert.All(
            host.Requests.Skip(2),
            static message =>
            {
                Assert.Null(message.Authorization);
                Assert.StartsWith("multipart/encrypted;", message.ContentType, StringComparison.Ordinal);
                Assert.DoesNotContain("one", Encoding.Latin1.GetString(message.Body), StringComparison.Ordinal);
            }
        );
        Assert.All(host.Requests, static request => Assert.Equal("POST /wsman HTTP/1.1", request.Line));
    }

    [Fact]
    public async Task SendAsync_puts_the_first_token_into_the_first_request()
    {
        await using WsManHost host = new();
        await using WsManHttpChannel channel = Open(host);

        await SendAsync(channel, "one");

        Assert.StartsWith("Negotiate TlRMTVNTUAAB", host.Requests[0].Authorization, StringComparison.Ordinal);
        Assert.StartsWith("Negotiate TlRMTVNTUAAD", host.Requests[1].Authorization, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SendAsync_gives_an_encrypted_fault_with_its_status()
    {
        await using WsManHost host = new() { Status = 500 };
        await using WsManHttpChannel channel = Open(host);

        WsManReply reply = await SendAsync(channel, "one");

        Assert.Equal((500, "<answer>one</answer>"), (reply.StatusCode, Text(reply)));
    }

    [Fact]
    public async Task SendAsync_carries_a_large_message_and_a_large_answer()
    {
        string large = new('x', 600_000);
        await using WsManHost host = new();
        await using WsManHttpChannel channel = Open(host);

        Assert.Equal($"<answer>{large}</answer>", Text(await SendAsync(channel, large)));
    }

    [Fact]
    public async Task SendAsync_names_a_wrong_password_and_what_the_host_offers()
    {
        await using WsManHost host = new() { ExpectedPassword = "another" };
        await using WsManHttpChannel channel = Open(host);

        NestVirtException error = await FailAsync(channel);

        Assert.Equal(NestVirtErrorKind.HostAuthenticationFailed, error.Kind);
        Assert.Contains("Negotiate, Kerberos", error.Message, StringComparison.Ordinal);
        Assert.Equal(["wrong password"], host.Refusals);
        Assert.Equal(2, host.Requests.Count);
    }

    [Theory]
    [InlineData(new string[0], "names no way")]
    [InlineData(new[] { "Basic realm=\"WSMAN\"" }, "offers Basic")]
    [InlineData(new[] { "CredSSP", "Bearer" }, "offers CredSSP, Bearer")]
    public async Task SendAsync_names_what_a_host_offers_instead(string[] offers, string said)
    {
        await using WsManHost host = new() { Offers = offers };
        await using WsManHttpChannel channel = Open(host);

        NestVirtException error = await FailAsync(channel);

        Assert.Equal(NestVirtErrorKind.HostAuthenticationFailed, error.Kind);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task SendAsync_names_an_account_that_may_not(int step)
    {
        await using WsManHost host = new() { Deed = At(step, HostDeed.Forbid) };
        await using WsManHttpChannel channel = Open(host);

        Assert.Equal(NestVirtErrorKind.HostPermissionDenied, (await FailAsync(channel)).Kind);
    }

    [Theory]
    [InlineData(0, "Drop", false)]
    [InlineData(1, "Drop", false)]
    [InlineData(2, "Drop", true)]
    [InlineData(0, "DropHalf", false)]
    [InlineData(1, "DropHalf", false)]
    [InlineData(2, "DropHalf", true)]
    public async Task SendAsync_says_what_a_lost_connection_leaves_open(int step, string deed, bool mayBeDone)
    {
        await using WsManHost host = new() { Deed = At(step, Enum.Parse<HostDeed>(deed)) };
        await using WsManHttpChannel channel = Open(host);

        NestVirtException error = await FailAsync(channel);

        Assert.Equal(NestVirtErrorKind.HostConnectionLost, error.Kind);
        Assert.Equal(mayBeDone, error.Message.Contains(Done, StringComparison.Ordinal));
        Assert.Equal(step + 1, host.Requests.Count);
        Assert.Equal("<answer>again</answer>", Text(await SendAsync(channel, "again")));
    }

    [Theory]
    [InlineData(0, "Stall", false)]
    [InlineData(1, "Stall", false)]
    [InlineData(2, "Stall", true)]
    [InlineData(2, "StallHalf", true)]
    public async Task SendAsync_does_not_wait_for_ever(int step, string deed, bool mayBeDone)
    {
        await using WsManHost host = new() { Deed = At(step, Enum.Parse<HostDeed>(deed)) };
        WsManConnectionOptions options = Options(host);
        options = step < 2 ? options with { ConnectTimeout = s_short } : options;
        await using WsManHttpChannel channel = new(options);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            SendAsync(channel, "one", step < 2 ? s_long : s_short)
        );

        Assert.Equal(NestVirtErrorKind.HostTimeout, error.Kind);
        Assert.Equal(mayBeDone, error.Message.Contains(Done, StringComparison.Ordinal));
        Assert.Equal("<answer>again</answer>", Text(await SendAsync(channel, "again")));
    }

    [Fact]
    public async Task SendAsync_stops_when_it_is_told_to()
    {
        using CancellationTokenSource stop = new();
        await using WsManHost host = new();
        host.Deed = number =>
        {
            stop.CancelAfter(TimeSpan.Zero);
            return HostDeed.Stall;
        };
        await using WsManHttpChannel channel = Open(host);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            channel.SendAsync("one"u8.ToArray(), s_long, stop.Token)
        );
    }

    [Fact]
    public async Task SendAsync_logs_in_anew_where_the_host_ended_an_idle_connection()
    {
        await using WsManHost host = new() { Deed = At(2, HostDeed.AnswerAndClose) };
        await using WsManHttpChannel channel = Open(host);
        await SendAsync(channel, "one");
        await host.Ended.WaitAsync();

        Assert.Equal("<answer>two</answer>", Text(await SendAsync(channel, "two")));

        Assert.Equal(["one", "two"], host.Messages);
        Assert.Equal(2, host.Connections);
    }

    [Fact]
    public async Task SendAsync_names_a_host_that_ends_the_connection_after_each_step()
    {
        await using WsManHost host = new() { Deed = static _ => HostDeed.AnswerAndClose };
        await using WsManHttpChannel channel = Open(host);

        Assert.Equal(NestVirtErrorKind.HostConnectionLost, (await FailAsync(channel)).Kind);
        Assert.Empty(host.Messages);
    }

    [Fact]
    public async Task SendAsync_logs_in_once_more_where_the_host_forgot_us()
    {
        await using WsManHost host = new() { Deed = At(3, HostDeed.Forget) };
        await using WsManHttpChannel channel = Open(host);
        await SendAsync(channel, "one");

        Assert.Equal("<answer>two</answer>", Text(await SendAsync(channel, "two")));

        Assert.Equal(["one", "two"], host.Messages);
    }

    [Fact]
    public async Task SendAsync_does_not_log_in_a_third_time()
    {
        await using WsManHost host = new()
        {
            Deed = static number => number is 3 or 6 ? HostDeed.Forget : HostDeed.Answer,
        };
        await using WsManHttpChannel channel = Open(host);
        await SendAsync(channel, "one");

        NestVirtException error = await FailAsync(channel);

        Assert.Equal(NestVirtErrorKind.HostAuthenticationFailed, error.Kind);
        Assert.Equal(7, host.Requests.Count);
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task SendAsync_does_not_become_somebody_else_when_the_password_is_cleared()
    {
        await using WsManHost host = new();
        using HostCredential credential = new($@"{WsManHost.Domain}\{WsManHost.User}", WsManHost.Password);
        await using WsManHttpChannel channel = new(Options(host) with { Credential = credential });
        credential.Dispose();

        NestVirtException error = await FailAsync(channel);

        Assert.Equal(NestVirtErrorKind.HostAuthenticationFailed, error.Kind);
        Assert.Contains("cleared", error.Message, StringComparison.Ordinal);
        Assert.Empty(host.Requests);
    }

    [Theory]
    [Trait("Category", "Security")]
    [InlineData("AnswerPlain", "not encrypted")]
    [InlineData("Alter", "altered")]
    public async Task SendAsync_takes_no_answer_that_anybody_may_have_sent(string deed, string said)
    {
        await using WsManHost host = new() { Deed = At(2, Enum.Parse<HostDeed>(deed)) };
        await using WsManHttpChannel channel = Open(host);

        NestVirtException error = await FailAsync(channel);

        Assert.Equal(NestVirtErrorKind.ProbeOutputInvalid, error.Kind);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Contains(Done, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SendAsync_cuts_off_an_answer_that_is_too_long()
    {
        await using WsManHost host = new() { Reply = static _ => new string('x', 4 << 20) };
        await using WsManHttpChannel channel = Open(host);

        NestVirtException error = await FailAsync(channel);

        Assert.Equal(NestVirtErrorKind.ProbeOutputInvalid, error.Kind);
        Assert.Contains("4 MiB", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SendAsync_cuts_off_an_answer_without_end()
    {
        byte[] chunk = [.. "10000\r\n"u8, .. new byte[0x10000], .. "\r\n"u8];
        await using LoopbackServer server = new(async connection =>
        {
            await connection.ReadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray());
            while (true)
            {
                await connection.WriteAsync(chunk);
            }
        });
        await using WsManHttpChannel channel = new(Options(server.Port));

        Assert.Equal(NestVirtErrorKind.ProbeOutputInvalid, (await FailAsync(channel)).Kind);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<ht>", "HostUnreachable")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "HostUnreachable")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n", "HostUnreachable")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n\r\n", "HostUnreachable")]
    [InlineData(
        "HTTP/1.1 401 U\r\nWWW-Authenticate: Negotiate !!\r\nContent-Length: 0\r\n\r\n",
        "HostAuthenticationFailed"
    )]
    [InlineData(
        "HTTP/1.1 401 U\r\nWWW-Authenticate: Negotiate AAAA\r\nContent-Length: 0\r\n\r\n",
        "HostAuthenticationFailed"
    )]
    public async Task SendAsync_tells_what_is_no_host_of_WS_Management(string answer, string kind)
    {
        await using LoopbackServer server = new(async connection =>
        {
            await connection.ReadAsync();
            await connection.WriteAsync(Encoding.ASCII.GetBytes(answer));
            await connection.ReadAsync();
        });
        await using WsManHttpChannel channel = new(Options(server.Port));

        Assert.Equal(kind, (await FailAsync(channel)).Kind.ToString());
    }

    [Fact]
    public async Task SendAsync_names_a_port_at_which_nothing_listens()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        await using WsManHttpChannel channel = new(Options(port));

        NestVirtException error = await FailAsync(channel);

        Assert.Equal(NestVirtErrorKind.HostUnreachable, error.Kind);
        Assert.Contains($"Nothing listens at port {port}", error.Message, StringComparison.Ordinal);
    }

    private static Func<int, HostDeed> At(int step, HostDeed deed) => number => number == step ? deed : HostDeed.Answer;

    private static WsManHttpChannel Open(WsManHost host) => new(Options(host));

    private static WsManConnectionOptions Options(WsManHost host) => Options(host.Port);

    private static WsManConnectionOptions Options(int port) =>
        new()
        {
            Host = "127.0.0.1",
            Port = port,
            Credential = new HostCredential($@"{WsManHost.Domain}\{WsManHost.User}", WsManHost.Password),
        };

    private static Task<WsManReply> SendAsync(WsManHttpChannel channel, string message, TimeSpan? timeout = null) =>
        channel.SendAsync(Encoding.UTF8.GetBytes(message), timeout ?? s_long, CancellationToken.None);

    private static Task<NestVirtException> FailAsync(WsManHttpChannel channel) =>
        Assert.ThrowsAsync<NestVirtException>(() => SendAsync(channel, "one"));

    private static string Text(WsManReply reply) => Encoding.UTF8.GetString(reply.Body.Span);
}
