#pragma warning disable IDE0005 // PowerShell compiles this file for Pester, without the usings of the project.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
#nullable enable
#pragma warning restore IDE0005

namespace NestVirt.Testing;

/// <summary>Gives the recording of a host guests of libvirt, as its client tells of them.</summary>
public static class GuestSnapshot
{
    /// <summary>What libvirt of the host says that it can give; the elements are those of libvirt's formatdomaincaps page.</summary>
    public const string Capabilities = """
        <domainCapabilities>
          <path>/usr/bin/qemu-system-x86_64</path>
          <domain>kvm</domain>
          <machine>pc-q35-7.2</machine>
          <arch>x86_64</arch>
          <cpu>
            <mode name='host-passthrough' supported='yes'/>
            <mode name='maximum' supported='yes'/>
            <mode name='host-model' supported='yes'>
              <model fallback='forbid'>EPYC</model>
              <vendor>AMD</vendor>
              <feature policy='require' name='svme-addr-chk'/>
              <feature policy='require' name='hypervisor'/>
              <feature policy='disable' name='monitor'/>
            </mode>
            <mode name='custom' supported='yes'>
              <model usable='yes' vendor='AMD'>EPYC</model>
              <model usable='yes' vendor='AMD'>EPYC-IBPB</model>
              <model usable='yes' vendor='unknown'>qemu64</model>
              <model usable='no' vendor='Intel'>Skylake-Server</model>
              <blockers model='Skylake-Server'>
                <feature name='avx512f'/>
                <feature name='hle'/>
              </blockers>
            </mode>
          </cpu>
        </domainCapabilities>
        """;

    private const string Features = """
        <cpus>
          <feature name='aes'><cpuid eax_in='0x01' ecx='0x02000000'/></feature>
          <feature name='avx512f'><cpuid eax_in='0x07' ebx='0x00010000'/></feature>
          <feature name='avx512dq'><cpuid eax_in='0x07' ebx='0x00020000'/></feature>
          <feature name='hle'><cpuid eax_in='0x07' ebx='0x00000010'/></feature>
          <feature name='pni'><alias name='sse3' source='qemu'/></feature>
          <feature name='svm'><cpuid eax_in='0x80000001' ecx='0x00000004'/></feature>
          <feature name='vmx'><cpuid eax_in='0x01' ecx='0x00000020'/></feature>
        </cpus>
        """;

    /// <summary>Writes a definition as libvirt does.</summary>
    /// <param name="name">The name of the guest; nothing in it needs a reference.</param>
    /// <param name="id">Its UUID.</param>
    /// <param name="cpu">The lines of its processor, indented by two.</param>
    /// <param name="type">The type of the domain.</param>
    /// <param name="emulator">The emulator.</param>
    /// <param name="devices">The lines of further devices, indented by four.</param>
    /// <param name="words">The words for QEMU's command line, or null.</param>
    /// <returns>The definition, ending in a newline.</returns>
    public static string Define(
        string name,
        string id,
        string cpu,
        string type = "kvm",
        string emulator = "/usr/bin/qemu-system-x86_64",
        string devices = "",
        string[]? words = null
    ) =>
        $"""
            <domain type='{type}'{(
                words is { Length: > 0 } ? " xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'" : ""
            )}>
              <name>{name}</name>
              <uuid>{id}</uuid>
              <memory unit='KiB'>1048576</memory>
              <currentMemory unit='KiB'>1048576</currentMemory>
              <vcpu placement='static'>2</vcpu>
              <os>
                <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
              </os>
            {cpu.TrimEnd('\n')}
              <clock offset='utc'/>
              <devices>
                <emulator>{emulator}</emulator>
                <graphics type='vnc' port='-1' autoport='yes'/>{(
                devices.Length > 0 ? "\n" + devices.TrimEnd('\n') : ""
            )}
              </devices>{(
                words is { Length: > 0 }
                    ? "\n  <qemu:commandline>\n"
                        + string.Concat(words.Select(word => $"    <qemu:arg value='{word}'/>\n"))
                        + "  </qemu:commandline>"
                    : ""
            )}
            </domain>

            """.ReplaceLineEndings(
            "\n"
        );

    /// <summary>Writes a device of the host as libvirt does.</summary>
    /// <param name="address">Its address, such as 0000:01:10.0.</param>
    /// <param name="managed">yes or no.</param>
    /// <param name="parts">Further lines, indented by six.</param>
    /// <returns>The lines.</returns>
    public static string Device(string address, string managed = "yes", string parts = "") =>
        $"""
                <hostdev mode='subsystem' type='pci' managed='{managed}'>
                  <source>
                    {Source(address, string.Empty)}
                  </source>{(parts.Length > 0 ? "\n" + parts.TrimEnd('\n') : "")}
                </hostdev>

            """.ReplaceLineEndings("\n");

