using System.Diagnostics;
using System.Text;
using NestVirt.Linux.Guests;
using NestVirt.Probing;
using NestVirt.Testing;

namespace NestVirt.Core.Tests.Linux.Guests;

/// <summary>What a program left behind.</summary>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="ErrorOutput">Standard error.</param>
public sealed record ProgramResult(int ExitCode, string Output, string ErrorOutput)
{
    /// <summary>Gets what it said, on either stream.</summary>
    internal string Said => Output.Length > 0 ? Output : ErrorOutput;
}

/// <summary>
/// A real libvirtd in namespaces of its own: it sees no guest of this machine, whose libvirt does not see its guests either, and the
/// kernel ends it with everything that it started. Its sockets, definitions and locks are on file systems in memory that go with it.
/// </summary>
public sealed class PrivateLibvirt : IDisposable
{
    /// <summary>The number of an account that has no rights.</summary>
    internal const string Nobody = "65534";

    private const string Token = "0123456789abcdef";

    // The shell, which is the first process here, has to wait for others' children, or libvirt waits forty seconds for each QEMU that
    // it has ended.
    private const string Prepare =
        LibvirtNamespaces.Prepare
        + """

            echo ready
            exec 3<&0
            cat <&3 >/dev/null &
            wait $!
            """;

    private readonly Process _keeper;

    /// <summary>Starts it, or skips the test where that cannot be.</summary>
    public PrivateLibvirt()
        : this(isRunning: true) { }

    private PrivateLibvirt(bool isRunning)
    {
        Needs.Root();
        Needs.Tools("virsh", "libvirtd", "virtlogd", "qemu-system-x86_64", "unshare", "nsenter", "setpriv");
        _keeper = Process.Start(
            StartOf(
                "unshare",
                ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "/bin/sh", "-c", Prepare],
                new Dictionary<string, string>()
            )
        )!;
        string? said = _keeper.StandardOutput.ReadLine();
        if (said != "ready")
        {
            string reason = _keeper.StandardError.ReadToEnd();
            _keeper.Dispose();
            Assert.Skip($"no namespaces can be made here: {reason}");
        }

        Init = File.ReadAllText($"/proc/{_keeper.Id}/task/{_keeper.Id}/children").Trim();
        if (isRunning)
        {
            StartDaemon();
        }
    }

    /// <summary>Gets the number of the first process in the namespaces.</summary>
    internal string Init { get; }

    /// <summary>Makes one whose daemon is not started yet.</summary>
    /// <returns>It.</returns>
    internal static PrivateLibvirt WithoutDaemon() => new(isRunning: false);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The first process of the namespace ends with this stream, and the kernel kills all others in it.
        _keeper.StandardInput.Close();
        _keeper.WaitForExit();
        _keeper.Dispose();
    }

    /// <summary>Starts the daemon.</summary>
    /// <param name="settings">Lines of libvirtd.conf.</param>
    internal void StartDaemon(string settings = "")
    {
        Run("/bin/sh", ["-c", "cat >/etc/libvirt/libvirtd.conf"], settings);
        ProgramResult start = Run("/bin/sh", ["-c", "virtlogd -d && libvirtd -d"]);
        Assert.True(start.ExitCode == 0, start.ErrorOutput);
        string said = string.Empty;
        for (int i = 0; i < 600; i++)
        {
            said = Virsh("uri");
            if (said.Contains("qemu:///system", StringComparison.Ordinal))
            {
                return;
            }

            Thread.Sleep(100);
        }

        Assert.Fail($"libvirtd did not start: {said}");
    }

    /// <summary>Sends a signal to the daemon.</summary>
    /// <param name="signal">The name of the signal.</param>
    internal void Signal(string signal) =>
        Run("/bin/sh", ["-c", $"kill -{signal} $(cat /run/libvirtd.pid /run/libvirt/libvirtd.pid 2>/dev/null)"]);

    /// <summary>Runs virsh as root.</summary>
    /// <param name="words">Its words.</param>
    /// <returns>What it said.</returns>
    internal string Virsh(params string[] words) => Run("virsh", ["-q", "-c", "qemu:///system", .. words]).Said;

    /// <summary>Defines a guest that is emulated without KVM.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="parts">Further elements of its definition.</param>
    /// <param name="id">Its UUID, or null for a new one.</param>
    /// <returns>Its UUID.</returns>
    internal string Define(string name, string parts = "", string? id = null)
    {
        id ??= Guid.NewGuid().ToString("D");
        string said = Run(
            "virsh",
            ["-q", "-c", "qemu:///system", "define", "/dev/stdin"],
            Domain(name, parts, id)
        ).Said;
        Assert.True(Virsh("list", "--all", "--uuid").Contains(id, StringComparison.Ordinal), said);
        return id;
    }

    /// <summary>Writes a definition.</summary>
    /// <param name="name">The guest's name.</param>
    /// <param name="parts">Further elements.</param>
    /// <param name="id">Its UUID.</param>
    /// <returns>The definition.</returns>
    internal static string Domain(string name, string parts, string id) =>
        $"<domain type='qemu'><name>{System.Security.SecurityElement.Escape(name)}</name><uuid>{id}</uuid><memory>32768</memory><os><type arch='x86_64'>hvm</type></os>{parts}<devices><memballoon model='none'/></devices></domain>";

    /// <summary>Reads the guests by the probe.</summary>
    /// <param name="user">The number of the account that asks, or null for root.</param>
    /// <param name="allowSudo">Whether sudo may be tried.</param>
    /// <param name="environment">Variables to set.</param>
    /// <returns>The answers.</returns>
    internal ProbeAnswers Read(
        string? user = null,
        bool allowSudo = false,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        ShellProbe[] probes = [LibvirtProbe.Probe, LibvirtProbe.CapabilitiesProbe];
        string[] words = user is null
            ? ["/bin/sh", "-s"]
            : ["setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups", "/bin/sh", "-s"];
        ProgramResult result = Run(words[0], words[1..], ProbeScript.Compose(probes, Token, allowSudo), environment);
        return ProbeScript.Split(Encoding.UTF8.GetBytes(result.Output), probes, Token, result.ErrorOutput);
    }

    /// <summary>Runs a program beside the daemon, as root.</summary>
    /// <param name="program">The program.</param>
    /// <param name="words">Its words.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="environment">Variables to set.</param>
    /// <returns>What it left behind.</returns>
    internal ProgramResult Run(
        string program,
        string[] words,
        string input = "",
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        using Process process = Process.Start(
            StartOf(
                "nsenter",
                ["-t", Init, "--mount", "--pid", "--", program, .. words],
                environment ?? new Dictionary<string, string>()
            )
        )!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading.
        }

        process.WaitForExit();
        return new ProgramResult(process.ExitCode, output.Result, error.Result);
    }

    private static ProcessStartInfo StartOf(
        string program,
        string[] words,
        IReadOnlyDictionary<string, string> environment
    )
    {
        ProcessStartInfo start = new(program, words)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            WorkingDirectory = "/",
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["HOME"] = "/run/nobody";
        start.Environment["NESTVIRT_ROOT"] = string.Empty;
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }
}
