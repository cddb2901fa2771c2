using System.Text;
using NestVirt.StandIn.Authentication.Ntlm;

namespace NestVirt.StandIn.Tests;

/// <summary>Against the published vectors of RFC 1320, RFC 6229 and MS-NLMP 4.2.4.</summary>
public sealed class NtlmServerTests
{
    // MS-NLMP 4.2.4.3: User of Domain, at COMPUTER, with 55… as the random session key.
    private const string Authenticate =
        "4e544c4d5353500003000000180018006c00000054005400840000000c000c00480000000800080054000000100010005c00000010001000"
        + "d8000000358288e20501280a0000000f44006f006d00610069006e00550073006500720043004f004d0050005500540045005200"
        + "86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa68cd0ab851e51c96aabc927bebef6a1c"
        + "01010000000000000000000000000000aaaaaaaaaaaaaaaa0000000002000c0044006f006d00610069006e0001000c005300650072007600"
        + "650072000000000000000000c5dad2544fc9799094ce1ce90bc9d03e";

    [Theory]
    [InlineData("", "31d6cfe0d16ae931b73c59d7e0c089c0")]
    [InlineData("abc", "a448017aaf21d8525fc10ae87aa6729d")]
    [InlineData(
        "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
        "e33b4ddc9c38f2199c3e7b164fcc0536"
    )]
    public void Md4_hashes_as_its_document_says(string text, string hash) =>
        Assert.Equal(hash, Convert.ToHexStringLower(Md4.Hash(Encoding.ASCII.GetBytes(text))));

    [Fact]
    public void Rc4_goes_on_where_it_stopped()
    {
        Rc4 cipher = new([1, 2, 3, 4, 5]);

        byte[] stream = [.. cipher.Apply(new byte[7]), .. cipher.Apply(new byte[9])];

        Assert.Equal("b2396305f03dc027ccc3524a0a1118a8", Convert.ToHexStringLower(stream));
    }

    [Fact]
    public void Accept_takes_the_published_login_and_finds_its_session_key()
    {
        NtlmServer server = Published("Password");

        Assert.Null(server.Accept(Convert.FromHexString(Authenticate)));

        Assert.Equal(@"Domain\User", server.Account);
        Assert.Equal("55555555555555555555555555555555", Convert.ToHexString(server.SessionKey!));
    }

    [Fact]
    public void Accept_refuses_the_published_login_to_another_password_and_another_challenge()
    {
        Assert.Throws<NtlmRefusedException>(() => Published("password").Accept(Convert.FromHexString(Authenticate)));
        NtlmServer other = new("User", "Domain", "Password") { Challenge = new byte[8] };
        Assert.Throws<NtlmRefusedException>(() => other.Accept(Convert.FromHexString(Authenticate)));
    }

    [Fact]
    public void Seal_makes_the_published_message()
    {
        byte[] key = Convert.FromHexString("55555555555555555555555555555555");
        NtlmSession client = new(key, isServer: false);

        byte[] wrapped = client.Seal(Encoding.Unicode.GetBytes("Plaintext"), out int tokenLength);

        // MS-NLMP 4.2.4.4.
        Assert.Equal(16, tokenLength);
        Assert.Equal(
            "010000007fb38ec5c55d4976" + "00000000" + "54e50165bf1936dc996020c1811b0f06fb5f",
            Convert.ToHexStringLower(wrapped)
        );
        NtlmSession server = new(key, isServer: true);
        Assert.Equal("Plaintext", Encoding.Unicode.GetString(server.Unseal(wrapped, 16)!));
        Assert.Null(server.Unseal(wrapped, 16));
    }

    private static NtlmServer Published(string password) =>
        new("User", "Domain", password) { Challenge = Convert.FromHexString("0123456789abcdef") };
}