    /// <summary>Writes a virtual function for a network adapter as libvirt does.</summary>
    /// <param name="address">Its address on the host.</param>
    /// <param name="mac">Its MAC address.</param>
    /// <returns>The lines.</returns>
    public static string Adapter(string address, string mac) =>
        $"""
                <interface type='hostdev' managed='yes'>
                  <mac address='{mac}'/>
                  <source>
                    {Source(address, "type='pci' ")}
                  </source>
                  <vlan>
                    <tag id='42'/>
                  </vlan>
                  <address type='pci' domain='0x0000' bus='0x07' slot='0x00' function='0x0'/>
                </interface>

            """.ReplaceLineEndings("\n");

    /// <summary>Writes the recording amd-epyc-vfs with guests that own its PCI devices, rightly and wrongly.</summary>
    /// <param name="recording">That recording.</param>
    /// <param name="file">The file to write.</param>
    public static void WriteDevices(string recording, string file)
    {
        const string Mac = "52:54:00:6d:90:02";
        const string Pool = $"""
                <interface type='network'>
                  <mac address='{Mac}'/>
                  <source network='pool' portgroup='gold'/>
                </interface>
            """;
        List<(string Name, string Saved, string? Running, string[] Words)> guests =
        [
            ("disk", Device("0000:00:01.0"), null, []),
            ("gone", Device("0000:01:10.6") + Device("0000:3b:00.0"), null, []),
            ("half", Device("0000:07:00.0"), null, []),
            ("hot", Device("0000:03:00.1"), Device("0000:0a:01.0"), []),
            ("net", Device("0000:04:00.0", "no"), null, []),
            (
                "old",
                Device(
                    "0000:01:10.2",
                    "yes",
                    "      <driver name='kvm'/>\n      <boot order='1'/>\n      <rom bar='off' file='/srv/card.rom'/>"
                ),
                null,
                []
            ),
            ("raw", string.Empty, null, ["-device", "vfio-pci,host=01:10.4"]),
            ("second", Device("0000:01:10.0"), null, []),
            ("vf", Pool, Adapter("0000:01:10.0", Mac), []),
            ("whole", Device("0000:07:00.0") + Device("0000:08:00.0"), null, []),
        ];
        Write(
            recording,
            file,
            [
                .. guests.Select(
                    static (guest, place) =>
                    {
                        string id = $"5d1b6e00-0000-4000-8000-{place + 1:x12}";
                        return (
                            id,
                            (string?)Define(guest.Name, id, string.Empty, devices: guest.Saved, words: guest.Words),
                            guest.Running is null ? null : Define(guest.Name, id, string.Empty, devices: guest.Running)
                        );
                    }
                ),
            ],
            ("autostart", "5d1b6e00-0000-4000-8000-000000000001")
        );
    }

    /// <summary>Writes the recording amd-epyc, of two nodes with a core each, with guests to be fitted to it: lab has a processor and runs, and big has two and does not fit.</summary>
    /// <param name="recording">That recording.</param>
    /// <param name="file">The file to write.</param>
    public static void WriteTuning(string recording, string file)
    {
        const string Lab = "11111111-2222-4333-8444-555555555551";
        const string Big = "11111111-2222-4333-8444-555555555552";
        const string Disk = """
                <disk type='block' device='disk'>
                  <driver name='qemu' type='raw'/>
                  <source dev='/dev/vg/lab'/>
                  <target dev='vda' bus='virtio'/>
                </disk>
                <memballoon model='virtio'/>
            """;
        const string Cpu = "  <cpu mode='host-passthrough'/>";
        string lab = Define("lab", Lab, Cpu, devices: Disk).Replace(">2</vcpu>", ">1</vcpu>");
        Write(recording, file, [(Lab, lab, lab), (Big, Define("big", Big, Cpu), null)]);

        // What the kernel shows of memory and huge pages, the topology holds as well.
        JsonNode document = JsonNode.Parse(File.ReadAllText(file))!;
        document["probes"]!["hugepages"] = document["probes"]!["topology"]!.DeepClone();
        File.WriteAllText(file, document.ToJsonString());
    }

    private static string Source(string address, string type)
    {
        string[] parts = address.Split(':', '.');
        return $"<address {type}domain='0x{parts[0]}' bus='0x{parts[1]}' slot='0x{parts[2]}' function='0x{parts[3]}'/>";
    }

