using System.Text;
using NestVirt.StandIn.Authentication;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Tests;

/// <summary>What the stand-in does like other servers, and what it breaks on purpose.</summary>
public class StandInVariantTests
{
    private const string Systems = Envelopes.V2 + "Msvm_ComputerSystem";

    [Fact]
    public async Task It_speaks_like_omi()
    {
        await using StandInHost host = await StartAsync(
            new Variants
            {
                UsesNumberContexts = true,
                KeepsContext = true,
                WritesContextAtEnd = true,
                OmitsInstanceType = true,
                WritesUpperCaseBooleans = true,
                IdentifiesInSoapNamespace = true,
            }
        );

        CurlAnswer identity = await Curl.PostAsync(host.Address, Envelopes.Identify);
        CurlAnswer first = await Curl.PostAsync(host.Address, Envelopes.Enumerate(Systems));
        CurlAnswer second = await Curl.PostAsync(
            host.Address,
            Envelopes.Pull(Systems, first.Value("EnumerationContext"), 1)
        );
        CurlAnswer last = await Curl.PostAsync(
            host.Address,
            Envelopes.Pull(Systems, second.Value("EnumerationContext"), 100)
        );
        CurlAnswer processors = await Curl.PostAsync(
            host.Address,
            Envelopes.Optimized(Envelopes.V2 + "Msvm_ProcessorSettingData", 1)
        );

        Assert.Equal(
            "http://www.w3.org/2003/05/soap-envelope",
            identity.Element("IdentifyResponse")!.Name.NamespaceName
        );
        Assert.True(ulong.TryParse(first.Value("EnumerationContext"), out _));
        Assert.Equal(first.Value("EnumerationContext"), second.Value("EnumerationContext"));
        Assert.NotNull(last.Element("EndOfSequence"));
        Assert.NotNull(last.Element("EnumerationContext"));
        Assert.DoesNotContain("xsi:type", second.Text);
        Assert.Equal("FALSE", processors.Value("ExposeVirtualizationExtensions"));
    }

    [Fact]
    public async Task The_last_pull_may_hold_the_end_alone()
    {
        await using StandInHost host = await StartAsync(new Variants { EndsWithEmptyPull = true });

        CurlAnswer all = await Curl.PostAsync(host.Address, Envelopes.Optimized(Systems, 100));
        CurlAnswer end = await Curl.PostAsync(
            host.Address,
            Envelopes.Pull(Systems, all.Value("EnumerationContext"), 100)
        );

        Assert.Null(all.Element("EndOfSequence"));
        Assert.Contains("<n:Items></n:Items><n:EndOfSequence/>", end.Text);
    }

    [Fact]
    public async Task An_error_may_come_as_an_instance()
    {
        await using StandInHost host = await StartAsync(new Variants { WritesErrorInstances = true });

        CurlAnswer answer = await Curl.PostAsync(host.Address, Envelopes.Enumerate(Envelopes.V2 + "Msvm_Nope"));

        Assert.Equal("5", answer.Value("CIMStatusCode"));
        Assert.Equal("2150858811", answer.Value("error_Code"));
    }

    [Fact]
    public async Task Answers_may_be_no_answers()
    {
        await using StandInHost host = await StartAsync(new Variants { AnswersWithHtml = true });
        CurlAnswer html = await Curl.PostAsync(host.Address, Envelopes.Enumerate(Systems));
        host.Options.Variants.AnswersWithHtml = false;
        host.Options.Variants.TruncatesXml = true;
        CurlAnswer half = await Curl.PostAsync(host.Address, Envelopes.Enumerate(Systems));
        host.Options.Variants.TruncatesXml = false;
        host.Options.Variants.UsesUtf16 = true;
        CurlAnswer wide = await Curl.PostAsync(host.Address, Envelopes.Enumerate(Systems));

        Assert.Equal((200, "text/html"), (html.Status, html.ContentType));
        Assert.Throws<System.Xml.XmlException>(() => half.Xml);
        Assert.Equal("application/soap+xml;charset=UTF-16", wide.ContentType);
    }

    [Fact]
    public async Task Connections_are_cut_where_they_are_told_to()
    {
        await using StandInHost host = await StartAsync(new Variants { CutsAtRequest = 2 });
        CurlAnswer whole = await Curl.PostAsync(host.Address, Envelopes.Enumerate(Systems));
        CurlAnswer none = await Curl.PostAsync(host.Address, Envelopes.Enumerate(Systems));
        host.Options.Variants.CutsAfterBytes = 100;
        CurlAnswer some = await Curl.PostAsync(host.Address, Envelopes.Enumerate(Systems));

        Assert.Equal((0, 200), (whole.ExitCode, whole.Status));
        Assert.True(none.ExitCode is 52 or 56, $"curl ended with {none.ExitCode}");
        Assert.True(some.ExitCode is 18 or 56, $"curl ended with {some.ExitCode}");
        Assert.InRange(some.Text.Length, 0, 100);
        Assert.Equal([1, 2, 3], host.Requests.Select(static request => request.Number));
    }

