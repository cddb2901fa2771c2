using System.Diagnostics;
using System.Runtime.Versioning;
using NestVirt.Linux.Guests;

namespace NestVirt.Core.Tests.Linux.Guests;

/// <summary>Takes definitions apart and puts them together, by the host's own awk and others that are there.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DomainActionTests : IDisposable
{
    // What libvirt keeps of the metadata is somebody else's text, as it was given.
    private const string Head = """
        <domain type='kvm'>
          <name>1e3</name>
          <description>a

          &lt;cpu&gt;
        </description>
          <metadata>
            <app xmlns="urn:x"><!-- <cpu>
          <cpu> --><![CDATA[ <clock> ]]>
          <cpu>
          </cpu>
          <features/>
        </app>
          </metadata>

        """;
    private const string Tail = "  <devices>\n    <graphics passwd='a\\b&amp;%s\\0101'/>\n  </devices>\n";
    private const string Old = "  <features>\n    <acpi/>\n  </features>\n  <cpu mode='maximum'/>\n";
    private const string New = "  <cpu mode='custom'>\n    <model>\\n%s</model>\n  </cpu>\n  <clock offset='utc'/>\n";
    private const string End = "</domain>\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;

    public static TheoryData<string> Awks => ["mawk", "gawk", "original-awk", "busybox"];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Awks))]
    public void The_processor_the_features_and_the_clock_of_one_definition_are_put_into_another(string awk)
    {
        Write("base.xml", Head + Old + Tail + End);
        Write("wanted.xml", "<domain>\n  <name>other</name>\n" + New + End);

        Assert.Equal((string.Empty, 0), Run(awk, "nv_domain_splice \"$nv_dir/base.xml\" \"$nv_dir/wanted.xml\""));
        Assert.Equal(Head + New + Tail + End, File.ReadAllText(Path.Combine(_folder, "new.xml")));
    }

    [Theory]
    [MemberData(nameof(Awks))]
    public void A_definition_without_any_of_them_can_have_them_and_lose_them(string awk)
    {
        Write("base.xml", Head + Tail + End);
        Write("wanted.xml", Head + New + Tail + End);

        Assert.Equal((New, 0), Run(awk, "nv_domain_cut parts \"$nv_dir/wanted.xml\""));
        Assert.Equal((Head + Tail + End, 0), Run(awk, "nv_domain_cut rest \"$nv_dir/wanted.xml\""));
        Assert.Equal((string.Empty, 0), Run(awk, "nv_domain_splice \"$nv_dir/wanted.xml\" \"$nv_dir/base.xml\""));
        Assert.Equal(Head + Tail + End, File.ReadAllText(Path.Combine(_folder, "new.xml")));
    }

    [Theory]
    [MemberData(nameof(Awks))]
    public void Drivers_of_devices_that_are_named_are_taken_out_and_put_where_they_were(string awk)
    {
        string before = Devices(
            "<driver name='qemu'/>",
            "    <memballoon model='virtio'>\n      <stats period='5'/>\n    </memballoon>\n"
        );
        string after = Devices(
                "<driver name='qemu' cache='none'>\n        <x/>\n      </driver>",
                "    <memballoon model='none'/>\n"
            )
            .Replace(
                "<mac address='52:54:00:00:00:01'/>\n",
                "<mac address='52:54:00:00:00:01'/>\n      <driver queues='2'/>\n",
                StringComparison.Ordinal
            )
            .Replace(
                "  <devices>",
                "  <cputune>\n    <vcpupin vcpu='0' cpuset='1'/>\n  </cputune>\n  <devices>",
                StringComparison.Ordinal
            );
        const string Parts = "nv_domain_parts 'cputune disk/vda interface/52:54:00:00:00:01 memballoon'; ";
        Write("before", before);
        Write("after", after);
        Write(
            "moved",
            after.Replace(
                "    <disk type='block'>\n      <driver name='other'/>\n      <target dev='vdb'/>\n    </disk>\n",
                string.Empty,
                StringComparison.Ordinal
            )
        );

        Assert.Equal(
            (
                "  <cputune>\n    <vcpupin vcpu='0' cpuset='1'/>\n  </cputune>\n@disk/vda\n      <driver name='qemu' cache='none'>\n        <x/>\n      </driver>\n@interface/52:54:00:00:00:01\n      <driver queues='2'/>\n@memballoon\n    <memballoon model='none'/>\n",
                0
            ),
            Run(awk, $"{Parts}nv_domain_cut parts \"$nv_dir/after\"")
        );
        Assert.Equal(0, Run(awk, Parts + Same("rest", "before", "after")).Code);
        Assert.NotEqual(0, Run(awk, Parts + Same("rest", "moved", "after")).Code);
        Assert.Equal((string.Empty, 0), Run(awk, $"{Parts}nv_domain_splice \"$nv_dir/after\" \"$nv_dir/before\""));
        Assert.Equal(before, Read("new.xml"));
        Assert.Equal((string.Empty, 0), Run(awk, $"{Parts}nv_domain_splice \"$nv_dir/moved\" \"$nv_dir/before\""));
        Assert.DoesNotContain("vdb", Read("new.xml"), StringComparison.Ordinal);
        Assert.Equal((string.Empty, 0), Run(awk, $"{Parts}nv_domain_splice \"$nv_dir/before\" \"$nv_dir/after\""));
        Assert.Equal(
            (string.Empty, 0),
            Run(
                awk,
                $"{Parts}cp \"$nv_dir/new.xml\" \"$nv_dir/made\"; nv_domain_same parts \"$nv_dir/made\" \"$nv_dir/after\""
            )
        );
    }

    [Theory]
    [InlineData("devices")]
    [InlineData("cpu os")]
    [InlineData("disk/vda disk/../x")]
    [InlineData("cpu disk/")]
    [InlineData("cpu 'x")]
    [Trait("Category", "Security")]
    public void A_step_that_names_other_parts_is_of_the_processor_alone(string parts)
    {
        Assert.Equal(
            (" cpu features clock\n", 0),
            Run("mawk", $"nv_domain_parts \"{parts}\"; printf '%s\\n' \"$nv_parts\"")
        );
    }

    [Theory]
    [MemberData(nameof(Awks))]
    [Trait("Category", "Security")]
    public void What_libvirt_would_not_write_is_refused(string awk)
    {
        string[] texts =
        [
            string.Empty,
            "<domain>\n  <cpu/>\n",
            "<!DOCTYPE domain>\n<domain>\n  <cpu/>\n</domain>\n",
            "<domain>\n  <cpu/><uuid>x</uuid>\n</domain>\n",
            "<domain>\n  <uuid>x</uuid><cpu/>\n</domain>\n",
            "<domain>\n  <cpu>\n    <model/></cpu><uuid>x</uuid><cpu>\n  </cpu>\n</domain>\n",
            "<domain>\n  <cpu>\n    <model x='>'/>\n  </cpu>\n  <uuid>x</uuid>\n</domain>\n",
            "<domain>\n  <cpu\n  />\n</domain>\n",
            "<domain>\n  <cpu>\n    <!-- </cpu>\n  </cpu>\n</domain>\n",
        ];
        foreach (string text in texts)
        {
            Write("wanted.xml", text);
            Assert.True(Run(awk, "nv_domain_cut parts \"$nv_dir/wanted.xml\"").Code != 0, text);
            Assert.True(Run(awk, "nv_domain_cut rest \"$nv_dir/wanted.xml\"").Code != 0, text);
        }
    }

    [Theory]
    [MemberData(nameof(Awks))]
    public void What_libvirt_adds_by_itself_makes_no_other_processor(string awk)
    {
        const string Asked =
            "<domain>\n  <cpu mode='custom'>\n    <model>A</model>\n    <topology sockets='1' cores='2'/>\n  </cpu>\n  <cpu mode='maximum'>\n  </cpu>\n</domain>\n";
        const string Made =
            "<domain>\n  <cpu mode='custom' match='exact' check='partial'>\n    <model fallback='forbid'>A</model>\n    <topology sockets='1' dies='1' cores='2'/>\n  </cpu>\n  <cpu mode='maximum' check='none' migratable='on'/>\n</domain>\n";
        Write("asked", Asked);
        Write("made", Made);
        Write("other", Made.Replace("A<", "B<", StringComparison.Ordinal));

        Assert.Equal(0, Run(awk, Same("bare", "asked", "made")).Code);
        Assert.NotEqual(0, Run(awk, Same("parts", "asked", "made")).Code);
        Assert.NotEqual(0, Run(awk, Same("bare", "asked", "other")).Code);
        Assert.NotEqual(0, Run(awk, Same("bare", "asked", "none")).Code);
        Assert.NotEqual(0, Run(awk, Same("bare", "none", "none")).Code);
    }

    // 1e3 and 1000 are one number, and two texts.
    [Theory]
    [MemberData(nameof(Awks))]
    public void What_changed_is_told_by_lines_that_are_texts_and_no_numbers(string awk)
    {
        Write("old.shown", "<domain>\n  <name>x</name>\n1000\n  <cpu/>\n</domain>\n");
        Write("now.shown", "<domain>\n  <name>x</name>\n1e3\n  <cpu mode='maximum'/>\n</domain>\n");

        Assert.Equal(
            ("-1000; +1e3\n", 0),
            Run(awk, "nv_domain_difference nv_domain_cut \"$nv_dir/old.shown\" \"$nv_dir/now.shown\"")
        );
        Assert.Equal(
            ("a password\n", 0),
            Run(awk, "nv_domain_difference nv_domain_cut \"$nv_dir/old.shown\" \"$nv_dir/old.shown\"")
        );
    }

    [Fact]
    [Trait("Category", "Security")]
    public void Lines_among_which_is_a_password_are_not_replaced()
    {
        Write("old.shown", Head + Old + Tail + End);
        Write("old.xml", Head + Old.Replace("<acpi", "<acpi passwd='x'", StringComparison.Ordinal) + Tail + End);
        Write("wanted.xml", Head + New + Tail + End);

        Assert.Equal(("among the lines that change is a password\n", 1), Run("mawk", "nv_domain_change"));
    }

    // What a hundred thousand elements on one line cost is what they are, and not the square of that.
    [Theory]
    [MemberData(nameof(Awks))]
    public void A_line_of_very_many_elements_is_read_once(string awk)
    {
        string metadata = string.Concat(Enumerable.Repeat("<a/>", 100_000));
        Write("long.xml", $"<domain>\n  <metadata>\n    {metadata}\n  </metadata>\n{New}{End}");

        Assert.Equal((New, 0), Run(awk, "nv_domain_cut parts \"$nv_dir/long.xml\""));
    }

    // Some versions of libvirt's client print one more.
    [Theory]
    [MemberData(nameof(Awks))]
    public void Empty_lines_at_the_end_make_no_other_definition(string awk)
    {
        Write("one", Head + New + Tail + End);
        Write("two", Head + New + Tail + End + "\n\n");
        Write("three", Head + "\n" + New + Tail + End);

        (string one, int code) = Run(awk, "nv_domain_sum <\"$nv_dir/one\"");
        Assert.Equal((DomainAction.StateOf(Head + New + Tail + End) + "\n", 0), (one, code));
        Assert.Equal((one, 0), Run(awk, "nv_domain_sum <\"$nv_dir/two\""));
        Assert.NotEqual(one, Run(awk, "nv_domain_sum <\"$nv_dir/three\"").Output);
        Assert.Equal(0, Run(awk, Same("rest", "one", "two")).Code);
        Assert.NotEqual(0, Run(awk, Same("rest", "one", "three")).Code);
    }

    // In some shells printf is a program, and others see the words of programs.
    [Fact]
    [Trait("Category", "Security")]
    public void No_password_is_a_word_of_a_program()
    {
        Write("shown", Head + Old + End);
        Write("full", Head + "  <graphics passwd='geheim'/>\n" + Old + End);
        Write("content", Head + New + End);

        (string output, int code) = Run(
            "mawk",
            """
            printf() { command printf '%s\n' "$*" >>"$nv_dir/words"; command printf "$@"; }
            nv_ask() { case "$*" in *--security-info*) cat "$nv_dir/full" ;; *dumpxml*) cat "$nv_dir/shown" ;; esac; }
            nv_listed() { case "$*" in *--persistent*) printf '%s\n' "$1" ;; esac; }
            nv_virsh() { case "$1" in define) cp "$3" "$nv_dir/full"; sed '/graphics/d' "$3" >"$nv_dir/shown" ;; esac; }
            nv_put() { nv_text "$2" >"$1"; }
            nv_text() { printf '%b' "$1"; }
            nv_sync() { :; }
            nv_id=11111111-2222-3333-4444-555555555555 nv_run=$nv_dir/run nv_force=yes
            mkdir "$nv_run"
            nv_verb=check; nv_expected=$(nv_domain_now "$nv_id")
            nv_verb=apply; nv_found=$(nv_domain_now "$nv_id")
            command printf '%s\n' "$nv_found" >"$nv_dir/before"
            nv_domain_save "$nv_id" && nv_domain_do "$nv_id" stay 'cpu features clock' "$(cat "$nv_dir/content")" || exit 1
            grep -c passwd "$nv_dir/full"
            cat "$nv_dir/full" >"$nv_dir/changed"
            nv_verb=back; nv_found=$(nv_domain_now "$nv_id")
            nv_domain_back "$nv_id" || exit 1
            ls "$nv_run/domain"
            """
        );

        Assert.Equal(("1\n", 0), (output, code));
        Assert.Contains("  <clock offset='utc'/>", Read("changed"), StringComparison.Ordinal);
        Assert.DoesNotContain("<clock offset", Read("full"), StringComparison.Ordinal);
        Assert.Contains("passwd='geheim'", Read("full"), StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", Read("words"), StringComparison.Ordinal);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(Path.Combine(_folder, "old.xml"))
        );
    }

    private static string Devices(string driver, string balloon) =>
        Head
        + $"  <devices>\n    <disk type='file'>\n      {driver}\n      <source file='/a'/>\n      <target dev='vda'/>\n    </disk>\n"
        + "    <disk type='block'>\n      <driver name='other'/>\n      <target dev='vdb'/>\n    </disk>\n"
        + $"    <interface type='bridge'>\n      <mac address='52:54:00:00:00:01'/>\n      <model type='virtio'/>\n    </interface>\n{balloon}  </devices>\n"
        + End;

    private string Read(string name) => File.ReadAllText(Path.Combine(_folder, name));

    private static string Same(string what, string one, string other) =>
        $"nv_domain_same {what} \"$nv_dir/{one}\" \"$nv_dir/{other}\"";

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
            $"LC_ALL=C; export LC_ALL\nexec 2>/dev/null\nawk() {{ {call} \"$@\"; }}\nnv_dir={_folder} nv_room={_folder}\n{DomainAction.Action.Script}\nnv_domain_parts ''\n{command}\n"
        );
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (output, process.ExitCode);
    }
}
