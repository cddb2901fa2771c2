using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text.Json;
using NestVirt.Core.Tests;
using NestVirt.Core.Tests.Transport.Shell.OpenSsh;
using NestVirt.Hosts;

namespace NestVirt.Cli.Tests;

/// <summary>An estate of which some hosts were taken over.</summary>
[Trait("Category", "Security")]
[UnsupportedOSPlatform("windows")]
public sealed class HostileHostsTests : IDisposable
{
    private const int MostKilobytes = 150 << 10;

    // Enough for 12 MiB of a host that floods, where twenty log-ins share a machine with the lab.
    private const string Seconds = "40";
    private static readonly string[] s_attacks = ["flood", "hang", "lie", "stall"];

    private readonly HostTree _tree = new HostTree().Add("amd-unloaded");
    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-hostile-").FullName;

    [Fact]
    public async Task Four_bad_hosts_of_twenty_are_four_errors_and_cost_little_memory()
    {
        Needs.Sshd();
        HostTarget good = SshServer.Shared.TargetWithCommand($"NESTVIRT_ROOT={_tree.Path} exec /bin/sh");
        string[] inventory = ["--inventory", WriteInventory(good)];
        string[] options = [.. good.SshOptions.SelectMany(static option => new[] { "--ssh-option", option })];

        Process process = CliProgram.Start([
            "support",
            .. inventory,
            .. options,
            "--timeout",
            Seconds,
            "--output",
            "json",
        ]);
        Task<long> most = PeakAsync(process.Id);
        CliResult result = await CliProgram.FinishAsync(process);

        using JsonDocument document = JsonDocument.Parse(result.Output);
        Assert.Equal(
            Enumerable.Range(10, 16).Select(static number => $"good-{number}"),
            document
                .RootElement.GetProperty("results")
                .EnumerateArray()
                .Select(static one => one.GetProperty("hostName").GetString())
                .Order(StringComparer.Ordinal)
        );
        string[] expected =
        [
            "flood ProbeOutputInvalid: The host's answer is too long: more than 12 MiB.",
            $"hang HostTimeout: The host did not answer within {Seconds} s.",
            "lie ProbeOutputInvalid: The host's answer ends before the probe script does.",
            $"stall HostTimeout: The host did not finish its answer within {Seconds} s.",
        ];
        Assert.Equal(
            expected,
            document
                .RootElement.GetProperty("errors")
                .EnumerateArray()
                .Select(static one =>
                    $"{one.GetProperty("hostName")} {one.GetProperty("id")}: {one.GetProperty("message")}"
                )
                .Order(StringComparer.Ordinal)
        );
        Assert.Equal(3, result.ExitCode);
        Assert.InRange(await most, 1, MostKilobytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tree.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string WriteInventory(HostTarget good)
    {
        string script = Path.Combine(Repository.Folder, "tests", "fakes", "hostile.sh");
        var hosts = Enumerable
            .Range(10, 16)
            .Select(number => (Name: $"good-{number}", Target: good))
            .Concat(
                s_attacks.Select(attack =>
                    (Name: attack, Target: SshServer.Shared.TargetWithCommand($"exec sh {script} {attack}"))
                )
            )
            .Select(static host => new
            {
                name = host.Name,
                address = host.Target.Name,
                user = host.Target.UserName,
                port = host.Target.Port,
                identity = host.Target.KeyFilePath,
            });
        string path = Path.Combine(_folder, "hosts.json");
        File.WriteAllText(path, JsonSerializer.Serialize(new { hosts }));
        return path;
    }

    // The kernel keeps the peak; it is gone with the process, so it is looked at until then.
    private static async Task<long> PeakAsync(int id)
    {
        const string Field = "VmHWM:";
        long most = 0;
        try
        {
            while (
                (await File.ReadAllLinesAsync($"/proc/{id}/status")).FirstOrDefault(static line =>
                    line.StartsWith(Field, StringComparison.Ordinal)
                )
                    is { } line
            )
            {
                most = long.Parse(line[Field.Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture);
                await Task.Delay(20);
            }
        }
        catch (IOException)
        {
            // It has ended.
        }

        return most;
    }
}
