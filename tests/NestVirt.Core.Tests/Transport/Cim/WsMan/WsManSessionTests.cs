using NestVirt.Transport.Cim;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.Core.Tests.Transport.Cim.WsMan;

public sealed class WsManSessionTests
{
    private const string Virtualization = "root/virtualization/v2";
    private const string Empty =
        "<n:PullResponse><n:EnumerationContext>same</n:EnumerationContext><n:Items/></n:PullResponse>";

    private static readonly CimPath s_service = CimPath.Of(
        Virtualization,
        "Msvm_VirtualSystemManagementService",
        ("CreationClassName", "Msvm_VirtualSystemManagementService")
    );

    [Fact]
    public async Task QueryAsync_asks_on_with_the_newest_context_until_the_end()
    {
        ScriptedChannel channel = new(
            WsManTexts.Windows(WsManTexts.Enumerated),
            WsManTexts.Page("uuid:2", "<X><A>1</A></X><X><A>2</A></X>"),
            WsManTexts.Windows("<n:PullResponse><n:Items><X><A>3</A></X></n:Items></n:PullResponse>"),
            WsManTexts.Page("uuid:3", "<X><A>4</A></X>"),
            WsManTexts.LastPage("")
        );

        Assert.Equal(["1", "2", "3", "4"], await QueryAsync(channel));
        Assert.Equal(["Enumerate", "Pull", "Pull", "Pull", "Pull"], channel.Actions);
        Assert.Equal(
            ["", "uuid:00000000-0000-4000-8000-000000000003", "uuid:2", "uuid:2", "uuid:3"],
            channel.Sent.Select(Context)
        );
        Assert.All(
            channel.Sent,
            static text => Assert.Contains("/wmi/root/virtualization/v2/*<", text, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task EnumerateAsync_needs_one_message_where_all_fits_into_one_answer()
    {
        ScriptedChannel channel = new(
            WsManTexts.Windows(
                $"<n:EnumerateResponse><n:EnumerationContext/><w:Items>{WsManTexts.VirtualMachine}</w:Items><w:EndOfSequence/></n:EnumerateResponse>"
            )
        );
        await using WsManSession session = new(channel);

        CimInstance machine = Assert.Single(
            await session
                .EnumerateAsync(Virtualization, "Msvm_ComputerSystem", CancellationToken.None)
                .ToListAsync(TestContext.Current.CancellationToken)
        );

        Assert.Equal("vm1", machine.Text("ElementName"));
        Assert.Contains("/v2/Msvm_ComputerSystem<", Assert.Single(channel.Sent), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_enumeration_of_one_query_asks_anew()
    {
        ScriptedChannel channel = new(WsManTexts.LastPage("<X><A>1</A></X>"), WsManTexts.LastPage("<X><A>2</A></X>"));
        await using WsManSession session = new(channel);
        IAsyncEnumerable<CimInstance> query = session.QueryAsync(Virtualization, "q", CancellationToken.None);

        Assert.Equal("1", (await query.SingleAsync(TestContext.Current.CancellationToken)).Text("A"));
        Assert.Equal("2", (await query.SingleAsync(TestContext.Current.CancellationToken)).Text("A"));
    }

    [Fact]
    public async Task Whoever_stops_early_releases_the_enumeration()
    {
        ScriptedChannel channel = new(
            WsManTexts.Windows(WsManTexts.Enumerated),
            WsManTexts.Page("uuid:2", "<X/><X/>"),
            WsManTexts.Windows("")
        );
        await using WsManSession session = new(channel);

        await StopAfterOneAsync(session);

        Assert.Equal(["Enumerate", "Pull", "Release"], channel.Actions);
        Assert.Equal("uuid:2", Context(channel.Sent[^1]));
    }

    [Fact]
    public async Task A_release_that_fails_harms_nothing_and_a_last_answer_needs_none()
    {
        foreach (
            object answer in new object[]
            {
                WsManTexts.Windows(WsManTexts.NotFound),
                new NestVirtException(NestVirtErrorKind.HostConnectionLost, "gone"),
                "no XML",
            }
        )
        {
            ScriptedChannel channel = new(WsManTexts.Page("uuid:1", "<X/><X/>"), answer);
            await using WsManSession session = new(channel);
            await StopAfterOneAsync(session);
            Assert.Equal(["Enumerate", "Release"], channel.Actions);
        }

        ScriptedChannel last = new(WsManTexts.LastPage("<X/><X/>"));
        await using WsManSession other = new(last);
        await StopAfterOneAsync(other);
        Assert.Equal(["Enumerate"], last.Actions);
    }

    [Fact]
    public async Task A_release_that_nobody_answers_is_given_up()
    {
        HangingChannel channel = new(WsManTexts.Page("uuid:1", "<X/><X/>"));
        await using WsManSession session = new(channel);

        await StopAfterOneAsync(session).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal(2, channel.Count);
    }

    [Fact]
    public async Task Whoever_cancels_between_answers_releases_the_enumeration()
    {
        using CancellationTokenSource cancel = new();
        ScriptedChannel channel = new(WsManTexts.Page("uuid:1", "<X/>"), WsManTexts.Windows(""));
        await using WsManSession session = new(channel);
        await using IAsyncEnumerator<CimInstance> items = session
            .QueryAsync(Virtualization, "q", cancel.Token)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);

        Assert.True(await items.MoveNextAsync());
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await items.MoveNextAsync());
        Assert.Equal(["Enumerate", "Release"], channel.Actions);
    }

    [Fact]
    public async Task A_forgotten_enumeration_begins_anew_once_where_nothing_was_given_yet()
    {
        ScriptedChannel channel = new(
            WsManTexts.Windows(WsManTexts.Enumerated),
            WsManTexts.Windows(WsManTexts.ContextGone),
            WsManTexts.LastPage("<X><A>1</A></X>")
        );

        Assert.Equal(["1"], await QueryAsync(channel));
        Assert.Equal(["Enumerate", "Pull", "Enumerate"], channel.Actions);
    }

    [Fact]
    public async Task A_forgotten_enumeration_is_an_error_where_it_began_anew_already_or_gave_something()
    {
        ScriptedChannel twice = new(
            WsManTexts.Windows(WsManTexts.Enumerated),
            WsManTexts.Windows(WsManTexts.ContextGone),
            WsManTexts.Windows(WsManTexts.Enumerated),
            WsManTexts.Windows(WsManTexts.ContextGone)
        );
        ScriptedChannel late = new(
            WsManTexts.Page("uuid:1", "<X><A>1</A></X>"),
            WsManTexts.Windows(WsManTexts.ContextGone)
        );

        foreach (ScriptedChannel channel in new[] { twice, late })
        {
            NestVirtException error = await Assert.ThrowsAnyAsync<NestVirtException>(() => QueryAsync(channel));
            Assert.Equal(NestVirtErrorKind.HostConnectionLost, error.Kind);
            Assert.IsType<WsManFaultException>(error.InnerException);
        }

        Assert.Equal(["Enumerate", "Pull", "Enumerate", "Pull"], twice.Actions);
        Assert.Equal(["Enumerate", "Pull"], late.Actions);
    }

    [Fact]
    public async Task A_lost_connection_is_tried_once_more_where_nothing_was_given_yet()
    {
        NestVirtException lost = new(NestVirtErrorKind.HostConnectionLost, "gone");
        ScriptedChannel first = new(lost, WsManTexts.LastPage("<X><A>1</A></X>"));
        ScriptedChannel late = new(WsManTexts.Page("uuid:1", "<X><A>1</A></X>"), lost);
        ScriptedChannel twice = new(lost, lost);
        ScriptedChannel denied = new(new NestVirtException(NestVirtErrorKind.HostAuthenticationFailed, "no"));

        Assert.Equal(["1"], await QueryAsync(first));
        Assert.Equal(["Enumerate", "Enumerate"], first.Actions);
        foreach (ScriptedChannel channel in new[] { late, twice, denied })
        {
            await Assert.ThrowsAsync<NestVirtException>(() => QueryAsync(channel));
        }

        Assert.Equal((2, 2, 1), (late.Sent.Count, twice.Sent.Count, denied.Sent.Count));
    }

    [Fact]
    public async Task A_host_that_gives_nothing_for_ever_is_stopped()
    {
        ScriptedChannel channel = new([.. Enumerable.Repeat(WsManTexts.Windows(Empty), 1000)]);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() => QueryAsync(channel));

        Assert.Equal(NestVirtErrorKind.ProbeOutputInvalid, error.Kind);
        Assert.Contains("comes to no end", error.Message, StringComparison.Ordinal);
        Assert.Equal(WsManListing.MostEmptyPages + 3, channel.Sent.Count);
        Assert.Equal("Release", channel.Actions.Last());
    }

    [Fact]
    public async Task A_host_that_gives_instances_for_ever_is_stopped()
    {
        string page = WsManTexts.Page("same", string.Concat(Enumerable.Repeat("<X/>", 50_000)));
        ScriptedChannel channel = new([.. Enumerable.Repeat(page, 10)]);
        await using WsManSession session = new(channel);
        int count = 0;

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(async () =>
        {
            await foreach (CimInstance _ in session.QueryAsync(Virtualization, "q", CancellationToken.None))
            {
                count++;
            }
        });

        Assert.Equal(NestVirtErrorKind.ProbeOutputInvalid, error.Kind);
        Assert.Equal(WsManListing.MostItems, count);
    }

    [Fact]
    public async Task An_answer_that_is_not_the_last_and_names_no_next_is_an_error()
    {
        ScriptedChannel channel = new(
            WsManTexts.Windows("<n:EnumerateResponse><w:Items><X/></w:Items></n:EnumerateResponse>")
        );

        Assert.Equal(
            NestVirtErrorKind.ProbeOutputInvalid,
            (await Assert.ThrowsAnyAsync<NestVirtException>(() => QueryAsync(channel))).Kind
        );
    }

    [Fact]
    public async Task QueryAsync_says_what_the_host_does_not_have()
    {
        await using WsManSession session = new(new ScriptedChannel(WsManTexts.Windows(WsManTexts.NotFound)));

        NestVirtException error = await Assert.ThrowsAnyAsync<NestVirtException>(async () =>
            await session
                .EnumerateAsync(Virtualization, "Msvm_ComputerSystem", CancellationToken.None)
                .ToListAsync(TestContext.Current.CancellationToken)
        );

        Assert.Equal(NestVirtErrorKind.FeatureNotSupported, error.Kind);
        Assert.Contains(
            "the class Msvm_ComputerSystem of root/virtualization/v2",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task GetAsync_gives_the_instance_and_null_where_there_is_none()
    {
        ScriptedChannel channel = new(
            WsManTexts.Windows(WsManTexts.VirtualMachine),
            WsManTexts.Windows(WsManTexts.NotFound)
        );
        await using WsManSession session = new(channel);
        CimPath path = CimPath.Of(Virtualization, "Msvm_ComputerSystem", ("Name", "x"));

        Assert.Equal("vm1", (await session.GetAsync(path, CancellationToken.None))?.Text("ElementName"));
        Assert.Null(await session.GetAsync(path, CancellationToken.None));
        Assert.Equal(["Get", "Get"], channel.Actions);
    }

    [Fact]
    public async Task GetAsync_tries_a_lost_connection_once_more_and_passes_on_other_errors()
    {
        NestVirtException lost = new(NestVirtErrorKind.HostConnectionLost, "gone");
        ScriptedChannel channel = new(
            lost,
            WsManTexts.Windows(WsManTexts.VirtualMachine),
            WsManTexts.Windows(WsManTexts.TimedOut)
        );
        await using WsManSession session = new(channel);
        CimPath path = CimPath.Of(Virtualization, "Msvm_ComputerSystem", ("Name", "x"));

        Assert.NotNull(await session.GetAsync(path, CancellationToken.None));
        Assert.Equal(
            NestVirtErrorKind.HostTimeout,
            (await Assert.ThrowsAsync<WsManFaultException>(() => session.GetAsync(path, CancellationToken.None))).Kind
        );
        Assert.Equal(3, channel.Sent.Count);
    }

    // Nobody knows whether a method that got no answer was carried out.
    [Fact]
    [Trait("Category", "Security")]
    public async Task InvokeAsync_sends_a_call_once_whatever_becomes_of_it()
    {
        foreach (
            object answer in new object[]
            {
                new NestVirtException(NestVirtErrorKind.HostConnectionLost, "gone"),
                new NestVirtException(NestVirtErrorKind.HostTimeout, "slow"),
                WsManTexts.Windows(WsManTexts.TimedOut),
                WsManTexts.Windows(WsManTexts.NotFound),
                WsManTexts.Windows(WsManTexts.ContextGone),
                "no XML",
            }
        )
        {
            ScriptedChannel channel = new(answer, answer);
            await using WsManSession session = new(channel);
            await Assert.ThrowsAnyAsync<NestVirtException>(() =>
                session.InvokeAsync(s_service, "DefineSystem", [], CancellationToken.None)
            );
            Assert.Single(channel.Sent);
        }
    }

    [Fact]
    public async Task InvokeAsync_gives_what_the_method_gave()
    {
        ScriptedChannel channel = new(
            WsManTexts.Windows(
                "<p:M_OUTPUT xmlns:p='urn:p'><p:A>1</p:A><p:ReturnValue>32775</p:ReturnValue></p:M_OUTPUT>"
            )
        );
        await using WsManSession session = new(channel);

        CimMethodResult result = await session.InvokeAsync(
            s_service,
            "M",
            [new("P", CimValue.Of("v"))],
            CancellationToken.None
        );

        Assert.Equal((32775u, "1"), (result.ReturnValue, result.Output.Text("A")));
        Assert.Contains(">v</p:P></p:M_INPUT>", Assert.Single(channel.Sent), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Microsoft Corporation", "/wmi/root/cimv2/*<")]
    [InlineData("Open Management Infrastructure", "/wscim/1/*<")]
    public async Task IdentifyAsync_names_classes_as_the_server_knows_them_from_then_on(string vendor, string resource)
    {
        ScriptedChannel channel = new(
            $"<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body><s:IdentifyResponse><s:ProductVendor>{vendor}</s:ProductVendor></s:IdentifyResponse></s:Body></s:Envelope>",
            WsManTexts.LastPage("")
        );
        await using WsManSession session = new(channel);

        Assert.Equal(vendor, (await session.IdentifyAsync(CancellationToken.None)).Vendor);
        Assert.Empty(
            await session
                .QueryAsync("root/cimv2", "q", CancellationToken.None)
                .ToListAsync(TestContext.Current.CancellationToken)
        );
        Assert.Contains(resource, channel.Sent[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_go_one_after_the_other_whoever_asks()
    {
        HangingChannel channel = new();
        await using WsManSession session = new(channel);
        using CancellationTokenSource cancel = new();
        CimPath path = CimPath.Of("root/cimv2", "X");

        Task first = session.GetAsync(path, cancel.Token);
        Task second = session.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(1, channel.Count);
        channel.Answer = WsManTexts.Windows("<X/>");
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await second;
        Assert.Equal(2, channel.Count);
    }

    [Fact]
    public async Task The_end_of_a_session_is_the_end_of_its_channel()
    {
        ScriptedChannel channel = new();

        await new WsManSession(channel).DisposeAsync();

        Assert.True(channel.IsDisposed);
    }

    private static async Task<List<string?>> QueryAsync(ScriptedChannel channel)
    {
        await using WsManSession session = new(channel);
        return await session
            .QueryAsync(Virtualization, "SELECT * FROM X", CancellationToken.None)
            .Select(static item => item.Text("A"))
            .ToListAsync(TestContext.Current.CancellationToken);
    }

    private static async Task StopAfterOneAsync(WsManSession session)
    {
        await foreach (CimInstance _ in session.QueryAsync(Virtualization, "q", CancellationToken.None))
        {
            break;
        }
    }

    private static string Context(string message)
    {
        string[] parts = message.Split("<n:EnumerationContext>");
        return parts.Length == 1 ? string.Empty : parts[1].Split('<')[0];
    }

    /// <summary>Answers the first message by a text, if there is one; each other hangs, until there is an answer to all.</summary>
    private sealed class HangingChannel(string? first = null) : IWsManChannel
    {
        public Uri Address { get; } = new("http://hv1:5985/wsman");

        public int Count { get; private set; }

        public string? Answer { get; set; } = first;

        public async Task<WsManReply> SendAsync(
            ReadOnlyMemory<byte> message,
            TimeSpan timeout,
            CancellationToken cancellationToken
        )
        {
            Count++;
            string? answer = Answer;
            Answer = null;
            if (answer is null)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return WsManTexts.Reply(answer!, message);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
