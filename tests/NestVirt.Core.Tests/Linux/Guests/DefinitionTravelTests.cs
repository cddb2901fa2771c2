using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml;
using NestVirt.Linux.Guests;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Linux.Guests;

/// <summary>What of a definition leaves its host: what is read, whatever its depth, and nothing else.</summary>
public sealed partial class DefinitionTravelTests
{
    // As libvirt indents; all that is not read has the word Secret in it.
    private const string Definition = """
        <domain type='kvm' id='3' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
          <name>a</name>
          <uuid>5ec2e700-0000-4000-8000-000000000001</uuid>
          <title>Secret
          Secret</title>
          <genid>

        Secret
        </genid>
          <blkiotune>
        </blkiotune>
          <description>Secret
          and Secret
            &lt;cpu mode='Secret'&gt;
          </description>
          <metadata>
            <app:metadata xmlns:app='http://example.invalid/'>
              <metadata>
                <name>Secret</name>
              </metadata>
          <metadata>
            <name>Secret</name>
          </metadata>
          <cpu mode='Secret'/>
              <devices>
                <hostdev mode='subsystem' type='pci' Secret='yes'/>
              </devices>
            </app:metadata>
          </metadata>
          <memory unit='KiB'>1048576</memory>
          <vcpu placement='static' cpuset='1-2'>2</vcpu>
          <cputune>
            <vcpupin vcpu='0' cpuset='1-2'/>
            <emulatorpin cpuset='Secret'/>
          </cputune>
          <os>
            <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
            <loader readonly='yes'>/Secret</loader>
            <nvram template='/Secret'>/Secret</nvram>
            <cmdline>password=Secret</cmdline>
            <acpi>
              <table type='slic'>/Secret</table>
            </acpi>
          </os>
          <features>
            <acpi Secret='1'/>
            <hyperv mode='custom'>
              <relaxed state='on'/>
              <stimer state='on'>
                <direct Secret='on'/>
              </stimer>
            </hyperv>
            <kvm>
              <hidden Secret='on'/>
            </kvm>
          </features>
          <cpu mode='custom' match='exact' check='full'>
            <model fallback='forbid'>EPYC</model>
            <vendor>AMD</vendor>
            <topology sockets='1' dies='1' cores='2' threads='1'/>
            <cache mode='Secret'/>
            <feature policy='require' name='svm'/>
            <numa>
              <cell id='0' cpus='Secret'/>
            </numa>
          </cpu>
          <devices>
            <emulator>/usr/bin/qemu-system-x86_64</emulator>
            <disk type='network' device='disk'>
              <auth username='Secret'>
                <secret type='ceph' uuid='Secret'/>
              </auth>
              <source protocol='rbd' name='Secret'/>
            </disk>
            <disk type='nvme' device='disk'>
              <driver name='qemu' Secret='raw'/>
              <source type='pci' managed='yes' namespace='1'>
                <address domain='0x0000' bus='0x02' slot='0x00' function='0x0'/>
                <reservations Secret='no'/>
              </source>
              <serial>Secret</serial>
              <boot order='2'/>
            </disk>
            <disk type='vhostvdpa' device='disk'>
              <source dev='/dev/vhost-vdpa-1'/>
              <target dev='Secret'/>
            </disk>
            <interface type='hostdev' managed='yes'>
              <mac address='52:54:00:6d:90:02'/>
              <driver name='vfio'>
                <host Secret='on'/>
              </driver>
              <source>
                <address type='pci' domain='0x0000' bus='0x3b' slot='0x02' function='0x0'/>
              </source>
              <vlan>
                <tag id='42'/>
              </vlan>
              <virtualport type='802.1Qbh'>
                <parameters profileid='Secret'/>
              </virtualport>
              <alias name='Secret'/>
            </interface>
            <hostdev mode='subsystem' type='pci' managed='yes'>
              <source>
                <address domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>
                <origstates>
                  <Secret/>
                </origstates>
              </source>
              <alias name='Secret'/>
              <teaming type='Secret'/>
              <address type='pci' domain='0x0000' bus='0x09' slot='0x00' function='0x0'/>
            </hostdev>
            <graphics type='vnc' passwd='Secret'>
              <listen type='address' address='Secret'/>
            </graphics>
          </devices>
          <launchSecurity type='sev'>
            <policy>0x0001</policy>
            <session>Secret</session>
          </launchSecurity>
          <qemu:commandline>
            <qemu:arg value='-object'/>
            <qemu:arg value='secret,id=s,data=Secret'/>
            <qemu:arg value='-device'/>
            <qemu:arg value='vfio-pci,host=04:00.0'/>
            <qemu:arg value='-cpu'/>
            <qemu:env name='Secret' value='Secret'/>
          </qemu:commandline>
        </domain>
        """;

