using System.Security.Cryptography;
using System.Text;
using NestVirt.Text;

namespace NestVirt.Core.Tests.Text;

/// <summary>Hashes without OpenSSL.</summary>
public sealed class Sha256Tests
{
    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void Hex_gives_the_examples_of_the_standard(string text, string hash) =>
        Assert.Equal(hash, Sha256.Hex(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void HashData_gives_what_the_framework_gives_for_every_length_of_a_block()
    {
        byte[] data = new byte[1000];
        new Random(1).NextBytes(data);
        for (int length = 0; length <= 260; length++)
        {
            Assert.Equal(SHA256.HashData(data.AsSpan(0, length)), Sha256.HashData(data.AsSpan(0, length)));
        }

        Assert.Equal(SHA256.HashData(data), Sha256.HashData(data));
    }
}
