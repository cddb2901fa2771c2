using System.Diagnostics;
using NestVirt.Core.Tests.Transport.Shell;
using NestVirt.Linux.Files;

namespace NestVirt.Core.Tests.Linux.Files;

/// <summary>Real processes that have a device open, or a file that is called so that it might be taken for one.</summary>
[Trait("Category", "Security")]
public sealed class OpenFilesTests : IDisposable
{
    // A device that nothing else has open for long.
    private const string Device = "/dev/full";

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-").FullName;
    private readonly List<Process> _holders = [];

    public static TheoryData<string> Shells => [.. PosixShells.Installed];

    public void Dispose()
    {
        foreach (Process holder in _holders)
        {
            holder.Kill();
            holder.WaitForExit();
            holder.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Nv_open_files_finds_who_has_the_device_open_and_nobody_else(string shell)
    {
        Needs.Shell();
        Assert.SkipUnless(File.Exists(Device), $"this machine has no {Device}");
        int honest = Hold(Device);
        int sly = Hold(Made("y", "proc", "1", "fd:"), Device);
        foreach (string name in (string[])[Device, "anon_inode:kvm-vm"])
        {
            Hold(Made($"x -> {name}"));
            Hold(Made($"x\nlr-x------ 1 0 0 64 Jan  1 00:00 9 -> {name}"));
            Hold(Made($"x\n/proc/1/fd:\nlr-x------ 1 0 0 64 Jan  1 00:00 0 -> {name}"));
            Hold(Made($"x\n1\t0\t{name}"));
            Hold(Made(name));
        }

        HoldElsewhere();

        string[] found = await FindAsync(shell, $"^({Device}$|anon_inode:\\[?kvm-v)");

        Assert.Equal(
            ((string[])[$"{honest}\t{Device}", $"{sly}\t{Device}"]).Order(StringComparer.Ordinal),
            found.Order(StringComparer.Ordinal)
        );
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static async Task<string[]> FindAsync(string shell, string pattern)
    {
        string[] words = shell.Split(' ');
        ProcessStartInfo start = new(words[0], words[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["LC_ALL"] = "C";
        using Process process = Process.Start(start)!;
        await process.StandardInput.WriteAsync($"{OpenFiles.Script}\nnv_open_files '{pattern}'\n");
        process.StandardInput.Close();
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return Lines(output);
    }

    private string Made(params string[] names)
    {
        string path = Path.Join([_folder, .. names]);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, string.Empty);
        return path;
    }

    // The shell says that it has the files open before it becomes the sleep.
    private int Hold(params string[] files) =>
        Start("sh", ["-c", "exec 8<\"$1\" 9<\"${2-/dev/null}\"; echo; exec sleep 600", "sh", .. files]);

    private int Start(string program, string[] arguments)
    {
        Process holder = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        _holders.Add(holder);
        holder.StandardOutput.ReadLine();
        return holder.Id;
    }

    // Anybody may do this in a user namespace, where those are allowed.
    private void HoldElsewhere()
    {
        if (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Needs.IsOnPath("unshare"))
        {
            Start(
                "unshare",
                ["-m", "sh", "-c", "mount --bind /dev/zero \"$1\" && exec 9<\"$1\"; echo; exec sleep 600", "sh", Device]
            );
        }
    }
}
