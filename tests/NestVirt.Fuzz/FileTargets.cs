using System.Text;
using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux.Boot;
using NestVirt.Linux.DomainXml;
using NestVirt.Linux.Files;
using NestVirt.Linux.Initramfs;
using NestVirt.Linux.Modprobe;
using NestVirt.Linux.Worker;
using NestVirt.Probing;
using NestVirt.Text;
using NestVirt.Transport.Recorded;
using NestVirt.Transport.Shell.OpenSsh;

namespace NestVirt.Fuzz;

/// <summary>Editors of the files of hosts, with what each of them promises, and readers of files and words of users.</summary>
internal static class FileTargets
{
    private static readonly KernelWordChange s_change = new(["intel_iommu=on", "iommu=pt"], ["quiet", "amd_iommu"]);

    private static readonly Dictionary<string, string> s_nested = new() { ["nested"] = "1" };

    /// <summary>Gets the targets.</summary>
    internal static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new(
            "edit-modprobe",
            [
                "options kvm_intel nested=0 ept=1\n# c\nblacklist x\noptions kvm ignore_msrs=1 \\\n report=0\n",
                "install a /bin/true\r\noptions kvm-intel nested=N\r\n",
                "options kvm_intel nested=0\\",
            ],
            EditModprobe
        ),
        new(
            "edit-cmdline",
            ["root=/dev/sda1 quiet splash\n", "# c\n\nconsole=ttyS0 amd_iommu=on -- single\r\n", "a=\"b c\" quiet"],
            static text =>
                Edited(
                    text,
                    static text => CmdlineFileEditor.Edit(text, s_change),
                    static text => s_change.IsMet(CmdlineFileEditor.Line(text))
                )
        ),
        new(
            "edit-loader-entry",
            [
                "title Debian\nlinux /vmlinuz\noptions root=/dev/sda1 quiet\noptions splash\n",
                "title F\nlinux /v\ninitrd /i\n",
                "linux /v\noptions $kernelopts $tuned_params\n",
            ],
            static text => Edited(text, static text => LoaderEntryEditor.Edit(text, s_change), static _ => true)
        ),
        new(
            "edit-grub-environment",
            ["# GRUB Environment Block\nsaved_entry=0\nkernelopts=root=/dev/sda1 quiet \n" + new string('#', 950)],
            static text =>
                Edited(text, static text => GrubEnvironmentEditor.Edit(text, s_change) ?? text, static _ => true)
        ),
        new(
            "edit-grub-default",
            [
                "GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet splash\"\nGRUB_CMDLINE_LINUX=\"\"\n",
                "GRUB_CMDLINE_LINUX='a \"b\"'\nGRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT iommu=off\"\n",
                "if [ a ]; then GRUB_CMDLINE_LINUX=$(cat x) ; fi\nGRUB_CMDLINE_LINUX+=\" b\"\n",
            ],
            EditGrubDefault
        ),
        new(
            "edit-domain-xml",
            [
                "<domain type='kvm'>\n  <name>a&amp;b</name>\n  <!-- c -->\n  <vcpu>2</vcpu>\n  <cpu mode='custom' match=\"exact\">\n    <model>q</model>\n    <feature name='vmx' policy='disable'/>\n  </cpu>\n</domain>\n",
                "<domain><features><hyperv/></features><![CDATA[<cpu>]]><q:cpu xmlns:q='u'/><clock/></domain>",
            ],
            EditDomainXml
        ),
        new("edit-settings", ["[Match]\nName=a\n[SR-IOV]\nVirtualFunction=0\n"], EditSettings),
        new(
            "shell-assignments",
            ["drivers+=\" vfio vfio_pci \"\nMODULES=(a b 'c d')\nif a; then x=`b`; fi\ny=${z:-q}\n", "drivers=(a b\n"],
            ReadShell
        ),
        new(
            "grub-menu",
            [
                "set default=\"0\"\nset x=a\nmenuentry 'A' {\n linux /v root=$x quiet\n}\nif [ a = b ]; then\n set x=$x$x\nfi\n",
            ],
            static text => GrubConfig.Parse(text.Split('\n'))
        ),
        new(
            "loader-entry",
            ["title A\nlinux /v\noptions a b\nversion 1\n"],
            static text => LoaderEntry.Parse(new ListedFile("/boot/loader/entries/a.conf", text.Split('\n')))
        ),
        new(
            "modprobe-file",
            ["options a b=c \\\n d=\"e f\"\nalias x y\nsoftdep a pre: b\ninstall c /bin/d\n"],
            static text => ModprobeFile.Parse("/etc/modprobe.d/a.conf", text.Split('\n'))
        ),
        new(
            "modprobe-command-line",
            ["kvm.nested=1 kvm-intel.ept=\"0\" module_blacklist=a,b"],
            static text => ModprobeCommandLine.Read(text)
        ),
        new("kernel-words", ["quiet a=\"b c\" -- init"], static text => KernelArgument.Split(text).Count()),
        new("plan", [SamplePlan()], static text => PlanDocument.ReadAll(text, "plan.json")),
        new(
            "inventory",
            [
                "{\"hosts\":[{\"name\":\"a\",\"address\":\"root@a:22\",\"port\":22}],\"groups\":{\"lab\":{\"hosts\":[\"a\"],\"user\":\"b\"}}}",
            ],
            static text => HostInventory.Read(Encoding.UTF8.GetBytes(text), "hosts.json", isTrusted: false)
        ),
        new(
            "host-word",
            ["root@kvm1:2222", "[fe80::1]:22", "ssh://a", "wsman:b"],
            static text => HostTarget.TryParse(text, out _)
        ),
        new(
            "change-report",
            ["id 1\nbegin 1\ndone 1\n|out\nstate applied\n", "differs 1 abc\nlocked x\nblocked 2\n|y\n"],
            static text => _ = ChangeReport.Parse(text)
        ),
        new(
            "ssh-words",
            ["ssh: connect to host a port 22: Connection refused\n", "Permission denied (publickey,password).\n"],
            static text => _ = SshFailure.Explain(255, text)
        ),
        new(
            "ssh-config",
            ["Host a b*\n  HostName c\nMatch exec d\n", "|1|abc=|def= ssh-rsa AAA\n[a]:22 ssh-ed25519 B\n"],
            ReadSshFiles
        ),
        new(
            "serials",
            ["03 00 01 00\n00 11 22\n", "a\n- 00 01 02\n\n-\n\n"],
            static text => ConfigSerials.Remove(text)
        ),
        new("pattern", ["*.conf\nabc.conf", "[!a-z]?*\nxyz", "*[a][a]b\naaaaaaaaaaaaaaaa"], Match),
        new(
            "cpu-list",
            ["0-3,8,10-11", "ffffffff,00000001"],
            static text =>
            {
                _ = CpuList.Count(text);
                _ = CpuList.FromMask(text);
            }
        ),
        new(
            "secrets",
            [
                "password_pbkdf2 root grub.pbkdf2.sha512.10000.AA.BB\nrd.iscsi.password=x rd.luks.key=/k a://u:p@h\n",
                "options x psk=\"a b\" token=c\n[wifi-security]\npsk=d\nsystemd.set_credential=a:b $6$salt$hash\n",
            ],
            static text =>
                Promise(SecretText.Hide(SecretText.Hide(text)) == SecretText.Hide(text), "a mark is marked again")
        ),
        new("display", ["a\u202eb\ud83d\ude00\u001b[31m"], static text => _ = HostText.ForDisplay(text, 200)),
        new("probe-output", ["@token lscpu ok\na\n@token end\n"], static text => _ = ProbeListing.Parse("x", text)),
        new("diff", ["a\nb\nc\n\u0000a\nc\nd\n"], Diff),
    ];

    private static string SamplePlan() =>
        PlanDocument.Write(
            new ChangePlan(
                new HostTarget("kvm1", new SshAddress("kvm1")),
                new NestingRequest(Enable: true),
                new HostIdentity("machine", "boot", "6.1"),
                [FileAction.Plan("/etc/modprobe.d/nestvirt.conf", null, "options kvm_intel nested=1\n")!]
            )
        );

    private static void Edited(string text, Func<string, string> edit, Func<string, bool> isMet)
    {
        string once = edit(text);
        Promise(edit(once) == once, "an edit is made twice");
        Promise(isMet(once), "what was written is not read back");
    }

    private static void EditDomainXml(string text)
    {
        CpuChange change = new()
        {
            Nesting = true,
            Extension = "vmx",
            WindowsHypervisor = true,
        };
        Edited(text, text => CpuEditor.Edit(DomainDocument.Parse(text), change).Document.Text, static _ => true);
    }

    private static void EditModprobe(string text)
    {
        string once = ModprobeEditor.SetOptions(text, "kvm_intel", s_nested);
        Promise(ModprobeEditor.SetOptions(once, "kvm_intel", s_nested) == once, "an edit is made twice");
        ModuleSetting? read = ModprobeFile
            .Parse("/etc/modprobe.d/a.conf", once.Split('\n'))
            .Directives.Where(static line => line is { Command: "options", Module: "kvm_intel" })
            .SelectMany(static line => ModuleSetting.Split(line.Arguments, "a", "b"))
            .LastOrDefault(static setting => setting.Name == "nested");
        Promise(read?.Value == "1", "what was written is not read back");
        string gone = ModprobeEditor.CommentOut(text, "kvm_intel", ["nested"]);
        Promise(ModprobeEditor.CommentOut(gone, "kvm_intel", ["nested"]) == gone, "a comment is made twice");
        Promise(
            !ModprobeFile
                .Parse("/etc/modprobe.d/a.conf", gone.Split('\n'))
                .Directives.Where(static line => line is { Command: "options", Module: "kvm_intel" })
                .SelectMany(static line => ModuleSetting.Split(line.Arguments, "a", "b"))
                .Any(static setting => setting.Name == "nested"),
            "what was taken away is still read"
        );
    }

    private static void EditGrubDefault(string text)
    {
        Dictionary<string, string> files = new() { [GrubDefaultEditor.MainFile] = text };
        GrubDefaultEdit edit = GrubDefaultEditor.Edit(files, readsFolder: false, s_change);
        if (
            edit.Broken is null
            && edit.Obstacle is null
            && edit.Files.TryGetValue(GrubDefaultEditor.MainFile, out string? once)
        )
        {
            files[GrubDefaultEditor.MainFile] = once;
            GrubDefaultEdit again = GrubDefaultEditor.Edit(files, readsFolder: false, s_change);
            Promise(again.Broken is null, "an edit leaves what no shell reads");
            Promise(again.Files.Count == 0, "an edit is made twice");
        }
    }

    private static void EditSettings(string text)
    {
        Func<string, bool> isMeant = static line => line.StartsWith("Name", StringComparison.Ordinal);
        string? once = SettingText.Set(text, isMeant, "Name=b");
        Promise(SettingText.Set(once, isMeant, "Name=b") == once, "an edit is made twice");
        string gone = SettingText.CommentOut(text, isMeant);
        Promise(SettingText.CommentOut(gone, isMeant) == gone, "a comment is made twice");
    }

    private static void ReadShell(string text)
    {
        _ = ShellAssignments.Read(text, out _).Count;
        _ = ShellLists
            .Read([new RawFile("/etc/dracut.conf", Encoding.UTF8.GetBytes(text))], "drivers", "MODULES")
            .Count;
    }

    private static void ReadSshFiles(string text)
    {
        _ = SshNames.InConfig(text.Split('\n')).Count();
        _ = SshNames.InKnownHosts(text.Split('\n')).Count();
    }

    private static void Match(string text)
    {
        string[] halves = text.Split('\n', 2);
        _ = ShellPattern.IsMatch(halves[0], halves.Length > 1 ? halves[1] : string.Empty);
    }

    private static void Diff(string text)
    {
        string[] halves = text.Split('\0', 2);
        _ = TextDiff.Compare(halves[0], halves.Length > 1 ? halves[1] : string.Empty).Count;
    }

    private static void Promise(bool isKept, string what)
    {
        if (!isKept)
        {
            throw new BrokenPromiseException(what);
        }
    }
}
