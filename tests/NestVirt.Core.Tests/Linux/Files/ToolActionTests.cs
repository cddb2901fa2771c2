using System.Runtime.Versioning;
using NestVirt.Changes;
using NestVirt.Core.Tests.Changes;
using NestVirt.Linux.Files;
using NestVirt.Linux.Worker;

namespace NestVirt.Core.Tests.Linux.Files;

/// <summary>The tool in these trees is a script of the test; in a tree the action runs it under chroot, so root alone can.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ToolActionTests : IDisposable
{
    private const string Menu = "/boot/grub/grub.cfg";
    private const string Defaults = "/etc/default/grub";
    private const string Image = "/boot/initrd.img-6.1";
    private readonly TreeChange _host = new();

    public ToolActionTests()
    {
        _host.Tree.Write("etc/default/grub", "old\n").Write("boot/grub/grub.cfg", "menu of\nold\n");
        _host.Tree.Write(
            "usr/sbin/update-grub",
            "#!/bin/sh\nread -r word </etc/default/grub\necho \"made of $word\"\n[ \"$word\" != bad ] || exit 3\nprintf 'menu of\\n%s\\n' \"$word\" >/boot/grub/grub.cfg\n"
        );
        File.SetUnixFileMode(_host.Tree.Path + "/usr/sbin/update-grub", (UnixFileMode)0b111_101_101);
    }

    [Fact]
    public async Task A_tool_runs_and_the_way_back_puts_its_files_back_byte_for_byte()
    {
        Needs.Root();
        await _host.WithShellAsync();
        byte[] before = File.ReadAllBytes(_host.Tree.Path + Menu);
        ChangePlan plan = _host.Plan(
            _host.File(Defaults, "new\n"),
            ToolAction.Plan("update-grub", Menu, null, "x", Menu)
        );

        ChangeReport applied = await _host.ApplyAsync(plan);
        string? made = _host.Text(Menu);
        ChangeReport undone = await _host.UndoAsync(plan, 1);

        Assert.Equal("applied", applied.State);
        Assert.Equal("made of new", applied.Steps[2].Output);
        Assert.Equal("menu of\nnew\n", made);
        Assert.Equal("undone", undone.State);
        Assert.Equal(before, File.ReadAllBytes(_host.Tree.Path + Menu));
        Assert.Equal(string.Empty, undone.Steps[2].Output);
    }

    [Fact]
    public async Task Files_that_were_written_again_since_are_made_anew_on_the_way_back()
    {
        Needs.Root();
        await _host.WithShellAsync();
        ChangePlan plan = _host.Plan(
            _host.File(Defaults, "new\n"),
            ToolAction.Plan("update-grub", Menu, null, "x", Menu)
        );
        await _host.ApplyAsync(plan);
        _host.Tree.Write("boot/grub/grub.cfg", "menu of\nnew\nand another kernel\n");

        ChangeReport undone = await _host.UndoAsync(plan, 1);

        Assert.Equal("made of old", undone.Steps[2].Output);
        Assert.Equal("menu of\nold\n", _host.Text(Menu));
    }

    [Fact]
    public async Task A_tool_that_fails_has_everything_put_back()
    {
        Needs.Root();
        await _host.WithShellAsync();
        ChangeReport report = await _host.ApplyAsync(
            _host.Plan(_host.File(Defaults, "bad\n"), ToolAction.Plan("update-grub", Menu, null, "x", Menu))
        );

        Assert.Equal(("rolled-back", 2), (report.State, report.FailedStep));
        Assert.Equal("old\n", _host.Text(Defaults));
        Assert.Equal("menu of\nold\n", _host.Text(Menu));
    }

    [Theory]
    [InlineData("exit 3", "update-grub ended with exit code 3")]
    [InlineData("echo no menu >&2; exit 127", "no menu\nupdate-grub ended with exit code 127")]
    [InlineData("echo Generating; exit 1", "Generating\nupdate-grub ended with exit code 1")]
    public async Task A_tool_that_fails_is_named_with_its_exit_code(string script, string said)
    {
        Needs.Root();
        await _host.WithShellAsync();
        _host.Tree.Write("usr/sbin/update-grub", $"#!/bin/sh\n{script}\n");

        ChangeReport report = await _host.ApplyAsync(_host.Plan(ToolAction.Plan("update-grub", Menu, null, "x", Menu)));

        Assert.Equal(("rolled-back", said), (report.State, report.Steps[1].Output));
    }

    [Theory]
    [InlineData(".new")]
    [InlineData(".dpkg-bak")]
    public async Task A_worker_killed_while_the_tool_wrote_is_taken_back_from_the_copies(string ending)
    {
        Needs.Root();
        await _host.WithShellAsync();
        ChangePlan plan = _host.Plan(
            _host.File(Defaults, "new\n"),
            ToolAction.Plan("update-grub", Menu, null, "x", Menu)
        );
        await _host.ApplyAsync(plan);
        File.Delete(_host.Tree.Path + "/var/lib/nestvirt/journal/1/2/after");
        _host
            .Tree.Write("boot/grub/grub.cfg", "menu of\nne")
            .Write("boot/grub/grub.cfg" + ending, "me")
            .Write("var/lib/nestvirt/journal/1/state", "applying\n");

        ChangeReport undone = await _host.UndoAsync(plan, 1);

        Assert.Equal("undone", undone.State);
        Assert.Equal("menu of\nold\n", _host.Text(Menu));
        Assert.Null(_host.Text(Menu + ending));
    }

    [Theory]
    [InlineData(".new")]
    [InlineData(".dpkg-bak")]
    public async Task What_lay_beside_the_files_of_a_tool_before_stays(string ending)
    {
        Needs.Root();
        await _host.WithShellAsync();
        _host.Tree.Write("boot/grub/grub.cfg" + ending, "somebody's");
        ChangePlan plan = _host.Plan(
            _host.File(Defaults, "new\n"),
            ToolAction.Plan("update-grub", Menu, null, "x", Menu)
        );
        await _host.ApplyAsync(plan);

        ChangeReport undone = await _host.UndoAsync(plan, 1);

        Assert.Equal(("undone", "somebody's"), (undone.State, _host.Text(Menu + ending)));
    }

    [Fact]
    public async Task A_tool_whose_files_cannot_be_seen_runs_again_on_the_way_back()
    {
        Needs.Root();
        await _host.WithShellAsync();
        ChangePlan plan = _host.Plan(_host.File(Defaults, "new\n"), ToolAction.Plan("update-grub", Menu, null, "x"));
        await _host.ApplyAsync(plan);

        ChangeReport undone = await _host.UndoAsync(plan, 1);
        // As if its worker had been ended at the last moment.
        _host.Tree.Write("var/lib/nestvirt/journal/1/state", "undoing\n");
        ChangeReport again = await _host.UndoAsync(plan, 1);

        Assert.Equal("made of old", undone.Steps[2].Output);
        Assert.Equal("menu of\nold\n", _host.Text(Menu));
        Assert.Equal(string.Empty, again.Steps[2].Output);
    }

    [Fact]
    public async Task Images_are_put_back_byte_for_byte_and_their_copies_go_with_the_next_change()
    {
        Needs.Root();
        await _host.WithShellAsync();
        ChangePlan plan = WithImage();
        byte[] before = File.ReadAllBytes(_host.Tree.Path + Image);
        string kept = _host.Tree.Path + "/var/lib/nestvirt/journal/1/2/kept";

        await _host.ApplyAsync(plan);
        string made = FirstOf(Image);
        bool isKept = Directory.Exists(kept);
        await _host.UndoAsync(plan, 1);

        Assert.Equal("new", made);
        Assert.Equal(before, File.ReadAllBytes(_host.Tree.Path + Image));
        Assert.True(isKept);
        await _host.ApplyAsync(plan);
        Assert.False(Directory.Exists(kept));
    }

    [Fact]
    public async Task Images_that_the_disk_has_no_room_for_are_built_again_on_the_way_back()
    {
        Needs.Root();
        await _host.WithShellAsync();
        ChangePlan plan = WithImage();
        _host.Tree.Write("full/df", "#!/bin/sh\necho header\necho /dev/vda1 9000000 8500000 500000 95% /\n");
        File.SetUnixFileMode(_host.Tree.Path + "/full/df", (UnixFileMode)0b111_101_101);
        string full = $"PATH={_host.Tree.Path}/full:$PATH\n";

        ChangeReport failed = await _host.RunAsync(
            full + Apply(_host.Plan(_host.File(Defaults, "bad\n"), plan.Changes[1]))
        );
        await _host.RunAsync(full + Apply(plan));
        string made = FirstOf(Image);
        ChangeReport undone = await _host.UndoAsync(plan, 2);

        Assert.Equal(("rolled-back", 2), (failed.State, failed.FailedStep));
        Assert.Equal("new", made);
        Assert.Equal("-u -k all of old", undone.Steps[2].Output);
        Assert.Equal("old", FirstOf(Image));
    }

    [Fact]
    public async Task Copies_go_back_to_the_names_that_they_had()
    {
        Needs.Root();
        await _host.WithShellAsync();
        _host.Tree.Write("boot/initrd.img-6.2", "other\n");
        ChangePlan plan = WithImage();
        await _host.ApplyAsync(plan);

        // The worker was killed while the tool wrote, and another kernel has come since, before the others.
        File.Delete(_host.Tree.Path + "/var/lib/nestvirt/journal/1/2/after");
        _host.Tree.Write("boot/initrd.img-6.0", "new kernel\n").Write("var/lib/nestvirt/journal/1/state", "applying\n");
        await _host.UndoAsync(plan, 1);

        Assert.Equal("new kernel", FirstOf("/boot/initrd.img-6.0"));
        Assert.Equal("old", FirstOf(Image));
        Assert.Equal("other", FirstOf("/boot/initrd.img-6.2"));
    }

    [Fact]
    public async Task A_tool_that_is_not_known_is_not_run()
    {
        _host.Tree.Write("bin/reboot", "#!/bin/sh\n");

        ChangeReport report = await _host.ApplyAsync(_host.Plan(ToolAction.Plan("reboot", "x", null, "x", Menu)));

        Assert.Equal("rolled-back", report.State);
        Assert.Equal("no tool is known as reboot", report.Steps[1].Output);
    }

    public void Dispose() => _host.Dispose();

    private static string Apply(ChangePlan plan) => ChangeScript.Apply(plan, "tester@desk", allowSudo: false);

    private ChangePlan WithImage()
    {
        _host
            .Tree.Write("boot/initrd.img-6.1", "old\n" + new string(' ', 5_000_000))
            .Write(
                "usr/sbin/update-initramfs",
                "#!/bin/sh\nread -r word </etc/default/grub\necho \"$* of $word\"\n[ \"$word\" != bad ] || exit 1\nprintf '%s\\n%5000000s' \"$word\" '' >/boot/initrd.img-6.1\n"
            );
        File.SetUnixFileMode(_host.Tree.Path + "/usr/sbin/update-initramfs", (UnixFileMode)0b111_101_101);
        return _host.Plan(
            _host.File(Defaults, "new\n"),
            ToolAction.Plan("update-initramfs", "initramfs", null, "x", "/boot/initrd.img-*")
        );
    }

    private string FirstOf(string path) => File.ReadLines(_host.Tree.Path + path).First();
}
