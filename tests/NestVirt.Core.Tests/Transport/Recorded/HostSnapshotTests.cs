using System.Text;
using FsCheck;
using FsCheck.Xunit;
using NestVirt.Core.Tests.Transport.Shell;
using NestVirt.Hosts;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Transport.Recorded;

public sealed class HostSnapshotTests
{
    private static readonly DateTimeOffset s_time = new(2026, 9, 1, 12, 30, 15, 123, TimeSpan.FromHours(2));

    [Property]
    public void A_snapshot_reads_back_what_was_written(
        NonNull<string> name,
        NonNull<string> text,
        NonNull<string> reason
    )
    {
        ProbeAnswers answers = new();
        answers.Set("text", new ProbeAnswer(Decodable(text.Get)));
        answers.Set("reason", new ProbeAnswer(string.Empty, Decodable(reason.Get)));
        HostSnapshot written = new(Decodable(name.Get), s_time, answers.All);

        HostSnapshot read = HostSnapshot.Parse(written.ToUtf8());

        AssertSame(written, read);
    }

    [Fact]
    public void A_snapshot_is_read_after_a_mark_and_from_utf_16()
    {
        ProbeAnswers answers = new();
        answers.Set("text", new ProbeAnswer("a\nb"));
        HostSnapshot written = new("kvm1", s_time, answers.All);
        string text = Encoding.UTF8.GetString(written.ToUtf8().Span);
        foreach (Encoding encoding in new[] { Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            byte[] file = [.. encoding.GetPreamble(), .. encoding.GetBytes(text)];

            AssertSame(written, HostSnapshot.Parse(file));
        }

        Assert.DoesNotContain('\r', text);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[]")]
    public void A_file_that_is_no_snapshot_is_told_with_one_full_stop(string text)
    {
        string message = Assert
            .Throws<NestVirtException>(() => HostSnapshot.Parse(Encoding.UTF8.GetBytes(text)))
            .Message;

        Assert.EndsWith(".", message, StringComparison.Ordinal);
        Assert.False(message.EndsWith("..", StringComparison.Ordinal), message);
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("{\n", "it stops being JSON at line 2, column 1")]
    [InlineData("[]", "it is JSON, but no object")]
    [InlineData("{}", "it has no schema")]
    [InlineData("""{"schema":"x"}""", "its schema is 'x', not 'nestvirt/host-snapshot/1'")]
    [InlineData("""{"schema":"nestvirt/host-snapshot/1"}""", "it has no probes")]
    [InlineData(
        """{"schema":"nestvirt/host-snapshot/1","hostName":"a","takenAt":"soon","probes":{}}""",
        "its takenAt is no time of the form 2026-09-01T12:30:00Z"
    )]
    [InlineData(
        """{"schema":"nestvirt/host-snapshot/1","hostName":"a","takenAt":"2026-09-01T00:00:00Z","probes":{"cpu":[1]}}""",
        "its answer to the probe cpu is neither lines of text nor a reason"
    )]
    public void Parse_says_what_is_wrong_and_where(string text, string reason) =>
        Assert.Equal(
            $"This is not a host snapshot: {reason}.",
            Assert.Throws<NestVirtException>(() => HostSnapshot.Parse(Encoding.UTF8.GetBytes(text))).Message
        );

    [Fact]
    public void A_snapshot_keeps_hostile_text()
    {
        ProbeAnswers answers = new();
        answers.Set("words", new ProbeAnswer(string.Join("\n", HostileWords.All) + "\r\n\n\0\u2028\ud83d\ude00"));
        answers.Set("empty", new ProbeAnswer(string.Empty));
        HostSnapshot written = new("kvm1", s_time, answers.All);

        AssertSame(written, HostSnapshot.Parse(written.ToUtf8()));
    }

    [Fact]
    public void A_snapshot_has_one_line_of_its_own_for_each_line_of_an_answer()
    {
        ProbeAnswers answers = new();
        answers.Set("cpu", new ProbeAnswer("flags : vmx <a & 'b'>\nmodel : x\n"));

        string text = Encoding.UTF8.GetString(new HostSnapshot("kvm1", s_time, answers.All).ToUtf8().Span);

        Assert.Contains("\n      \"flags : vmx <a & 'b'>\",\n      \"model : x\",\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData(
        """{"schema":"nestvirt/host-snapshot/2","hostName":"a","takenAt":"2026-09-01T00:00:00Z","probes":{}}"""
    )]
    [InlineData("""{"schema":"nestvirt/host-snapshot/1","hostName":"a","takenAt":"yesterday","probes":{}}""")]
    [InlineData("""{"schema":"nestvirt/host-snapshot/1","hostName":1,"takenAt":"2026-09-01T00:00:00Z","probes":{}}""")]
    [InlineData("""{"schema":"nestvirt/host-snapshot/1","hostName":"a","takenAt":"2026-09-01T00:00:00Z"}""")]
    [InlineData(
        """{"schema":"nestvirt/host-snapshot/1","hostName":"a","takenAt":"2026-09-01T00:00:00Z","probes":[]}"""
    )]
    [InlineData(
        """{"schema":"nestvirt/host-snapshot/1","hostName":"a","takenAt":"2026-09-01T00:00:00Z","probes":{"cpu":[1]}}"""
    )]
    [InlineData(
        """{"schema":"nestvirt/host-snapshot/1","hostName":"a","takenAt":"2026-09-01T00:00:00Z","probes":{"cpu":{}}}"""
    )]
    [InlineData(
        """{"schema":"nestvirt/host-snapshot/1","hostName":"a","takenAt":"2026-09-01T00:00:00Z","probes":{"cpu":["\ud800"]}}"""
    )]
    public void Parse_refuses_what_is_no_snapshot(string text)
    {
        NestVirtException error = Assert.Throws<NestVirtException>(() =>
            HostSnapshot.Parse(Encoding.UTF8.GetBytes(text))
        );

        Assert.Equal(NestVirtErrorKind.SnapshotInvalid, error.Kind);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_said_to_be()
    {
        SnapshotAddress absent = new("no/such/file.json");

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            HostSnapshot.LoadAsync(absent, default)
        );

        Assert.Equal(NestVirtErrorKind.SourceNotFound, error.Kind);
    }

    // Text of a host is decoded bytes, and so has no half of a surrogate pair.
    private static string Decodable(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static void AssertSame(HostSnapshot expected, HostSnapshot actual)
    {
        Assert.Equal(expected.HostName, actual.HostName);
        Assert.Equal(expected.TakenAt, actual.TakenAt);
        Assert.Equal(expected.Answers, actual.Answers);
    }
}