    /// <summary>Writes a recording with guests.</summary>
    /// <param name="recording">The recording that they are added to.</param>
    /// <param name="file">The file to write.</param>
    /// <param name="guests">The definition of each, and that with which it runs, or null.</param>
    /// <param name="lists">Lists that guests are on by UUID, such as saved and transient.</param>
    public static void Write(
        string recording,
        string file,
        IReadOnlyList<(string Id, string? Saved, string? Running)> guests,
        params (string List, string Id)[] lists
    ) => Write(recording, file, guests, [], lists);

    /// <summary>Writes a recording with guests, and with programs that hold devices open.</summary>
    /// <param name="recording">The recording that they are added to.</param>
    /// <param name="file">The file to write.</param>
    /// <param name="guests">The definition of each, and that with which it runs, or null.</param>
    /// <param name="holders">The lines of who holds devices open, as <c>holder</c>, process, file and program behind tabs.</param>
    /// <param name="lists">Lists that guests are on by UUID, such as saved and transient.</param>
    public static void Write(
        string recording,
        string file,
        IReadOnlyList<(string Id, string? Saved, string? Running)> guests,
        IReadOnlyList<string> holders,
        params (string List, string Id)[] lists
    )
    {
        JsonObject document = JsonNode.Parse(File.ReadAllText(recording))!.AsObject();
        JsonObject probes = document["probes"]!.AsObject();
        List<string> told = ["socket\t/run/libvirt/libvirt-sock", "status\t0"];
        AddList("active", guests.Where(static guest => guest.Running is not null));
        AddList("all", guests);
        AddList("running", guests.Where(static guest => guest.Running is not null));
        foreach (string list in (string[])["paused", "transient", "autostart", "saved"])
        {
            told.Add($"@list/{list}");
            told.AddRange(lists.Where(pair => pair.List == list).Select(static pair => $"|{pair.Id}"));
        }

        foreach ((string id, string? saved, string? running) in guests)
        {
            AddText($"running/{id}", running);
            AddText($"saved/{id}", saved);
        }

        told.Insert(2, "made\t");
        AddText("capabilities", Capabilities);
        probes["guests"] = Lines(told);
        probes["guestcapabilities"] = Lines([]);
        probes["kvmusers"] = Lines([]);
        probes["pcidriver"] ??= Lines(["driver\tvfio-pci", "override\tyes", .. holders]);
        probes["identity"] = Lines([
            "machine-id\t0123456789abcdef0123456789abcdef",
            "boot_id\tboot",
            "osrelease\t6.1.0",
        ]);
        probes["guestfeatures"] = Lines([
            "@/usr/share/libvirt/cpu_map/x86_features.xml",
            .. Features.ReplaceLineEndings("\n").Split('\n').Select(static line => $"|{line}"),
        ]);
        probes["guestxml"] = Lines(
            guests
                .Where(static guest => guest.Saved is not null)
                .SelectMany(static guest =>
                    guest.Saved!.Split('\n').Select(static line => $"|{Turned(line)}").Prepend($"@{Turned(guest.Id)}")
                )
        );
        File.WriteAllText(file, document.ToJsonString());

        void AddList(string name, IEnumerable<(string Id, string? Saved, string? Running)> of)
        {
            told.Add($"@list/{name}");
            told.AddRange(of.Select(static guest => $"|{guest.Id}"));
        }

        void AddText(string path, string? text)
        {
            if (text is not null)
            {
                told.Add($"@{path}");
                told.AddRange(text.ReplaceLineEndings("\n").Split('\n').Select(static line => $"|{line.TrimStart()}"));
            }
        }
    }

    // tr 'A-Za-z$=:/' 'N-ZA-Mn-za-m=$/:'
    private static string Turned(string text) =>
        string.Concat(
            text.Select(static c =>
                c is >= 'a' and <= 'z' ? "nopqrstuvwxyzabcdefghijklm"[c - 'a']
                : c is >= 'A' and <= 'Z' ? "NOPQRSTUVWXYZABCDEFGHIJKLM"[c - 'A']
                : c == '$' ? '='
                : c == '=' ? '$'
                : c == ':' ? '/'
                : c == '/' ? ':'
                : c
            )
        );

    private static JsonArray Lines(IEnumerable<string> lines)
    {
        JsonArray array = [];
        foreach (string line in lines.Append(string.Empty))
        {
            array.Add((JsonNode)line);
        }

        return array;
    }
}
