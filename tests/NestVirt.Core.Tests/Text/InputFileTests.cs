using System.Diagnostics;
using NestVirt.Text;

namespace NestVirt.Core.Tests.Text;

/// <summary>Pipes, devices and files of any length.</summary>
[Trait("Category", "Security")]
public sealed class InputFileTests : IDisposable
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(300);

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Read_gives_the_bytes_of_a_file()
    {
        string path = Path.Combine(_folder, "file");
        byte[] bytes = [.. Enumerable.Range(0, 200_000).Select(static number => (byte)number)];
        File.WriteAllBytes(path, bytes);

        Assert.Equal(bytes, InputFile.Read(path));
        Assert.Equal(bytes, InputFile.Read(path, limitBytes: bytes.Length));
    }

    [Fact]
    public async Task Read_waits_for_the_writer_of_a_pipe()
    {
        string pipe = Pipe();
        Task<byte[]> reading = InputFile.ReadAsync(pipe, 10, null, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(pipe, "text", TestContext.Current.CancellationToken);

        Assert.Equal("text"u8.ToArray(), await reading);
    }

    [Fact]
    public void Read_gives_up_a_pipe_that_nobody_writes_to()
    {
        IOException error = Assert.Throws<IOException>(() => InputFile.Read(Pipe(), idle: s_moment));

        Assert.Equal("nothing has arrived from it for 300 ms", error.Message);
    }

    [Fact]
    public async Task Read_stops_at_once_when_it_is_told_to()
    {
        using CancellationTokenSource stop = new(s_moment);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            InputFile.ReadAsync(Pipe(), 10, null, stop.Token)
        );
    }

    [Fact]
    public void Read_ends_at_the_limit_where_a_file_has_none()
    {
        const string Endless = "/dev/zero";
        Assert.SkipUnless(File.Exists(Endless), $"this machine has no {Endless}");

        IOException error = Assert.Throws<InputTooLongException>(() => InputFile.Read(Endless, limitBytes: 3 << 20));

        Assert.Equal("it is longer than 3 MiB", error.Message);
    }

    [Fact]
    public void Read_does_not_begin_with_a_file_that_is_too_long()
    {
        string path = Path.Combine(_folder, "long");
        using (FileStream file = File.Create(path))
        {
            file.SetLength(100L << 30);
        }

        IOException error = Assert.Throws<InputTooLongException>(() => InputFile.Read(path));

        Assert.Equal("it is longer than 64 MiB", error.Message);
    }

    private string Pipe()
    {
        Needs.Tools("mkfifo");
        string pipe = Path.Combine(_folder, "pipe");
        using Process process = Process.Start("mkfifo", pipe);
        process.WaitForExit();
        return pipe;
    }
}