    [Fact]
    public async Task Basic_is_taken_over_https_alone()
    {
        var basic = new BasicAuthentication("admin", "secret");
        await using StandInHost secure = await StandInHost.StartAsync(
            new HyperVMachine(),
            new StandInOptions { Certificate = StandInCertificate.Create(), Authentication = basic }
        );
        await using StandInHost plain = await StandInHost.StartAsync(
            new HyperVMachine(),
            new StandInOptions { Authentication = basic }
        );
        string message = Envelopes.Enumerate(Systems);

        CurlAnswer right = await Curl.PostAsync(secure.Address, message, "--user", "admin:secret");
        CurlAnswer wrong = await Curl.PostAsync(secure.Address, message, "--user", "admin:Secret");
        CurlAnswer nobody = await Curl.PostAsync(secure.Address, message);
        CurlAnswer unencrypted = await Curl.PostAsync(plain.Address, message, "--user", "admin:secret");

        Assert.Equal("https", secure.Address.Scheme);
        Assert.Equal((200, 401, 401, 401), (right.Status, wrong.Status, nobody.Status, unencrypted.Status));
    }

    [Theory]
    [InlineData("/other", "application/soap+xml", 404)]
    [InlineData("/wsman", "text/xml", 415)]
    public async Task Only_messages_for_the_service_are_taken(string path, string type, int expected)
    {
        await using StandInHost host = await StartAsync(new Variants());
        using var client = new HttpClient();
        using var content = new StringContent(Envelopes.Identify, Encoding.UTF8, type);

        using HttpResponseMessage response = await client.PostAsync(new Uri(host.Address, path), content);

        Assert.Equal(expected, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_log_on_sees_the_requests_of_its_connection_and_may_seal_bodies()
    {
        await using StandInHost host = await StandInHost.StartAsync(
            new HyperVMachine(),
            new StandInOptions { Authentication = new SealingAuthentication() }
        );
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1 });
        using var stranger = new HttpClient();

        (int refused, string challenge, _) = await SendAsync(client, host, token: null);
        (int token, _, string empty) = await SendAsync(client, host, "Test token", isEmpty: true);
        (int open, _, string answer) = await SendAsync(client, host, token: null);
        (int other, _, _) = await SendAsync(stranger, host, token: null);

        Assert.Equal((401, 200, 200, 401), (refused, token, open, other));
        Assert.Equal("Test", challenge);
        Assert.Equal("", empty);
        Assert.StartsWith("<s:Envelope", answer, StringComparison.Ordinal);
        Assert.Equal(2, host.Requests.Select(static request => request.Connection).Distinct().Count());
        Assert.StartsWith("<s:Envelope", host.Requests.ElementAt(2).Text, StringComparison.Ordinal);
    }

    private static async Task<(int Status, string Challenge, string Text)> SendAsync(
        HttpClient client,
        StandInHost host,
        string? token,
        bool isEmpty = false
    )
    {
        byte[] body = isEmpty ? [] : [.. Encoding.UTF8.GetBytes(Envelopes.Enumerate(Systems)).Reverse()];
        using var request = new HttpRequestMessage(HttpMethod.Post, host.Address)
        {
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "multipart/encrypted");
        request.Headers.TryAddWithoutValidation("Authorization", token);
        using HttpResponseMessage response = await client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, response.Headers.WwwAuthenticate.ToString(), new string([.. text.Reverse()]));
    }

    private static Task<StandInHost> StartAsync(Variants variants) =>
        StandInHost.StartAsync(new HyperVMachine().AddVMs(2), new StandInOptions { Variants = variants });

    // Turns bodies round, once the connection has shown a token.
    private sealed class SealingAuthentication : IStandInAuthentication
    {
        public IStandInLogOn Connect(StandInConnection connection) => new LogOn();

        private sealed class LogOn : IStandInLogOn
        {
            private bool _isOpen;

            public StandInDecision Receive(string? authorization, StandInBody body)
            {
                _isOpen |= authorization == "Test token";
                return _isOpen ? StandInDecision.Accept("test", Turn(body)) : StandInDecision.Challenge("Test");
            }

            public StandInBody Send(StandInBody body) => Turn(body);

            private static StandInBody Turn(StandInBody body)
            {
                byte[] bytes = body.Bytes.ToArray();
                Array.Reverse(bytes);
                return body with { Bytes = bytes };
            }
        }
    }
}
