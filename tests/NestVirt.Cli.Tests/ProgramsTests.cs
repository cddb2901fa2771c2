using System.Diagnostics;
using NestVirt.Core.Tests;

namespace NestVirt.Cli.Tests;

/// <summary>What lies in the current folder is never started, whatever PATH says.</summary>
public sealed class ProgramsTests : IDisposable
{
    private static readonly string[] s_planted = ["ssh", "setsid", "sh", "awk", "od", "ls", "cat", "sudo", "id"];

    private static readonly string[] s_paths =
    [
        "",
        ".",
        ":",
        ".:{tools}",
        ":{tools}",
        "{tools}:",
        "{tools}::/none",
        "./:{tools}",
        "bin",
    ];

    private readonly string _clone = Directory.CreateTempSubdirectory("nestvirt-").FullName;
    private readonly string _tools = Directory.CreateTempSubdirectory("nestvirt-").FullName;
    private readonly string _mark;

    public ProgramsTests()
    {
        Needs.Shell();
        _mark = Path.Combine(_tools, "was-run");
        foreach (string name in s_planted)
        {
            string file = Path.Combine(_clone, name);
            File.WriteAllText(file, $"#!/bin/sh\necho \"$0 $*\" >> '{_mark}'\n");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            }
        }
    }

    public static TheoryData<string, bool> Paths =>
        new(s_paths.SelectMany(static path => new[] { (path, true), (path, false) }));

    public void Dispose()
    {
        Directory.Delete(_clone, recursive: true);
        Directory.Delete(_tools, recursive: true);
    }

    [Theory]
    [Trait("Category", "Security")]
    [MemberData(nameof(Paths))]
    public async Task An_ssh_of_the_current_folder_is_not_started(string path, bool hasSetsid)
    {
        CliResult result = await RunAsync(path, hasSetsid, "support", "kvm1.invalid", "--ssh-client", "OpenSSH");

        Assert.False(File.Exists(_mark), "a program of the current folder was started");
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("'ssh'", result.ErrorOutput, StringComparison.Ordinal);
        Assert.Contains(
            path.Contains("{tools}", StringComparison.Ordinal) ? $"in {_tools}" : "PATH has no absolute folder",
            result.ErrorOutput,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [Trait("Category", "Security")]
    [MemberData(nameof(Paths))]
    public async Task Nor_is_it_where_the_built_in_client_takes_its_place(string path, bool hasSetsid)
    {
        CliResult result = await RunAsync(path, hasSetsid, "support", "kvm1.invalid");

        Assert.False(File.Exists(_mark), "a program of the current folder was started");
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("A name on the way to the host is not known", result.ErrorOutput, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Category", "Security")]
    [MemberData(nameof(Paths))]
    public async Task Nor_is_a_tool_that_the_shell_of_this_machine_looks_for(string path, bool hasSetsid)
    {
        await RunAsync(path, hasSetsid, "support");

        Assert.False(File.Exists(_mark), "a program of the current folder was started");
    }

    private async Task<CliResult> RunAsync(string path, bool hasSetsid, params string[] arguments)
    {
        if (hasSetsid)
        {
            Needs.Tools("setsid");
            File.CreateSymbolicLink(Path.Combine(_tools, "setsid"), "/usr/bin/setsid");
        }

        Directory.CreateDirectory(Path.Combine(_clone, "bin"));
        foreach (string name in s_planted)
        {
            File.Copy(Path.Combine(_clone, name), Path.Combine(_clone, "bin", name));
        }

        Process process = CliProgram.Start(
            arguments,
            environment: new Dictionary<string, string>
            {
                ["PATH"] = path.Replace("{tools}", _tools, StringComparison.Ordinal),
            },
            folder: _clone
        );
        return await CliProgram.FinishAsync(process);
    }
}
