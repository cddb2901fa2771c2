using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using NestVirt.Core.Tests.Transport.Cim.WsMan.Server;
using NestVirt.Hosts;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.Core.Tests.Transport.Cim.WsMan;

/// <summary>Over HTTPS, with certificates that the test makes.</summary>
public sealed class WsManHttpsChannelTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(30);

    public WsManHttpsChannelTests() => Needs.Ntlm();

    [Fact]
    public async Task SendAsync_binds_the_login_to_the_certificate_and_sends_plain_messages_in_TLS()
    {
        using X509Certificate2 certificate = SelfSigned();
        await using WsManHost host = new(certificate);
        await using WsManHttpChannel channel = new(Pinned(host, certificate));

        Assert.Equal("<answer>one</answer>", Text(await SendAsync(channel, "one")));
        Assert.Equal("<answer>two</answer>", Text(await SendAsync(channel, "two")));

        Assert.Equal(["one", "two"], host.Messages);
        Assert.Equal(1, host.Connections);
        Assert.Equal(["", "one", "two"], host.Requests.Select(static request => Encoding.UTF8.GetString(request.Body)));
        Assert.Null(host.Requests[2].Authorization);
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task SendAsync_is_refused_where_another_stands_between()
    {
        using X509Certificate2 certificate = SelfSigned();
        await using WsManHost host = new(certificate)
        {
            Binding = [.. "tls-server-end-point:"u8, .. SHA256.HashData("another"u8)],
        };
        await using WsManHttpChannel channel = new(Pinned(host, certificate));

        Assert.Equal(NestVirtErrorKind.HostAuthenticationFailed, (await FailAsync(channel)).Kind);
        Assert.Equal(["not bound to this connection"], host.Refusals);
    }

    [Fact]
    public async Task SendAsync_sends_the_password_of_Basic_with_each_message()
    {
        using X509Certificate2 certificate = SelfSigned();
        await using WsManHost host = new(certificate) { Offers = ["Basic"] };
        await using WsManHttpChannel channel = new(
            Pinned(host, certificate) with
            {
                Authentication = WsManAuthentication.Basic,
            }
        );

        await SendAsync(channel, "one");
        await SendAsync(channel, "two");

        Assert.Equal(["one", "two"], host.Messages);
        Assert.Equal(2, host.Requests.Count);

        // LAB\nestadmin:Grüße, 42! in UTF-8.
        Assert.All(
            host.Requests,
            static request => Assert.Equal("Basic TEFCXG5lc3RhZG1pbjpHcsO8w59lLCA0MiE=", request.Authorization)
        );
    }

    [Fact]
    public async Task SendAsync_gives_whatever_else_is_answered_to_its_reader()
    {
        using X509Certificate2 certificate = SelfSigned();
        await using WsManHost host = new(certificate) { Status = 404, ContentType = "text/html" };
        await using WsManHttpChannel channel = new(Pinned(host, certificate));

        WsManReply reply = await SendAsync(channel, "one");

        Assert.Equal((404, "text/html", "<answer>one</answer>"), (reply.StatusCode, reply.ContentType, Text(reply)));
    }

    [Theory]
    [InlineData("Basic", "Basic")]
    [InlineData("Default", "Negotiate, Kerberos")]
    public async Task SendAsync_names_a_wrong_password(string authentication, string offers)
    {
        using X509Certificate2 certificate = SelfSigned();
        await using WsManHost host = new(certificate) { ExpectedPassword = "another", Offers = offers.Split(", ") };
        await using WsManHttpChannel channel = new(
            Pinned(host, certificate) with
            {
                Authentication = Enum.Parse<WsManAuthentication>(authentication),
            }
        );

        NestVirtException error = await FailAsync(channel);

        Assert.Equal(NestVirtErrorKind.HostAuthenticationFailed, error.Kind);
        Assert.Contains($"offers {offers}", error.Message, StringComparison.Ordinal);
        Assert.Empty(host.Messages);
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task SendAsync_says_nothing_to_a_host_whose_certificate_nobody_vouches_for()
    {
        using X509Certificate2 certificate = SelfSigned();
        await using WsManHost host = new(certificate);
        await using WsManHttpChannel channel = new(Options(host));

        NestVirtException error = await FailAsync(channel);

        Assert.Equal(NestVirtErrorKind.HostCertificateUntrusted, error.Kind);
        Assert.Contains("vouches for itself alone", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            certificate.GetCertHashString(HashAlgorithmName.SHA256),
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("CN=host", error.Message, StringComparison.Ordinal);
        Assert.Empty(host.Requests);
    }

    [Fact]
    public async Task SendAsync_takes_a_SHA_1_thumbprint_as_Windows_shows_it()
    {
        using X509Certificate2 certificate = SelfSigned();
        await using WsManHost host = new(certificate);
        string thumbprint = string.Join(
            ':',
            certificate.GetCertHashString().ToLowerInvariant().Chunk(2).Select(static pair => new string(pair))
        );
        await using WsManHttpChannel channel = new(Options(host) with { PinnedThumbprint = thumbprint });

        Assert.Equal("<answer>one</answer>", Text(await SendAsync(channel, "one")));
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task SendAsync_takes_nothing_but_the_pinned_certificate()
    {
        using Authority authority = new();
        using X509Certificate2 certificate = authority.Issue("127.0.0.1");
        using X509Certificate2 other = SelfSigned();
        await using WsManHost host = new(certificate);
        await using WsManHttpChannel channel = new(
            Options(host) with
            {
                AuthorityFile = authority.Path,
                PinnedThumbprint = other.GetCertHashString(HashAlgorithmName.SHA256),
            }
        );

        NestVirtException error = await FailAsync(channel);

        Assert.Equal(NestVirtErrorKind.HostCertificateUntrusted, error.Kind);
        Assert.Contains("pinned", error.Message, StringComparison.Ordinal);
        Assert.Empty(host.Requests);
    }

    [Fact]
    public async Task SendAsync_trusts_an_authority_that_the_user_names()
    {
        using Authority authority = new();
        using X509Certificate2 certificate = authority.Issue("127.0.0.1");
        await using WsManHost host = new(certificate);
        await using WsManHttpChannel channel = new(Options(host) with { AuthorityFile = authority.Path });

        Assert.Equal("<answer>one</answer>", Text(await SendAsync(channel, "one")));
    }

    [Theory]
    [InlineData("127.0.0.2", 30, "it is for 127.0.0.2, not for '127.0.0.1'")]
    [InlineData("127.0.0.1", -1, "it expired on ")]
    public async Task SendAsync_says_what_is_wrong_with_a_certificate(string address, int days, string said)
    {
        using Authority authority = new();
        using X509Certificate2 certificate = authority.Issue(address, days);
        await using WsManHost host = new(certificate);
        await using WsManHttpChannel channel = new(Options(host) with { AuthorityFile = authority.Path });

        NestVirtException error = await FailAsync(channel);

        Assert.Equal(NestVirtErrorKind.HostCertificateUntrusted, error.Kind);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Empty(host.Requests);
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task SendAsync_does_not_trust_another_authority()
    {
        using Authority authority = new();
        using Authority other = new();
        using X509Certificate2 certificate = other.Issue("127.0.0.1");
        await using WsManHost host = new(certificate);
        await using WsManHttpChannel channel = new(Options(host) with { AuthorityFile = authority.Path });

        Assert.Equal(NestVirtErrorKind.HostCertificateUntrusted, (await FailAsync(channel)).Kind);
        Assert.Empty(host.Requests);
    }

    [Theory]
    [InlineData("12345", null)]
    [InlineData("zz", null)]
    [InlineData(null, "/nonexistent/authority.pem")]
    public async Task SendAsync_refuses_what_names_no_certificate(string? thumbprint, string? file)
    {
        using X509Certificate2 certificate = SelfSigned();
        await using WsManHost host = new(certificate);
        await using WsManHttpChannel channel = new(
            Options(host) with
            {
                PinnedThumbprint = thumbprint,
                AuthorityFile = file,
            }
        );

        Assert.Equal(NestVirtErrorKind.HostCertificateUntrusted, (await FailAsync(channel)).Kind);
        Assert.Equal(0, host.Connections);
    }

    [Theory]
    [Trait("Category", "Security")]
    [InlineData("0123456789012345678901234567890123456789", null)]
    [InlineData(null, "authority.pem")]
    public async Task SendAsync_does_not_ignore_a_certificate_over_HTTP(string? thumbprint, string? file)
    {
        await using WsManHost host = new();
        await using WsManHttpChannel channel = new(
            Options(host) with
            {
                UseSsl = false,
                PinnedThumbprint = thumbprint,
                AuthorityFile = file,
            }
        );

        Assert.Equal(NestVirtErrorKind.HostCertificateUntrusted, (await FailAsync(channel)).Kind);
        Assert.Equal(0, host.Connections);
    }

    [Fact]
    public async Task SendAsync_names_a_port_that_speaks_no_TLS()
    {
        await using LoopbackServer server = new(static connection =>
            connection.WriteAsync("HTTP/1.1 400 Bad\r\n\r\n"u8.ToArray())
        );
        await using WsManHttpChannel channel = new(Options(server.Port));

        NestVirtException error = await FailAsync(channel);

        Assert.Equal(NestVirtErrorKind.HostUnreachable, error.Kind);
        Assert.Contains("No TLS", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SendAsync_does_not_wait_for_ever_for_TLS()
    {
        await using LoopbackServer server = new(static connection => Task.Delay(Timeout.Infinite, connection.Stop));
        await using WsManHttpChannel channel = new(
            Options(server.Port) with
            {
                ConnectTimeout = TimeSpan.FromMilliseconds(300),
            }
        );

        Assert.Equal(NestVirtErrorKind.HostTimeout, (await FailAsync(channel)).Kind);
    }

    [Fact]
    public async Task SendAsync_says_that_there_is_no_Kerberos_ticket()
    {
        using X509Certificate2 certificate = SelfSigned();
        await using WsManHost host = new(certificate);
        await using WsManHttpChannel channel = new(Pinned(host, certificate) with { Credential = null });

        NestVirtException error = await FailAsync(channel);

        if (error.Kind == NestVirtErrorKind.ToolNotFound)
        {
            Assert.Skip("This machine does not do Kerberos.");
        }

        Assert.Equal(NestVirtErrorKind.HostAuthenticationFailed, error.Kind);
        Assert.StartsWith("There is no Kerberos ticket for HTTP/127.0.0.1", error.Message, StringComparison.Ordinal);
        Assert.Contains("kinit", error.Remedy, StringComparison.Ordinal);
        Assert.Empty(host.Requests);
    }

    private static X509Certificate2 SelfSigned()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=host", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(30));
    }

    private static WsManConnectionOptions Pinned(WsManHost host, X509Certificate2 certificate) =>
        Options(host) with
        {
            PinnedThumbprint = certificate.GetCertHashString(HashAlgorithmName.SHA256),
        };

    private static WsManConnectionOptions Options(WsManHost host) => Options(host.Port);

    private static WsManConnectionOptions Options(int port) =>
        new()
        {
            Host = "127.0.0.1",
            Port = port,
            UseSsl = true,
            Credential = new HostCredential($@"{WsManHost.Domain}\{WsManHost.User}", WsManHost.Password),
        };

    private static Task<WsManReply> SendAsync(WsManHttpChannel channel, string message) =>
        channel.SendAsync(Encoding.UTF8.GetBytes(message), s_long, CancellationToken.None);

    private static Task<NestVirtException> FailAsync(WsManHttpChannel channel) =>
        Assert.ThrowsAsync<NestVirtException>(() => SendAsync(channel, "one"));

    private static string Text(WsManReply reply) => Encoding.UTF8.GetString(reply.Body.Span);

    /// <summary>An authority with its certificate in a file.</summary>
    private sealed class Authority : IDisposable
    {
        private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        private readonly X509Certificate2 _certificate;

        public Authority()
        {
            CertificateRequest request = new($"CN=authority {Guid.NewGuid()}", _key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            _certificate = request.CreateSelfSigned(
                DateTimeOffset.UtcNow.AddDays(-10),
                DateTimeOffset.UtcNow.AddDays(60)
            );
            Path = System.IO.Path.GetTempFileName();
            File.WriteAllText(Path, _certificate.ExportCertificatePem());
        }

        public string Path { get; }

        public X509Certificate2 Issue(string address, int days = 30)
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            CertificateRequest request = new("CN=host", key, HashAlgorithmName.SHA256);
            SubjectAlternativeNameBuilder names = new();
            names.AddIpAddress(IPAddress.Parse(address));
            request.CertificateExtensions.Add(names.Build());
            using X509Certificate2 issued = request.Create(
                _certificate,
                DateTimeOffset.UtcNow.AddDays(-5),
                DateTimeOffset.UtcNow.AddDays(days),
                RandomNumberGenerator.GetBytes(8)
            );
            return issued.CopyWithPrivateKey(key);
        }

        public void Dispose()
        {
            File.Delete(Path);
            _certificate.Dispose();
            _key.Dispose();
        }
    }
}