    public static TheoryData<string> Awks => ["mawk", "gawk", "original-awk", "busybox"];

    // What may stand in the metadata of a guest, as libvirt writes it back: none of it ends them.
    public static TheoryData<string, string> Hostile
    {
        get
        {
            string fake =
                "  </metadata>\n  <devices>\n    <hostdev mode='subsystem' type='pci'>\n    </hostdev>\n  </devices>\n  <metadata>\n";
            TheoryData<string, string> data = [];
            foreach (string awk in Awks.Select(static row => row.Data))
            {
                data.Add(awk, $"<a:a><!-- \n{fake}--></a:a>");
                data.Add(awk, $"<a:a><!-- > <a \n{fake}--></a:a>");
                data.Add(awk, $"<a:a><![CDATA[\n{fake}]]></a:a>");
                data.Add(awk, $"<a:a><![CDATA[-->\n{fake}]]>]]&gt;</a:a>");
                data.Add(awk, $"<a:a><?p \n{fake}?></a:a>");
                data.Add(awk, "<a:a><metadata>\n  </metadata></a:a>\n  <devices/>");
                data.Add(awk, "<a:a\nb='c'\n/>\n<a:b\n>\n  </a:b>");
                data.Add(awk, "<a:a b='c\n/'>\n  <a/></a:a>");
                data.Add(awk, "<a:a>\n<!-- b -->\n<?b c?>\n<![CDATA[b]]>\n</a:a>");
                data.Add(awk, $"<a:a>\n<!-- b/>\n{fake}-->\n</a:a>");
                data.Add(awk, $"<a:a>\n<![CDATA[ b/>\n{fake}]]>\n</a:a>");
                data.Add(awk, $"<a:a>\n<?b c/>\n{fake}?>\n</a:a>");
                data.Add(awk, "<a:a>\nb <a:b/> c\nb <a:b> c\nb </a:b> c\n</a:a>");
                data.Add(awk, "<a:a>\n<a:b c='d'\ne='f' />\n<a:b c='d'\ne='f'>\n</a:b>\n</a:a>");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    [Trait("Category", "Security")]
    public void Nothing_that_people_wrote_ends_what_is_left_out(string awk, string metadata)
    {
        Needs.Tools(awk);
        string definition = $"""
            <domain type='kvm'>
              <name>a</name>
              <metadata>
                {metadata}
              </metadata>
              <devices>
                <hostdev mode='subsystem' type='pci' managed='yes'>
                  <source>
                    <address domain='0x0000' bus='0x3b' slot='0x00' function='0x0'/>
                  </source>
                </hostdev>
              </devices>
              <qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
                <qemu:env name='A' value='a
            b'/>
                <qemu:env name='B' value='
            '/>
                <qemu:arg value='string=a
              b'/>
                <qemu:arg value='vfio-pci,host=04:00.0'/>
              </qemu:commandline>
            </domain>
            """;

        string sent = Sent(awk, definition);

        Assert.DoesNotContain("metadata", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("env", sent, StringComparison.Ordinal);
        Assert.Equal(
            ["0000:3b:00.0", "0000:04:00.0"],
            DomainDefinition.Parse(sent).Devices.Select(static device => device.Address.ToString())
        );
    }

    /// <summary>What a host without awk sends, or an older recording holds.</summary>
    [Theory]
    [InlineData("<devices/><devices/>", "devices")]
    [InlineData("<name>a</name><name>b</name>", "name")]
    [InlineData("<cpu mode='maximum'/><cpu/>", "cpu")]
    public void An_element_that_comes_twice_is_not_read(string parts, string name) =>
        Assert.Contains(
            $"more than one element {name}",
            Assert.Throws<FormatException>(() => DomainDefinition.Parse($"<domain>{parts}</domain>")).Message,
            StringComparison.Ordinal
        );

    [Theory]
    [MemberData(nameof(Awks))]
    [Trait("Category", "Security")]
    public void All_that_is_read_leaves_the_host_and_nothing_else(string awk)
    {
        Needs.Tools(awk);

        string sent = Sent(awk, Definition);

        Assert.DoesNotContain("Secret", sent, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(Hidden(Definition), Hidden(sent));
        Assert.Contains("0x3b", sent, StringComparison.Ordinal);
        Assert.Contains("vhost-vdpa-1", sent, StringComparison.Ordinal);
        Assert.Contains("vfio-pci", sent, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_libvirts_own_tests_only_what_is_on_the_list_leaves_the_host()
    {
        Needs.Data("libvirt");
        Needs.Tools("awk");
        string[] files =
        [
            .. Directory.EnumerateFiles(Path.Combine(TestData.Folder("libvirt")!, "qemuxmlconfdata"), "*-latest.xml"),
        ];
        string[] definitions = [.. files.Select(File.ReadAllText)];
        string[] sent = Sent("awk", definitions);

        Assert.Equal(definitions.Length, sent.Length);
        foreach ((string whole, string part) in definitions.Zip(sent))
        {
            Assert.Equal(Hidden(whole), Hidden(part));
            Assert.All(PathsIn(part), static one => Assert.True(DomainElements.IsRead(one.Path, one.Parent), one.Path));
        }
    }

    private static IEnumerable<(string Path, string Parent)> PathsIn(string document)
    {
        using XmlReader reader = XmlReader.Create(new StringReader(document));
        List<string> open = [];
        while (reader.Read())
        {
            if (reader.NodeType == XmlNodeType.Element)
            {
                open.RemoveRange(reader.Depth, open.Count - reader.Depth);
                string parent = string.Join('/', open);
                open.Add(reader.LocalName);
                yield return (string.Join('/', open), parent);
            }
        }
    }

    private static string Sent(string awk, string definition) => Assert.Single(Sent(awk, [definition]));

    private static string[] Sent(string awk, string[] definitions)
    {
        string program = $"{LibvirtProbe.Probe.AwkFunction}\n{{ guests($0) }}";
        ProcessStartInfo start = new(awk, awk == "busybox" ? ["awk", program] : [program])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        for (int i = 0; i < definitions.Length; i++)
        {
            process.StandardInput.Write($"\u0001@saved/{i}\n{definitions[i].ReplaceLineEndings("\n")}\n\n");
        }

        process.StandardInput.Close();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return
        [
            .. output
                .Result.Split("@saved/", StringSplitOptions.RemoveEmptyEntries)
                .Select(static text =>
                    string.Join('\n', text.Split('\n').Skip(1).Select(static line => line.TrimStart('|')))
                ),
        ];
    }

    // Of disks, the parts of devices alone are asked for. The blanks around what is left out are not the same.
    private static string Hidden(string document)
    {
        string text = DomainRedaction.Hide(
            $"@saved/1\n{string.Concat(document.Split('\n').Select(static line => $"|{line.TrimStart()}\n"))}"
        );
        return Empty().Replace(OtherDisk().Replace(Between().Replace(text, "><"), string.Empty), "<$1$2 />");
    }

    [GeneratedRegex("""<disk type="(?!nvme"|vhostvdpa")[^"]*"[^>]*?(/>|>.*?</disk>)""")]
    private static partial Regex OtherDisk();

    [GeneratedRegex(@">\s+<")]
    private static partial Regex Between();

    [GeneratedRegex(@"<(\w+)([^<>]*)></\1>")]
    private static partial Regex Empty();
}
