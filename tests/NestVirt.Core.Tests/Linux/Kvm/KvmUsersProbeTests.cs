using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux.Kvm;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Linux.Kvm;

/// <summary>Who holds /dev/kvm is a guest where it has a virtual machine, and a program otherwise.</summary>
public sealed class KvmUsersProbeTests
{
    private const string Sleep = "user\t42\tsleep\n";
    private const string Qemu = "machine\t7\nuser\t7\tqemu-system-x86\nmachine\t7\n";
    private const string Libvirt = Qemu + "guest\t7\tweb\n";

    [Theory]
    [InlineData(Sleep, "in use by sleep (process 42, no guest).")]
    [InlineData(Qemu, "in use by qemu-system-x86 (process 7). These guests keep what they started with.")]
    [InlineData(Libvirt, "in use by guest web. These guests keep what they started with.")]
    [InlineData(
        Sleep + Libvirt,
        "in use by sleep (process 42, no guest), guest web. The guests among them keep what they started with."
    )]
    public async Task What_waits_calls_nothing_a_guest_that_has_no_virtual_machine(string users, string words)
    {
        Needs.Shell();
        using KvmTree host = new(isAmd: true);

        Finding pending = Assert.Single(Plan(await AnswersAsync(host, users), "kvm_amd", "nested", "0").Pending);

        Assert.EndsWith(words, pending.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Sleep, null)]
    [InlineData(Sleep + Libvirt, "guest web.")]
    [InlineData(Sleep + Qemu, "qemu-system-x86 (process 7).")]
    public async Task Only_guests_keep_the_old_value_of_a_parameter_that_is_written_now(string users, string? kept)
    {
        Needs.Shell();
        using KvmTree host = new(isAmd: true);
        File.SetAttributes($"{host.Boot.Tree.Path}/sys/module/kvm_amd/parameters/nested", FileAttributes.Normal);
        await MakeWritableAsync(host);

        ChangePlan plan = Plan(await AnswersAsync(host, users), "kvm_amd", "nested", "0");

        string? said = plan.Findings.FirstOrDefault(static one => one.Code == "GuestsKeepNesting")?.Message;
        Assert.Equal(kept, said?[(said.LastIndexOf(": ", StringComparison.Ordinal) + 2)..]);
    }

    private static async Task MakeWritableAsync(KvmTree host)
    {
        using System.Diagnostics.Process chmod = System.Diagnostics.Process.Start(
            "chmod",
            ["644", $"{host.Boot.Tree.Path}/sys/module/kvm_amd/parameters/nested"]
        );
        await chmod.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<ProbeAnswers> AnswersAsync(KvmTree host, string users)
    {
        ProbeAnswers answers = await host.Boot.Tree.ReadAsync([.. ModuleParameterPlanner.Probes]);
        answers.Set("kvmusers", new ProbeAnswer(users));
        return answers;
    }

    private static ChangePlan Plan(ProbeAnswers answers, string module, string parameter, string value) =>
        ModuleParameterPlanner.Plan(
            new HostTarget("tree", new TreeAddress("/none")),
            new ModuleParameterRequest(module, new Dictionary<string, string> { [parameter] = value }),
            answers
        );
}
