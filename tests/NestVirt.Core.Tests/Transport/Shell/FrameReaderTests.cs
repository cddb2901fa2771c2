using System.Text;
using NestVirt.Transport.Shell;

namespace NestVirt.Core.Tests.Transport.Shell;

public sealed class FrameReaderTests
{
    private const string Token = "00112233445566778899aabbccddeeff";
    private const int Limit = 4096;

    public static TheoryData<string, string, int> Frames =>
        new()
        {
            { "", "", 0 },
            { "", "one line\n", 0 },
            { "", "no newline at the end", 3 },
            { "", "\n\n", 255 },
            { "", "nul \0 and \u001b[31m and \r\n", 1 },
            { "Welcome to kvm1\n", "after a banner\n", 0 },
            { "no newline at its end", "after noise", 0 },
            { "\n\n\n", "\n" + Token + " en", 0 },
            { Token + " begin\n", "a token without its newline is noise", 0 },
            { "\n" + Token + " beginn\n", "\n" + Token + " ended 0\n", 126 },
        };

    [Theory]
    [MemberData(nameof(Frames))]
    public void A_frame_is_read_however_it_is_cut(string noise, string content, int exitCode)
    {
        byte[] bytes = Encoding.UTF8.GetBytes($"{noise}\n{Token} begin\n{content}\n{Token} end {exitCode}\n");

        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            FrameReader frame = NewReader();
            Feed(frame, bytes.AsSpan(0, cut));
            Assert.Equal(cut == bytes.Length, frame.IsComplete);
            Feed(frame, bytes.AsSpan(cut));

            AssertFrame(frame, noise, content, exitCode);
        }
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void A_frame_is_read_byte_by_byte(string noise, string content, int exitCode)
    {
        FrameReader frame = NewReader();

        foreach (byte one in Encoding.UTF8.GetBytes($"{noise}\n{Token} begin\n{content}\n{Token} end {exitCode}\n"))
        {
            Assert.False(frame.IsComplete);
            Feed(frame, [one]);
        }

        AssertFrame(frame, noise, content, exitCode);
    }

    [Fact]
    public void Content_is_kept_byte_for_byte()
    {
        byte[] content = [.. Enumerable.Range(0, 256).Select(static value => (byte)value)];
        FrameReader frame = NewReader();

        Feed(
            frame,
            [
                .. Encoding.ASCII.GetBytes($"\n{Token} begin\n"),
                .. content,
                .. Encoding.ASCII.GetBytes($"\n{Token} end 0\n"),
            ]
        );

        Assert.Equal(content, frame.Content.ToArray());
    }

    [Fact]
    public void What_follows_the_frame_is_left_out()
    {
        FrameReader frame = NewReader();

        Feed(frame, Encoding.ASCII.GetBytes($"\n{Token} begin\nx\n{Token} end 0\nlate words\n{Token} end 9\n"));

        AssertFrame(frame, "", "x", 0);
    }

    [Fact]
    public void Another_token_is_noise()
    {
        FrameReader frame = NewReader();

        Feed(
            frame,
            Encoding.ASCII.GetBytes($"\n{Token.Replace('0', '1')} begin\nx\n{Token.Replace('0', '1')} end 0\n")
        );

        Assert.False(frame.HasBegun);
        Assert.False(frame.IsComplete);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("0x")]
    [InlineData("99999999999999999999")]
    public void An_exit_code_that_is_no_number_is_none(string code)
    {
        FrameReader frame = NewReader();

        Feed(frame, Encoding.ASCII.GetBytes($"\n{Token} begin\nx\n{Token} end {code}\n"));

        Assert.True(frame.IsComplete);
        Assert.Equal(-1, frame.ExitCode);
    }

    [Fact]
    public void Half_a_frame_holds_what_came_so_far()
    {
        FrameReader frame = NewReader();

        Feed(frame, Encoding.ASCII.GetBytes($"noise\n{Token} begin\nhalf"));

        Assert.True(frame.HasBegun);
        Assert.False(frame.IsComplete);
        Assert.Equal("half", Encoding.ASCII.GetString(frame.Content.Span));
        Assert.Equal("noise", Encoding.ASCII.GetString(frame.Noise.Span));
    }

    [Fact]
    public void Noise_and_content_have_limits_of_their_own()
    {
        FrameReader frame = new(Token, contentLimit: 100, noiseLimit: 200);
        Feed(frame, new byte[150]);
        Assert.False(frame.IsOverLimit);

        Feed(frame, Encoding.ASCII.GetBytes($"\n{Token} begin\n"));
        Feed(frame, new byte[100]);
        Assert.False(frame.IsOverLimit);

        Feed(frame, new byte[1]);
        Assert.True(frame.IsOverLimit);
    }

    [Fact]
    public void Lines_have_a_limit_too_and_those_before_the_frame_are_not_counted()
    {
        FrameReader frame = new(Token, contentLimit: 1000, noiseLimit: 1000, lineLimit: 10);
        Feed(frame, Encoding.ASCII.GetBytes($"{new string('\n', 100)}\n{Token} begin\n\n\n\n"));
        Feed(frame, Encoding.ASCII.GetBytes(new string('\n', 7)));
        Assert.False(frame.IsOverLimit);

        Feed(frame, "\n"u8);

        Assert.True(frame.IsOverLimit);
        Assert.True(frame.HasTooManyLines);
    }

    [Fact]
    public void Endless_noise_is_over_its_limit()
    {
        FrameReader frame = new(Token, contentLimit: 100, noiseLimit: 200);

        Feed(frame, new byte[201]);

        Assert.True(frame.IsOverLimit);
    }

    [Fact]
    public void A_huge_frame_is_read_in_small_pieces()
    {
        byte[] content = new byte[20 << 20];
        new Random(7).NextBytes(content);
        FrameReader frame = new(Token, contentLimit: 64 << 20, noiseLimit: Limit);

        Feed(frame, Encoding.ASCII.GetBytes($"\n{Token} begin\n"));
        foreach (byte[] piece in content.Chunk(1021))
        {
            Feed(frame, piece);
        }

        Feed(frame, Encoding.ASCII.GetBytes($"\n{Token} end 0\n"));

        Assert.True(frame.Content.Span.SequenceEqual(content));
    }

    private static FrameReader NewReader() => new(Token, Limit, Limit);

    private static void Feed(FrameReader frame, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(frame.GetMemory(bytes.Length).Span);
        frame.Advance(bytes.Length);
    }

    private static void AssertFrame(FrameReader frame, string noise, string content, int exitCode)
    {
        Assert.True(frame.IsComplete);
        Assert.False(frame.IsOverLimit);
        Assert.Equal(noise, Encoding.UTF8.GetString(frame.Noise.Span));
        Assert.Equal(content, Encoding.UTF8.GetString(frame.Content.Span));
        Assert.Equal(exitCode, frame.ExitCode);
    }
}
