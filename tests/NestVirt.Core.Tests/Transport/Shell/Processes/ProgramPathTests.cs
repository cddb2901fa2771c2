using NestVirt.Transport.Shell.Processes;

namespace NestVirt.Core.Tests.Transport.Shell.Processes;

public sealed class ProgramPathTests
{
    [Theory]
    [Trait("Category", "Security")]
    [InlineData("ssh", "/opt/bin:/usr/bin", "/usr/bin/ssh", "/usr/bin/ssh")]
    [InlineData("ssh", "/opt/bin/:/usr/bin", "/opt/bin/ssh /usr/bin/ssh", "/opt/bin/ssh")]
    [InlineData("ssh", ":/usr/bin", "ssh ./ssh /ssh", null)]
    [InlineData("ssh", "/usr/bin:", "ssh ./ssh /ssh", null)]
    [InlineData("ssh", "/a::/b", "ssh ./ssh /ssh", null)]
    [InlineData("ssh", ".:bin:./bin:../bin:~/bin", "./ssh bin/ssh ./bin/ssh ../bin/ssh ~/bin/ssh", null)]
    [InlineData("ssh", "", "ssh ./ssh /ssh", null)]
    [InlineData("ssh", null, "ssh ./ssh /ssh", null)]
    [InlineData("./ssh", "/usr/bin", "./ssh /usr/bin/./ssh", null)]
    [InlineData("bin/ssh", "/usr", "bin/ssh /usr/bin/ssh", null)]
    [InlineData("", "/usr/bin", "/usr/bin/", null)]
    [InlineData("/bin/sh", "", "/bin/sh", "/bin/sh")]
    [InlineData("/bin/sh", "/usr/bin", "/usr/bin/sh", null)]
    public void Find_looks_in_absolute_folders_alone(string program, string? path, string files, string? found) =>
        Assert.Equal(found, ProgramPath.Find(program, path, pathExtensions: null, files.Split(' ').Contains));

    [Theory]
    [Trait("Category", "Security")]
    [InlineData("ssh", @"C:\Windows;D:\OpenSSH", @"D:\OpenSSH\ssh.exe", @"D:\OpenSSH\ssh.exe")]
    [InlineData("ssh.exe", @"D:\OpenSSH\", @"D:\OpenSSH\ssh.exe", @"D:\OpenSSH\ssh.exe")]
    [InlineData("ssh", @"""D:\Open SSH"";C:\", @"D:\Open SSH\ssh.exe", @"D:\Open SSH\ssh.exe")]
    [InlineData("ssh", @"\\server\tools", @"\\server\tools\ssh.com", @"\\server\tools\ssh.com")]
    [InlineData("ssh", @"C:\a", @"C:\a\ssh.com|C:\a\ssh.exe", @"C:\a\ssh.com")]
    [InlineData("ssh", @"C:\a", @"C:\a\ssh|C:\a\ssh.bat|C:\a\ssh.cmd|C:\a\ssh.vbs", null)]
    [InlineData(
        "ssh",
        @".;bin;C:bin;\bin;;",
        @"ssh.exe|.\ssh.exe|bin\ssh.exe|C:bin\ssh.exe|\bin\ssh.exe|\ssh.exe",
        null
    )]
    [InlineData(@".\ssh", @"C:\a", @".\ssh.exe|C:\a\.\ssh.exe", null)]
    [InlineData("C:ssh", @"C:\a", @"C:ssh.exe", null)]
    [InlineData(@"C:\a\ssh", "", @"C:\a\ssh.exe", @"C:\a\ssh.exe")]
    public void Find_does_so_on_Windows(string program, string path, string files, string? found) =>
        Assert.Equal(found, ProgramPath.Find(program, path, ".COM;.EXE;.BAT;.CMD;.VBS", files.Split('|').Contains));

    [Theory]
    [InlineData("")]
    [InlineData(".BAT;.CMD")]
    public void Find_takes_programs_on_Windows_where_PATHEXT_names_none(string extensions) =>
        Assert.Equal(
            @"C:\a\ssh.exe",
            ProgramPath.Find("ssh", @"C:\a", extensions, static file => file == @"C:\a\ssh.exe")
        );

    [Fact]
    public void Find_passes_over_what_cannot_be_run()
    {
        Needs.Shell();
        string folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "text"), string.Empty);
            Directory.CreateDirectory(Path.Combine(folder, "folder"));

            Assert.Null(ProgramPath.Find(Path.Combine(folder, "text")));
            Assert.Null(ProgramPath.Find(Path.Combine(folder, "folder")));
            Assert.Equal("/bin/sh", ProgramPath.Find("/bin/sh"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
