using System.Diagnostics;
using NestVirt.Transport.Shell;

namespace NestVirt.Core.Tests.Transport.Shell;

/// <summary>How a script reaches a shell.</summary>
public sealed class ShellFramingTests : IDisposable
{
    private static readonly string s_script =
        string.Concat(Enumerable.Repeat(": 'A line that does nothing, ü.'\n", 600))
        + "printf '%s\\n' taken\nread -r line\nprintf '%s\\n' \"$line\"\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;

    public static TheoryData<string> Shells => [.. PosixShells.Installed];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Shells))]
    public void A_long_script_is_not_read_byte_by_byte_and_what_follows_it_is_left(string shell)
    {
        Needs.Tools("strace");
        string log = Path.Combine(_folder, "reads");

        string output = Run(["strace", "-f", "-qq", "-e", "trace=read", "-o", log, .. shell.Split(' ')], "5");

        Assert.Equal("taken\nnext\n", output);
        Assert.InRange(File.ReadLines(log).Count(), 1, s_script.Length / 10);
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public void Variables_of_the_environment_do_not_take_one_shell_for_another(string shell)
    {
        Needs.Shell();
        Assert.Equal("taken\nnext\n", Run(shell.Split(' '), "00"));
        Assert.Equal("taken\nnext\n", Run(shell.Split(' '), "0"));
    }

    [Fact]
    public void A_short_script_is_sent_as_it_is() => Assert.Equal("printf x\n", ShellFraming.TakenAtOnce("printf x\n"));

    // A shell that reads blocks has the next line already, and a program of the script's finds the stream empty. So that
    // line comes only when the script has been run so far.
    private static string Run(string[] words, string seconds)
    {
        ProcessStartInfo start = new(words[0], words[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["SECONDS"] = seconds;
        start.Environment["BASH_VERSION"] = "5";
        using Process process = Process.Start(start)!;
        process.StandardInput.Write(ShellFraming.TakenAtOnce(s_script));
        process.StandardInput.Flush();
        string taken = process.StandardOutput.ReadLine() + "\n";
        process.StandardInput.Write("next\n");
        process.StandardInput.Close();
        string rest = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return taken + rest;
    }
}
