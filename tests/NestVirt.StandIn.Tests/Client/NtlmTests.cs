using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NestVirt.Core.Tests;
using NestVirt.Hosts;
using NestVirt.StandIn.Authentication;
using NestVirt.StandIn.Machine;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.StandIn.Tests.Client;

/// <summary>Our client logs in to the stand-in by NTLM, which the stand-in has from MS-NLMP and our client from .NET.</summary>
public sealed class NtlmTests
{
    private const string User = "anna";
    private const string Password = "Grüße, 42!";
    private const string Domain = "LAB";

    public NtlmTests() => Needs.Ntlm();

    [Fact]
    public async Task Over_HTTP_every_message_is_sealed()
    {
        await using StandInHost host = await StartAsync(null, new NtlmAuthentication(User, Password, Domain));

        Assert.Equal("Microsoft Corporation", await IdentifyAsync(host, $@"{Domain}\{User}", Password));

        StandInRequest message = host.Requests.Last();
        Assert.Contains("Identify", message.Text, StringComparison.Ordinal);
        Assert.StartsWith("multipart/encrypted;", message.ContentType, StringComparison.Ordinal);
        Assert.Null(message.Authorization);
        Assert.All(host.Requests.SkipLast(1), static request => Assert.Equal("", request.Text));
    }

    [Fact]
    public async Task Over_HTTPS_it_is_bound_to_the_certificate_and_messages_are_plain()
    {
        using X509Certificate2 certificate = StandInCertificate.Create();
        await using StandInHost host = await StartAsync(certificate, new NtlmAuthentication(User, Password));

        Assert.Equal("Microsoft Corporation", await IdentifyAsync(host, User, Password));

        Assert.StartsWith("application/soap+xml", host.Requests.Last().ContentType, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Security")]
    public async Task Over_HTTPS_what_was_meant_for_another_certificate_is_refused()
    {
        using X509Certificate2 certificate = StandInCertificate.Create();
        using X509Certificate2 other = StandInCertificate.Create();
        await using StandInHost host = await StartAsync(
            certificate,
            new RelayedAuthentication(new NtlmAuthentication(User, Password), other)
        );

        await AssertRefusedAsync(host, User, Password);
    }

    [Theory]
    [InlineData(User, "wrong")]
    [InlineData("otto", Password)]
    [InlineData(@"ELSEWHERE\anna", Password)]
    public async Task Another_account_or_password_is_refused(string user, string password)
    {
        await using StandInHost host = await StartAsync(null, new NtlmAuthentication(User, Password));

        await AssertRefusedAsync(host, user, password);
    }

    [Fact]
    public async Task Who_does_not_log_in_is_asked_to()
    {
        await using StandInHost host = await StartAsync(null, new NtlmAuthentication(User, Password));

        CurlAnswer answer = await Curl.PostAsync(host.Address, Envelopes.Identify);

        Assert.Equal(401, answer.Status);
        Assert.Equal("", Assert.Single(host.Requests).Text);
    }

    private static Task<StandInHost> StartAsync(X509Certificate2? certificate, IStandInAuthentication authentication) =>
        StandInHost.StartAsync(
            new HyperVMachine(),
            new StandInOptions { Certificate = certificate, Authentication = authentication }
        );

    private static async Task AssertRefusedAsync(StandInHost host, string user, string password)
    {
        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            IdentifyAsync(host, user, password)
        );
        Assert.Equal(NestVirtErrorKind.HostAuthenticationFailed, error.Kind);
        Assert.Contains("refused the user name or the password", error.Message, StringComparison.Ordinal);
        Assert.All(host.Requests, static request => Assert.Equal("", request.Text));
    }

    private static async Task<string> IdentifyAsync(StandInHost host, string user, string password)
    {
        using HostCredential credential = new(user, password);
        await using WsManSession session = new(
            new WsManHttpChannel(
                new WsManConnectionOptions
                {
                    Host = "127.0.0.1",
                    Port = host.Port,
                    UseSsl = host.Options.Certificate is not null,
                    PinnedThumbprint = host.Options.Certificate?.GetCertHashString(HashAlgorithmName.SHA256),
                    Credential = credential,
                }
            )
        );
        return (await session.IdentifyAsync(CancellationToken.None)).Vendor;
    }

    // The other end of the TLS connection hands on what it got to a host with another certificate.
    private sealed class RelayedAuthentication(IStandInAuthentication inner, X509Certificate2 certificate)
        : IStandInAuthentication
    {
        public IStandInLogOn Connect(StandInConnection connection) =>
            inner.Connect(connection with { Certificate = certificate });
    }
}
