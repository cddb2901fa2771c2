using System.Diagnostics;
using System.Text;
using NestVirt.Core.Tests.Transport.Shell;
using NestVirt.Hosts;
using NestVirt.Linux.Files;
using NestVirt.Probing;
using NestVirt.Transport;
using NestVirt.Transport.Shell;
using NestVirt.Transport.Shell.Local;
using NestVirt.Transport.Shell.Processes;

namespace NestVirt.Core.Tests.Probing;

/// <summary>Runs what we send to a host under each POSIX shell that is installed here.</summary>
public sealed class ShellDialectTests : IDisposable
{
    private static readonly string[] s_awks = ["mawk", "gawk", "original-awk"];

    private const string NoAwk = "";

    // An awk that gives up in the middle, as mawk does at a file that does not read; and none at all.
    private static readonly string[] s_brokenAwks = ["echo @half; exit 2", "exit 127"];

    private readonly string _root = Directory.CreateTempSubdirectory("nestvirt-").FullName;
    private readonly string _tools = Directory.CreateTempSubdirectory("nestvirt-").FullName;

    public static TheoryData<string> Shells => [.. PosixShells.Installed];

    public static TheoryData<string, string> ShellsAndAwks
    {
        get
        {
            TheoryData<string, string> pairs = [];
            foreach (string shell in PosixShells.Installed)
            {
                pairs.Add(shell, NoAwk);

                // BusyBox has an awk of its own, which it takes before any other.
                foreach (string awk in shell.StartsWith("busybox", StringComparison.Ordinal) ? [] : s_brokenAwks)
                {
                    pairs.Add(shell, awk);
                }

                foreach (string awk in s_awks.Where(Needs.IsOnPath))
                {
                    pairs.Add(shell, $"exec {awk} \"$@\"");
                }

                if (Needs.IsOnPath("busybox"))
                {
                    pairs.Add(shell, "exec busybox awk \"$@\"");
                }
            }

            return pairs;
        }
    }

