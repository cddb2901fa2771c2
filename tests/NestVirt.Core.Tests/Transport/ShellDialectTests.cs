using System.Diagnostics;
using System.Text;
using NestVirt.Model;
using NestVirt.Transport;
using NestVirt.Transport.Local;

namespace NestVirt.Core.Tests.Transport;

/// <summary>Runs what we send to a host under each POSIX shell that is installed here.</summary>
public sealed class ShellDialectTests : IDisposable
{
    private static readonly string[] s_awks = ["mawk", "gawk", "original-awk"];

    private readonly string _root = Directory.CreateTempSubdirectory("nestvirt-").FullName;

    public static TheoryData<string> Shells => [.. PosixShells.Installed];

    public static TheoryData<string, string> ShellsAndAwks
    {
        get
        {
            TheoryData<string, string> pairs = [];
            foreach (string shell in PosixShells.Installed)
            {
                // An awk that gives up in the middle, as mawk does at a file that does not read; and none at all.
                pairs.Add(shell, "echo @half; exit 2");
                pairs.Add(shell, "exit 127");
                foreach (string awk in s_awks.Where(ToolFactAttribute.IsOnPath))
                {
                    pairs.Add(shell, $"exec {awk} \"$@\"");
                }

                if (ToolFactAttribute.IsOnPath("busybox"))
                {
                    pairs.Add(shell, "exec busybox awk \"$@\"");
                }
            }

            return pairs;
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [PosixTheory]
    [MemberData(nameof(Shells))]
    public async Task Fragments_do_not_see_each_other(string shell)
    {
        HostProbe[] probes =
        [
            new("set", "seen=1; cd /; printf 'no newline'"),
            new("seen", "printf '%s\n' \"[$seen]\"; exit 3"),
            new("noise", "echo noise >&2; echo on"),
            new("input", "cat; echo end"),
            new("root", "printf %s \"$NESTVIRT_ROOT\"") { NeedsRoot = true },
        ];

        ProbeAnswers answers = await ReadAsync(shell, probes);

        string[] expected = ["no newline", "[]\n", "on\n", "end\n", _root];
        Assert.Equal(expected, probes.Select(probe => answers[probe].Text));
        Assert.All(answers.All.Values, static answer => Assert.True(answer.IsAvailable));
    }

    [PosixTheory]
    [MemberData(nameof(Shells))]
    public async Task Nv_read_reads_a_first_line(string shell)
    {
        Write("one", " 1 \\ 'x'\t\nsecond\n");
        Write("bare", "no newline");
        Write("empty", "");
        Write("blank", "\n");
        HostProbe probe = new("read", """
            for f in one bare empty blank absent; do
              if nv_read "$NESTVIRT_ROOT/$f"; then printf '%s=<%s>\n' "$f" "$nv_value"; else printf '%s:<%s>\n' "$f" "$nv_value"; fi
            done
            """);

        ProbeAnswers answers = await ReadAsync(shell, [probe]);

        Assert.Equal("one=< 1 \\ 'x'\t>\nbare=<no newline>\nempty:<>\nblank:<>\nabsent:<>\n", answers[probe].Text);
    }

    [PosixTheory]
    [MemberData(nameof(ShellsAndAwks))]
    public async Task Nv_files_reads_what_can_be_read(string shell, string awk)
    {
        Write("a", "1\n\n  2 \\n\\\n");
        Write("b c'\"$(touch pwned)", "no newline");
        Write("-d", "x\n");
        Write("empty", "");
        Directory.CreateDirectory(Path.Combine(_root, "folder"));
        HostProbe probe = new("files", $"""
            {UseAwk(awk)}
            cd "$NESTVIRT_ROOT"
            nv_files ./a ./folder ./absent './b c'* ./-d ./empty ./*.none
            nv_files; nv_files ./absent
            """);

        ProbeAnswers answers = await ReadAsync(shell, [probe]);

        Assert.Equal("@./a\n|1\n|\n|  2 \\n\\\n@./b c'\"$(touch pwned)\n|no newline\n@./-d\n|x\n@./empty\n", answers[probe].Text);
    }

    [PosixTheory]
    [MemberData(nameof(Shells))]
    public async Task Nv_files_escapes_a_name_that_could_be_taken_for_another(string shell)
    {
        Write("new\nline", "1\n");
        Write("back\\nslash", "2\n");
        HostProbe probe = new("files", "cd \"$NESTVIRT_ROOT\"; nv_files ./*");

        ProbeAnswers answers = await ReadAsync(shell, [probe]);

        Assert.Equal("@./back\\\\nslash\n|2\n@./new\\nline\n|1\n", answers[probe].Text);
    }

    [PosixTheory]
    [MemberData(nameof(Shells))]
    public async Task Nv_files_leaves_out_such_a_name_where_there_is_no_awk(string shell)
    {
        Write("new\nline", "1\n");
        Write("back\\nslash", "2\n");
        Write("plain", "3\n");
        HostProbe probe = new("files", $"{UseAwk("exit 127")}\ncd \"$NESTVIRT_ROOT\"; nv_files ./*");

        ProbeAnswers answers = await ReadAsync(shell, [probe]);

        Assert.Equal("@./plain\n|3\n", answers[probe].Text);
    }

    [PosixTheory]
    [MemberData(nameof(Shells))]
    public async Task Nv_files_reads_many_files(string shell)
    {
        const int Count = 1000;
        for (int i = 0; i < Count; i++)
        {
            Write($"f{i}", "x\n");
        }

        HostProbe all = new("all", "nv_files \"$NESTVIRT_ROOT\"/f*");
        HostProbe some = new("some", "nv_files \"$NESTVIRT_ROOT\"/f* \"$NESTVIRT_ROOT\"/absent");

        ProbeAnswers answers = await ReadAsync(shell, [all, some]);

        Assert.Equal(2 * Count, answers[all].Text.Count(static character => character == '\n'));
        Assert.Equal(answers[all].Text, answers[some].Text);
    }

    [PosixTheory]
    [MemberData(nameof(Shells))]
    public async Task Everything_ends_when_the_client_is_gone(string shell)
    {
        string seconds = RunningProcesses.UniqueSeconds();
        string[] words = shell.Split(' ');
        using Process process = ChildProcess.Start(words[0], words[1..]);
        await process.StandardInput.WriteAsync(
            ShellFraming.Prologue + ShellFraming.Wrap($"(/bin/sleep {seconds}; :) | cat; :", "0123456789abcdef"));
        await process.StandardInput.FlushAsync();
        await RunningProcesses.AssertStartsAsync(seconds);

        process.StandardInput.Close();

        await RunningProcesses.AssertEndsAsync(seconds);
        await process.WaitForExitAsync();
    }

    private static string UseAwk(string awk) => $"""
        awk() ( {awk}; )
        """;

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_root, name), text, new UTF8Encoding(false));

    private Task<ProbeAnswers> ReadAsync(string shell, HostProbe[] probes)
    {
        string[] words = shell.Split(' ');
        ProbeReader reader = new(new LocalShellFactory(words[0], words[1..]), new LocalShellFactory());
        return reader.ReadAsync(new HostTarget("tree", HostTransport.Root) { Path = _root }, probes, default);
    }
}
