using System.Runtime.Versioning;
using System.Security;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Core.Tests.Linux.Guests;
using NestVirt.Transport;
using NestVirt.Transport.Shell.Local;
using NestVirt.Transport.Shell.OpenSsh;

namespace NestVirt.Core.Tests.Linux.GuestCpu;

/// <summary>A real libvirtd of its own, changes of whose host can be interfered with, and which has a journal of its own.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class LibvirtRoom : IDisposable
{
    // What it defines and starts is not seen by this machine, and the journal is not this machine's.
    private readonly PrivateLibvirt _libvirt = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-libvirt-").FullName;

    /// <summary>Initializes a new instance of the <see cref="LibvirtRoom"/> class; where that cannot be, the test is skipped.</summary>
    public LibvirtRoom()
    {
        Shell("mkdir -p /var/lib/nestvirt && mount -t tmpfs none /var/lib/nestvirt");

        // It comes before libvirt's own client, and does what a test wrote into it.
        string path = Path.Combine(_folder, "virsh");
        File.WriteAllText(
            path,
            $"#!/bin/sh\n[ ! -e {_folder}/before ] || . {_folder}/before\n/usr/bin/virsh \"$@\"; code=$?\n[ ! -e {_folder}/after ] || . {_folder}/after\nexit $code\n"
        );
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Gets the folder of the stand-in for libvirt's client.</summary>
    public string Folder => _folder;

    /// <summary>Makes what changes this host.</summary>
    internal HostChanger Changer() =>
        HostChangers.Create(
            new HostConnector(
                new LocalShellFactory(
                    "nsenter",
                    "-t",
                    _libvirt.Init,
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
    internal string Virsh(params string[] words) => _libvirt.Virsh(words);

    /// <summary>Runs sh.</summary>
    internal string Shell(string script) => _libvirt.Run("/bin/sh", ["-c", script]).Said;

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

    /// <summary>Has a guest end as one that its own system powers off.</summary>
    internal void PowerOff(string id)
    {
        string number = Virsh("domid", id);
        Virsh("qemu-monitor-command", "--domain", id, "--hmp", "quit");
        Assert.True(SpinWait.SpinUntil(() => Virsh("domid", id) != number, TimeSpan.FromSeconds(30)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _libvirt.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