    public void Dispose()
    {
        Directory.Delete(_root, recursive: true);
        Directory.Delete(_tools, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task A_fragment_ends_alone_and_leaves_the_others_their_arguments_and_input(string shell)
    {
        Needs.Shell();
        ShellProbe[] probes =
        [
            new("set", "set -- a b; cd /; printf 'no newline'"),
            new("seen", "printf '%s\n' \"[$#]\"; return 3; echo not reached"),
            new("noise", "echo noise >&2; echo on"),
            new("input", "cat; echo end"),
            new("root", "printf '%s\n' \"$NESTVIRT_ROOT\"") { NeedsRoot = true },
        ];

        ProbeAnswers answers = await ReadAsync(shell, probes);

        string[] expected = ["no newline", "[0]\n", "on\n", "end\n", _root + "\n"];
        Assert.Equal(expected, probes.Select(probe => answers[probe].Text));
        Assert.All(answers.All.Values, static answer => Assert.True(answer.IsAvailable));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Nv_read_reads_a_first_line(string shell)
    {
        Needs.Shell();
        Write("one", " 1 \\ 'x'\t\nsecond\n");
        Write("bare", "no newline");
        Write("empty", "");
        Write("blank", "\n");
        ShellProbe probe = new(
            "read",
            """
            for f in one bare empty blank absent; do
              if nv_read "$NESTVIRT_ROOT/$f"; then printf '%s=<%s>\n' "$f" "$nv_value"; else printf '%s:<%s>\n' "$f" "$nv_value"; fi
            done
            """
        );

        ProbeAnswers answers = await ReadAsync(shell, [probe]);

        Assert.Equal("one=< 1 \\ 'x'\t>\nbare=<no newline>\nempty:<>\nblank:<>\nabsent:<>\n", answers[probe].Text);
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Files_that_are_too_long_are_left_out_and_named(string shell)
    {
        Needs.Shell();
        Write("a long line", new string('x', FileLimits.Bytes));
        Write("c many", new string('\n', FileLimits.Lines + 1));
        Write("d lines", new string('\n', FileLimits.Lines));
        Write("last", "1\n");
        Directory.CreateDirectory(Path.Combine(_root, "sys"));
        Write("sys/long", new string('\n', FileLimits.Lines + 1));
        ShellProbe probe = new("files", "nv_files \"$NESTVIRT_ROOT\"/* \"$NESTVIRT_ROOT\"/sys/*");

        // mksh has no printf of its own: without awk, these lines would be 20,000 processes.
        foreach (string? awk in shell == "mksh" ? new string?[] { null } : [null, NoAwk])
        {
            string text = (await ReadAsync(shell, [probe], awk))[probe].Text;

            ProbeListing listing = ProbeListing.Parse("files", $"root\t{_root}\n{text}");
            Assert.Equal(
                ["/a long line", "/c many"],
                listing.Facts.Where(static fact => fact.Name == FileLimits.Fact).Select(static fact => fact.Value)
            );
            Assert.Equal(
                [("/d lines", FileLimits.Lines), ("/last", 1), ("/sys/long", FileLimits.Lines + 1)],
                listing.Files.Select(static file => (file.Path, file.Lines.Count))
            );
        }
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Odd_files_neither_break_nor_stop_a_probe(string shell)
    {
        Needs.Shell();
        Needs.Tools("mkfifo");
        Write("plain", "1\n");
        Write("nul", "a\0b\n");
        Directory.CreateDirectory(Path.Combine(_root, "folder"));
        foreach (
            (string name, string to) in new[]
            {
                ("nowhere", "none"),
                ("self", "self"),
                ("zero", "/dev/zero"),
                ("to", "folder"),
            }
        )
        {
            File.CreateSymbolicLink(Path.Combine(_root, name), to);
        }

        using (Process made = Process.Start("mkfifo", [Path.Combine(_root, "pipe")]))
        {
            made.WaitForExit();
        }

        Write("xlong", new string('x', FileLimits.Bytes + 1));
        ShellProbe files = new("files", "nv_files \"$NESTVIRT_ROOT\"/*");
        ShellProbe raw = RawFilesProbe.For("raw", "/*");

        ProbeAnswers answers = await ReadAsync(shell, [files, raw]);

        ProbeListing listing = ProbeListing.Parse("files", $"root\t{_root}\n{answers[files].Text}");
        Assert.Equal(["/nul", "/plain"], listing.Files.Select(static file => file.Path));
        IReadOnlyDictionary<string, RawFile> read = RawFilesProbe.Parse("raw", answers[raw].Text);
        Assert.Equal(["/nul", "/plain"], read.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("a\0b\n", read["/nul"].Text);
        Assert.Equal(
            ["/xlong"],
            LeftOutFiles
                .In(answers, [files, raw])
                .Select(path => path.Replace(_root, string.Empty, StringComparison.Ordinal))
                .Distinct()
        );
    }

    [Theory]
    [InlineData("QUOTING_STYLE=c", "ls -d -- '/no such'* \"$NESTVIRT_ROOT\"/b*", "b c")]
    [InlineData("GREP_OPTIONS=-v MODPROBE_OPTIONS=-n", "printf '%s' \"$GREP_OPTIONS$MODPROBE_OPTIONS\"", "")]
    [InlineData("LS_BLOCK_SIZE=1K BLOCK_SIZE=1K", "ls -ln \"$NESTVIRT_ROOT\"/b* | awk '{ printf \"%s\", $5 }'", "2048")]
    public async Task What_an_account_exports_changes_no_output_of_tools(string words, string script, string said)
    {
        Needs.Shell();
        Write("b c", new string('x', 2048));
        ShellProbe probe = new("told", script);
        IHostShell shell = await new LocalShellFactory().OpenAsync(
            new HostTarget("tree", new TreeAddress(_root)),
            CancellationToken.None
        );
        await using (shell.ConfigureAwait(false))
        {
            ShellResult result = await shell.RunAsync(
                $"export {words}\n{ProbeScript.Compose([probe], "0123456789abcdef", allowSudo: false)}",
                CancellationToken.None
            );
            ProbeAnswers answers = ProbeScript.Split(result.Output.Span, [probe], "0123456789abcdef");

            Assert.Equal(said, answers[probe].Text.Trim().Replace($"{_root}/", string.Empty, StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(ShellsAndAwks))]
    public async Task Nv_files_reads_what_can_be_read(string shell, string awk)
    {
        Needs.Shell();
        Write("a", "1\n\n  2 \\n\\\n");
        Write("b c'\"$(touch pwned)", "no newline");
        Write("-d", "x\n");
        Write("empty", "");
        Directory.CreateDirectory(Path.Combine(_root, "folder"));
        ShellProbe probe = new(
            "files",
            """
            r=$NESTVIRT_ROOT
            nv_files "$r/a" "$r/folder" "$r/absent" "$r"/b\ c* "$r/-d" "$r/empty" "$r"/*.none
            nv_files; nv_files "$r/absent"
            """
        );

        ProbeAnswers answers = await ReadAsync(shell, [probe], awk);

        Assert.Equal(
            "@/a\n|1\n|\n|  2 \\n\\\n@/b c'\"$(touch pwned)\n|no newline\n@/-d\n|x\n@/empty\n",
            WithoutRoot(answers[probe].Text)
        );
    }

    [Theory]
    [MemberData(nameof(ShellsAndAwks))]
    public async Task Nv_fields_and_nv_plain_read_lines_of_a_folder(string shell, string awk)
    {
        Needs.Shell();
        Directory.CreateDirectory(Path.Combine(_root, "d"));
        Write("d/one", " 1 \\ 'x'\nsecond\n");
        Write("d/bare", "no newline");
        Write("d/empty", "");
        Write("d/lines", "first line\n\nbell\a\nlast\n");
        ShellProbe probe = new(
            "lines",
            """
            nv_fields 'a b' d one absent bare empty; nv_fields x absent one; nv_fields y d one
            nv_plain word d/lines; nv_plain word d/absent; nv_plain word d/empty; echo end
            """
        );

        ProbeAnswers answers = await ReadAsync(shell, [probe], awk);

        Assert.Equal(
            "a b\t 1 \\ 'x'\t\tno newline\t\nx\t\ny\t 1 \\ 'x'\nword\tfirst line\nword\tlast\nend\n",
            answers[probe].Text
        );
    }

    [Theory]
    [MemberData(nameof(ShellsAndAwks))]
    public async Task An_awk_function_gets_words_and_lines_where_there_is_an_awk(string shell, string awk)
    {
        Needs.Shell();
        ShellProbe probe = new(
            "twice",
            """
            nv_call twice "a 'b'" || echo none
            if nv_feed twice; then printf '%s\n' 1 '' '  2'; nv_feed; fi
            echo end
            """
        )
        {
            AwkFunction = "function twice(line) { print line line }",
        };

        ProbeAnswers answers = await ReadAsync(shell, [probe], awk);

        Assert.Equal(
            awk is NoAwk || s_brokenAwks.Contains(awk) ? "none\nend\n" : "a 'b'a 'b'\n11\n\n  2  2\nend\n",
            answers[probe].Text
        );
    }

    [Theory]
    [MemberData(nameof(ShellsAndAwks))]
    public async Task Nv_files_escapes_a_name_that_could_be_taken_for_another(string shell, string awk)
    {
        Needs.Shell();
        Write("new\nline", "1\n");
        Write("back\\nslash", "2\n");
        ShellProbe probe = new("files", "nv_files \"$NESTVIRT_ROOT\"/*");

        ProbeAnswers answers = await ReadAsync(shell, [probe], awk);

        Assert.Equal("@/back\\\\nslash\n|2\n@/new\\nline\n|1\n", WithoutRoot(answers[probe].Text));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Nv_files_reads_many_files(string shell)
    {
        Needs.Shell();
        const int Count = 1000;
        for (int i = 0; i < Count; i++)
        {
            Write($"f{i}", "x\n");
        }

        ShellProbe all = new("all", "nv_files \"$NESTVIRT_ROOT\"/f*");
        ShellProbe some = new("some", "nv_files \"$NESTVIRT_ROOT\"/f* \"$NESTVIRT_ROOT\"/absent");

        ProbeAnswers answers = await ReadAsync(shell, [all, some]);

        Assert.Equal(2 * Count, answers[all].Text.Count(static character => character == '\n'));
        Assert.Equal(answers[all].Text, answers[some].Text);
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Everything_ends_when_the_client_is_gone(string shell)
    {
        Needs.Shell();
        string seconds = RunningProcesses.UniqueSeconds();
        string[] words = shell.Split(' ');
        using Process process = ChildProcess.Start(words[0], words[1..]);
        await process.StandardInput.WriteAsync(
            ShellFraming.Prologue + ShellFraming.Wrap($"(/bin/sleep {seconds}; :) | cat; :", "0123456789abcdef")
        );
        await process.StandardInput.FlushAsync();
        await RunningProcesses.AssertStartsAsync(seconds);

        process.StandardInput.Close();

        await RunningProcesses.AssertEndsAsync(seconds);
        await process.WaitForExitAsync();
    }

    /// <summary>Every account can read command lines, and might write a line that is taken for an order.</summary>
    [Theory]
    [MemberData(nameof(Shells))]
    [Trait("Category", "Security")]
    public async Task The_token_is_on_no_command_line(string shell)
    {
        Needs.Root();
        Needs.Tools("setpriv", "tr", "grep");
        MakeTool("sudo", "shift; exec \"$@\"");
        ShellProbe look = new(
            "look",
            """
            for nv_try in 1 2 3 4 5; do
              for p in $(grep -laF -f - /proc/[0-9]*/cmdline 2>/dev/null <<END
            $nv_token
            nv_token
            END
              ); do
                case $(tr '\0' ' ' <"$p") in *"$nv_token"*) echo seen ;; *nv_token*awk* | *awk*nv_token*) echo awk ;; esac
              done
              sleep 0.1
            done
            """
        );
        ShellProbe privileged = new("privileged", $"[ -n \"$nv_by_sudo\" ] || return 0\n{look.Script}")
        {
            NeedsRoot = true,
        };
        string[] words =
        [
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "env",
            $"PATH={ToolsFirst}",
            .. shell.Split(' '),
        ];
        LocalShellFactory shells = new("setpriv", words);

        ProbeAnswers answers = await new ProbeReader(new HostConnector(shells, shells)).ReadAsync(
            HostTarget.Local,
            [look, privileged],
            default
        );

        foreach (string seen in (string[])[answers[look].Text, answers[privileged].Text])
        {
            Assert.DoesNotContain("seen", seen, StringComparison.Ordinal);

            // The awk of BusyBox runs in its shell's own process.
            Assert.True(seen.Contains("awk", StringComparison.Ordinal) || shell is "busybox sh");
        }
    }

    private void Write(string name, string text) =>
        File.WriteAllText(Path.Combine(_root, name), text, new UTF8Encoding(false));

    private string ToolsFirst => $"{_tools}:{Environment.GetEnvironmentVariable("PATH")}";

    private void MakeTool(string name, string script)
    {
        string tool = Path.Combine(_tools, name);
        File.WriteAllText(tool, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode ForAll =
                UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
            File.SetUnixFileMode(_tools, ForAll | UnixFileMode.UserWrite);
            File.SetUnixFileMode(tool, ForAll);
        }
    }

    private string WithoutRoot(string text) => text.Replace(_root, string.Empty, StringComparison.Ordinal);

    // An awk is a script in a folder of its own, before the others on PATH.
    private async Task<ProbeAnswers> ReadAsync(string shell, ShellProbe[] probes, string? awk = null)
    {
        List<string> words = [.. shell.Split(' ')];
        if (awk is NoAwk)
        {
            probes = [.. probes.Select(static probe => probe with { Script = "nv_ask=\n" + probe.Script })];
        }
        else if (awk is not null)
        {
            MakeTool("awk", awk);
            words.InsertRange(0, ["env", $"PATH={ToolsFirst}"]);
        }

        LocalShellFactory shells = new(words[0], [.. words.Skip(1)]);
        ProbeReader reader = new(new HostConnector(shells, shells));
        HostTarget tree = new("tree", new TreeAddress(_root)) { CommandTimeout = TimeSpan.FromMinutes(5) };
        return await reader.ReadAsync(tree, probes, default);
    }
}
