using System.Diagnostics;
using System.Runtime.Versioning;
using NestVirt.Linux.GuestDevices;

namespace NestVirt.Core.Tests.Linux.GuestDevices;

/// <summary>Edits definitions by the host's own awk and others that are there.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class GuestDeviceActionTests : IDisposable
{
    private const string Head = """
        <domain type='kvm'>
          <name>1e3</name>
          <metadata>
            <app xmlns="urn:x"><!-- <devices>
            <hostdev mode='subsystem' type='pci'>
            </hostdev>
          </devices> --><![CDATA[ <devices> ]]>
          <devices>
            <hostdev mode='subsystem' type='pci' managed='yes'>
              <source>
                <address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>
              </source>
            </hostdev>
          </devices>
        </app>
          </metadata>
          <devices>
            <emulator>/usr/bin/qemu</emulator>
            <disk type='file'>
              <source file='a\\b&amp;%s\0101'/>
            </disk>
            <controller type='pci' index='0' model='pcie-root'/>

        """;
    private const string Card = """
            <hostdev mode='subsystem' type='pci' managed='yes'>
              <source>
                <address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>
              </source>
            </hostdev>

        """;
    private const string Nic =
        "    <interface type='user'>\n      <mac address='52:54:00:aa:00:01'/>\n    </interface>\n";
    private const string Balloon = "    <memballoon model='none'/>\n";
    private const string Tail = "  </devices>\n</domain>\n";
    private const string End = Balloon + Tail;

    private static readonly string s_given = Card.Replace(
        "</source>",
        "</source>\n      <address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/>",
        StringComparison.Ordinal
    );
    private static readonly string s_other = Card.Replace("bus='0x01'", "bus='0x02'", StringComparison.Ordinal);

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;

    public static TheoryData<string> Awks => ["mawk", "gawk", "original-awk", "busybox"];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Awks))]
    public void A_device_comes_at_the_end_of_the_devices_and_goes_with_its_lines(string awk)
    {
        Write("base.xml", Head + s_other + Nic + End);
        Write("add", Edit('+', Card));
        Write("remove", Edit('-', s_other) + Edit('+', Card));

        Assert.Equal(
            (Head + s_other + Nic + Balloon + Card + Tail, 0),
            Run(awk, "nv_device_edit \"$nv_dir/add\" \"$nv_dir/base.xml\"")
        );
        Assert.Equal(
            (Head + Nic + Balloon + Card + Tail, 0),
            Run(awk, "nv_device_edit \"$nv_dir/remove\" \"$nv_dir/base.xml\"")
        );
    }

    [Theory]
    [MemberData(nameof(Awks))]
    [Trait("Category", "Security")]
    public void What_looks_like_a_device_in_the_metadata_is_none(string awk)
    {
        Write("base.xml", Head + Nic + End);
        Write("remove", Edit('-', Card));

        Assert.NotEqual(0, Run(awk, "nv_device_edit \"$nv_dir/remove\" \"$nv_dir/base.xml\"").Code);
        Assert.Equal((string.Empty, 0), Run(awk, "nv_device_list held \"$nv_dir/base.xml\""));
        Assert.Equal(
            (
                "    <controller type='pci' index='0' model='pcie-root'/>\n"
                    + Nic.TrimEnd('\n').Replace('\n', '\u0001')
                    + "\n",
                0
            ),
            Run(awk, "nv_device_list list \"$nv_dir/base.xml\"")
        );
    }

    [Theory]
    [MemberData(nameof(Awks))]
    [Trait("Category", "Security")]
    public void What_is_no_device_does_not_come_into_a_definition(string awk)
    {
        string[] edits =
        [
            Edit('+', Card + "    <disk type='block'>\n      <source dev='/dev/sda'/>\n    </disk>\n"),
            Edit('+', "    <emulator>/tmp/x</emulator>\n"),
            Edit('+', Card + "  </devices>\n  <devices>\n"),
            Edit('+', "    <hostdev mode='subsystem' type='pci'><source/></hostdev><serial/>\n"),
            Edit('+', "    <!-- <hostdev> -->\n"),
            Edit('+', "    <hostdev>\n"),
        ];
        Write("old.xml", Head + Nic + End);
        const string Change = "nv_device_define() { echo defined; }\nnv_domain_sum() { cksum; }\nnv_device_change id";
        foreach (string edit in edits)
        {
            Write("edit", edit);

            Assert.DoesNotContain("defined\n", Run(awk, Change).Output, StringComparison.Ordinal);
        }

        Write("edit", Edit('+', Card));
        Assert.StartsWith("defined\n", Run(awk, Change).Output, StringComparison.Ordinal);
    }

    // libvirt changes a function that was there when another one comes beside it.
    [Theory]
    [MemberData(nameof(Awks))]
    public void What_is_changed_alone_is_changed_back(string awk)
    {
        string first = s_given.Replace(
            "function='0x0'/>\n    <",
            "function='0x0' multifunction='on'/>\n    <",
            StringComparison.Ordinal
        );
        Write("undo", Edit('+', s_given) + Edit('-', first) + Edit('-', s_other));
        Write("now.xml", Head + first + s_other + End);

        Assert.NotEqual(s_given, first);
        Assert.Equal(
            (Edit('-', first) + Edit('-', s_other) + Edit('+', s_given), 0),
            Run(awk, "nv_device_fit \"$nv_dir/undo\" \"$nv_dir/now.xml\"")
        );
        Assert.Equal(1, Run(awk, "nv_device_part keys \"$nv_dir/undo\"").Output.Count(static sign => sign == '\n'));
    }

    [Theory]
    [MemberData(nameof(Awks))]
    public void The_devices_that_libvirt_takes_from_the_host_are_named(string awk)
    {
        Write(
            "edit",
            Edit('-', s_other)
                + Edit('+', s_given)
                + Edit('+', s_other.Replace("'yes'", "'no'", StringComparison.Ordinal))
        );

        Assert.Equal(
            ("0000:01:00.0\n", 0),
            Run(awk, "nv_device_unused() { printf '%s\\n' \"$2\"; }\nnv_device_looked \"$nv_dir/edit\"")
        );
    }

    [Theory]
    [MemberData(nameof(Awks))]
    public void What_takes_one_definition_back_to_another_is_found(string awk)
    {
        const string Port = "    <controller type='pci' index='1' model='pcie-root-port'/>\n";
        Write("old.xml", Head + Nic + s_other + End);
        Write("now.xml", Head + Port + Nic + s_other + s_given + End);

        string undo = Edit('-', Port) + Edit('-', s_given);
        Assert.Equal((undo, 0), Run(awk, "nv_device_compare \"$nv_dir/old.xml\" \"$nv_dir/now.xml\""));
        Write("undo", undo);
        Assert.Equal((Head + Nic + s_other + End, 0), Run(awk, "nv_device_edit \"$nv_dir/undo\" \"$nv_dir/now.xml\""));
        Assert.Equal((string.Empty, 0), Run(awk, "nv_device_compare \"$nv_dir/old.xml\" \"$nv_dir/old.xml\""));
    }

    [Theory]
    [MemberData(nameof(Awks))]
    public void Of_what_is_taken_back_that_is_done_which_others_have_left_to_do(string awk)
    {
        Write("undo", Edit('-', s_given) + Edit('+', s_other));
        Write("there.xml", Head + s_given + End);
        Write("gone.xml", Head + s_other + End);
        Write("changed.xml", Head + Card + End);

        Assert.Equal(
            (Edit('-', s_given) + Edit('+', s_other), 0),
            Run(awk, "nv_device_fit \"$nv_dir/undo\" \"$nv_dir/there.xml\"")
        );
        Assert.Equal((string.Empty, 0), Run(awk, "nv_device_fit \"$nv_dir/undo\" \"$nv_dir/gone.xml\""));
        Assert.Equal(
            (Edit('-', Card) + Edit('+', s_other), 0),
            Run(awk, "nv_device_fit \"$nv_dir/undo\" \"$nv_dir/changed.xml\"")
        );
    }

    [Theory]
    [MemberData(nameof(Awks))]
    public void A_function_that_somebody_gave_in_the_other_form_is_the_same(string awk)
    {
        string adapter = s_other
            .Replace(
                "<hostdev mode='subsystem' type='pci' managed='yes'>",
                "<interface type='hostdev'>",
                StringComparison.Ordinal
            )
            .Replace("</hostdev>", "</interface>", StringComparison.Ordinal)
            .Replace("<address domain", "<address type='pci' domain", StringComparison.Ordinal);
        Write("undo", Edit('+', s_other));
        Write("now.xml", Head + adapter + End);

        Assert.Equal((string.Empty, 0), Run(awk, "nv_device_fit \"$nv_dir/undo\" \"$nv_dir/now.xml\""));
    }

    // libvirt says of an adapter that there are others in its slot; who took it away since did not mean ours.
    [Theory]
    [MemberData(nameof(Awks))]
    public void What_libvirt_changed_beside_ours_comes_back_only_where_that_is_still_there(string awk)
    {
        string changed = Nic.Replace(
            "</interface>",
            "  <a multifunction='on'/>\n    </interface>",
            StringComparison.Ordinal
        );
        Write("undo", Edit('+', Nic) + Edit('-', changed) + Edit('-', s_given));
        Write("there.xml", Head + changed + s_given + End);
        Write("gone.xml", Head + s_given + End);

        Assert.Equal(
            (Edit('-', changed) + Edit('-', s_given) + Edit('+', Nic), 0),
            Run(awk, "nv_device_fit \"$nv_dir/undo\" \"$nv_dir/there.xml\"")
        );
        Assert.Equal((Edit('-', s_given), 0), Run(awk, "nv_device_fit \"$nv_dir/undo\" \"$nv_dir/gone.xml\""));
    }

    // Of what differs, what nobody asked for and libvirt does not do by itself is somebody else's.
    [Theory]
    [MemberData(nameof(Awks))]
    public void What_others_have_done_meanwhile_is_told_from_what_libvirt_does(string awk)
    {
        const string Port = "    <controller type='pci' index='1' model='pcie-root-port'/>\n";
        string many = s_other.Replace(
            "</source>",
            "</source>\n      <a multifunction='on'/>",
            StringComparison.Ordinal
        );
        string rom = s_other.Replace("</source>", "</source>\n      <rom bar='off'/>", StringComparison.Ordinal);
        string some = s_other.Replace("</source>", "</source>\n      <a/>", StringComparison.Ordinal);
        string[] ours = [Edit('-', Port) + Edit('-', s_given), Edit('+', some) + Edit('-', many) + Edit('-', s_given)];
        string[] theirs =
        [
            Edit('-', Nic) + Edit('-', s_given),
            Edit('-', Port.Replace("pci'", "scsi'", StringComparison.Ordinal)) + Edit('-', s_given),
            Edit('+', s_other) + Edit('-', rom) + Edit('-', s_given),
        ];
        Write("edit", Edit('+', Card));
        Directory.CreateDirectory(Path.Combine(_folder, "room"));
        foreach (string edit in ours)
        {
            Write("room/learnt", edit);
            Assert.True(Run(awk, "nv_device_only").Code == 0, edit);
        }

        foreach (string edit in theirs)
        {
            Write("room/learnt", edit);
            Assert.True(Run(awk, "nv_device_only").Code != 0, edit);
        }
    }

    private static string Edit(char sign, string element) => $"{sign}{element.TrimEnd('\n').Replace('\n', '\u0001')}\n";

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    private (string Output, int Code) Run(string awk, string command)
    {
        Needs.Shell();
        Needs.Tools(awk);
        string call = awk == "busybox" ? "busybox awk" : awk;
        using Process process = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-s"]) { RedirectStandardInput = true, RedirectStandardOutput = true }
        )!;
        process.StandardInput.Write(
            $"LC_ALL=C; export LC_ALL\nexec 2>/dev/null\nawk() {{ {call} \"$@\"; }}\nnv_dir={_folder} nv_room={_folder}/room\nmkdir -p \"$nv_room\"\n{GuestDeviceAction.Action.Script}\n{command}\n"
        );
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (output, process.ExitCode);
    }
}
