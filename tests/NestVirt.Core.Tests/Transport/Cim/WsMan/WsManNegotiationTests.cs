using System.Text;
using NestVirt.Hosts;
using NestVirt.StandIn.Authentication.Ntlm;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.Core.Tests.Transport.Cim.WsMan;

/// <summary>What a hostile host says in a login, byte by byte.</summary>
public sealed class WsManNegotiationTests
{
    public WsManNegotiationTests() => Needs.Ntlm();

    [Theory]
    [InlineData(@"LAB\anna", "LAB", "anna")]
    [InlineData(@".\anna", "", "anna")]
    [InlineData("anna@lab.test", "", "anna@lab.test")]
    [InlineData("anna", "", "anna")]
    public void Next_names_the_account_as_it_was_given(string given, string domain, string user)
    {
        NtlmServer server = new(user, domain, "Grüße €");

        using WsManNegotiation client = Make(given, "Grüße €");
        Assert.False(client.MayBeLast && client.IsComplete);
        byte[]? last = client.Next(server.Accept(client.Next([])!));

        Assert.Null(server.Accept(last!));
        Assert.True(client.IsComplete);
    }

    [Fact]
    [Trait("Category", "Security")]
    public void Next_lets_no_damaged_challenge_through_as_a_bug()
    {
        byte[] whole = new NtlmServer("anna", "LAB", "secret").Accept(ReadNegotiate())!;
        List<byte[]> damaged = [.. Enumerable.Range(1, whole.Length - 1).Select(length => whole[..length])];
        foreach (byte value in (byte[])[0x00, 0x7F, 0x80, 0xFF])
        {
            damaged.AddRange(
                Enumerable
                    .Range(0, whole.Length)
                    .Select(place => (byte[])[.. whole[..place], value, .. whole[(place + 1)..]])
            );
        }

        foreach (byte[] challenge in damaged)
        {
            using WsManNegotiation client = Make(@"LAB\anna", "secret");
            client.Next([]);
            try
            {
                client.Next(challenge);
            }
            catch (NestVirtException error)
            {
                Assert.Equal(NestVirtErrorKind.HostAuthenticationFailed, error.Kind);
            }
        }
    }

    [Fact]
    public void Unseal_refuses_what_is_too_short_replayed_or_not_the_next()
    {
        NtlmServer server = new("anna", "LAB", "secret");
        using WsManNegotiation client = Make(@"LAB\anna", "secret");
        server.Accept(client.Next(server.Accept(client.Next([])!))!);
        NtlmSession session = new(server.SessionKey!, isServer: true);
        byte[] first = session.Seal("first"u8, out _);
        byte[] second = session.Seal("second"u8, out _);

        Assert.Equal("first", Encoding.ASCII.GetString(client.Unseal(first)!));
        Assert.Null(client.Unseal(first));
        Assert.Null(client.Unseal(second));
        Assert.All(Enumerable.Range(0, 17), length => Assert.Null(client.Unseal(new byte[length])));
    }

    private static byte[] ReadNegotiate()
    {
        using WsManNegotiation client = Make(@"LAB\anna", "secret");
        return client.Next([])!;
    }

    private static WsManNegotiation Make(string user, string password) =>
        new(
            WsManLoginMethod.Ntlm,
            new WsManConnectionOptions { Host = "hv1", Credential = new HostCredential(user, password) },
            usesPassword: true,
            binding: null
        );
}
