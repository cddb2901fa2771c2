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
    /// <returns>The definition, ending in a newline.</returns>
    public static string Define(
        string name,
        string id,
        string cpu,
        string type = "kvm",
        string emulator = "/usr/bin/qemu-system-x86_64"
    ) =>
        $"""
            <domain type='{type}'>
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
                <graphics type='vnc' port='-1' autoport='yes'/>
              </devices>
            </domain>

            """.ReplaceLineEndings("\n");

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

        AddText("capabilities", Capabilities);
        probes["guests"] = Lines(told);
        probes["guestcapabilities"] = Lines([]);
        probes["kvmusers"] = Lines([]);
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
