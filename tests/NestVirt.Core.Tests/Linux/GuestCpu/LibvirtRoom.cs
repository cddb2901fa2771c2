using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Transport;
using NestVirt.Transport.Shell.Local;
using NestVirt.Transport.Shell.OpenSsh;

namespace NestVirt.Core.Tests.Linux.GuestCpu;

/// <summary>A libvirtd of its own, with QEMU's emulation: in a namespace of processes and of mounts, whose end is the end of all in it.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class LibvirtRoom : IDisposable
{
    private const string Start = """
        mount --make-rprivate / || exit 1
        for d in /run /var/lib/libvirt /etc/libvirt /var/cache/libvirt /var/log/libvirt /var/lib/nestvirt; do
          mkdir -p "$d" && mount -t tmpfs none "$d" || exit 1
        done
        exec 3<&0
        trap 'exit 0' TERM
        (cat <&3 >/dev/null; kill -TERM 1) &
        virtlogd -d >/dev/null 2>&1
        libvirtd -d >/dev/null 2>&1
        i=0
        until virsh -q -c qemu:///system uri >/dev/null 2>&1; do
          i=$((i + 1)); [ "$i" -lt 100 ] || { echo no; exit 1; }
          sleep 0.1
        done
        echo ready
        # The first process takes leave of those that have ended.
        while :; do sleep 0.2; done
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-libvirt-").FullName;
    private readonly Process? _first;
    private readonly string _process = string.Empty;

    /// <summary>Initializes a new instance of the <see cref="LibvirtRoom"/> class; where that cannot be, tests are skipped.</summary>
    public LibvirtRoom()
    {
        string[] tools = ["unshare", "nsenter", "virsh", "libvirtd", "virtlogd", "qemu-system-x86_64"];
        string? missing = Array.Find(tools, static tool => !Needs.IsOnPath(tool));
        if (missing is not null || !OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            Why = missing is null ? "runs as root on Linux" : $"not installed: {missing}";
            return;
        }

        _first = Begin("unshare", ["-m", "-p", "-f", "--kill-child", "--mount-proc", "/bin/sh", "-c", Start]);
        string? said = _first.StandardOutput.ReadLine();
        Why = said == "ready" ? null : "no libvirtd starts here";
        if (Why is null)
        {
            _process = File.ReadAllText($"/proc/{_first.Id}/task/{_first.Id}/children").Trim();
        }

        // It comes before libvirt's own client, and does what a test wrote into it.
        string path = Path.Combine(_folder, "virsh");
        File.WriteAllText(
            path,
            $"#!/bin/sh\n[ ! -e {_folder}/before ] || . {_folder}/before\n/usr/bin/virsh \"$@\"; code=$?\n[ ! -e {_folder}/after ] || . {_folder}/after\nexit $code\n"
        );
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Gets why there is none; null where there is.</summary>
    public string? Why { get; }

    /// <summary>Gets the folder of the stand-in for libvirt's client.</summary>
    public string Folder => _folder;

    /// <summary>Makes what changes this host.</summary>
    internal HostChanger Changer() =>
        HostChangers.Create(
            new HostConnector(
                new LocalShellFactory(
                    "nsenter",
                    "-t",
                    _process,
                    "-m",
                    "-p",
                    "/usr/bin/env",
                    $"PATH={_folder}:/usr/sbin:/usr/bin:/sbin:/bin",
                    "/bin/sh"
                ),
                new SshShellFactory()
            )
        );

    /// <summary>Has the stand-in run a text of sh at each call, before or after the real program.</summary>
    internal void Interfere(string when, string? text)
    {
        string path = Path.Combine(_folder, when);
        File.Delete(path);
        if (text is not null)
        {
            File.WriteAllText(path, text);
        }
    }

    /// <summary>Runs libvirt's client.</summary>
    internal string Virsh(params string[] words) =>
        Run("nsenter", ["-t", _process, "-m", "-p", "/usr/bin/virsh", "-q", "-c", "qemu:///system", .. words]);

    /// <summary>Runs sh.</summary>
    internal string Shell(string script) => Run("nsenter", ["-t", _process, "-m", "-p", "/bin/sh", "-c", script]);

    /// <summary>Defines a guest.</summary>
    internal string Define(string name, string parts, string devices = "", string? id = null)
    {
        id ??= Guid.NewGuid().ToString("D");
        string file = Path.Combine(_folder, $"{id}.xml");
        File.WriteAllText(
            file,
            $"<domain type='qemu'><name>{SecurityElement.Escape(name)}</name><uuid>{id}</uuid><memory>32768</memory><vcpu>2</vcpu><os><type arch='x86_64'>hvm</type></os>{parts}<devices>{devices}<memballoon model='none'/></devices></domain>"
        );
        string said = Virsh("define", file);
        Assert.True(Virsh("list", "--all", "--uuid").Contains(id, StringComparison.Ordinal), said);
        return id;
    }

    /// <summary>Gets a command of sh that defines a guest anew, by an expression of sed over its definition.</summary>
    internal static string EditOf(string id, string expression) =>
        $"/usr/bin/virsh -q -c qemu:///system dumpxml --inactive --security-info {id} | sed \"{expression}\" >/run/edited.xml; /usr/bin/virsh -q -c qemu:///system define /run/edited.xml >/dev/null";

    /// <summary>Defines a guest anew, as somebody else would.</summary>
    internal void Edit(string id, string expression)
    {
        string before = Definition(id);
        string said = Shell(EditOf(id, expression));
        Assert.True(Definition(id) != before, said);
    }

    /// <summary>Reads the definition that a guest starts with, its passwords in it.</summary>
    internal string Definition(string id) => Virsh("dumpxml", "--inactive", "--security-info", id);

    /// <summary>Starts a guest.</summary>
    internal void StartGuest(string id)
    {
        string said = Virsh("start", id);
        Assert.SkipUnless(IsRunning(id), $"no guest starts here: {said}");
    }

    /// <summary>Tells whether a guest runs.</summary>
    internal bool IsRunning(string id) => Virsh("list", "--uuid").Contains(id, StringComparison.Ordinal);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_first is not null)
        {
            _first.StandardInput.Close();
            if (!_first.WaitForExit(5000))
            {
                _first.Kill();
                _first.WaitForExit();
            }

            _first.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static Process Begin(string program, string[] words)
    {
        ProcessStartInfo start = new(program, words)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        Process process = Process.Start(start)!;
        process.ErrorDataReceived += static (_, _) => { };
        return process;
    }

    private static string Run(string program, string[] words)
    {
        using Process process = Begin(program, words);
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.Length > 0 ? output : error.Result;
    }
}
