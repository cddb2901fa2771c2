using NestVirt.Linux.Guests;
using NestVirt.Linux.Kvm;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Linux.Guests;

/// <summary>What KVM's statistics tell of a guest, and what they do not.</summary>
public sealed class GuestUseTests
{
    private const string Users = "user\t449\tqemu-system-x86\nguest\t449\tweb\n";

    // As files of debugfs on a host with Linux 6.1, whose guest ran a nested guest for ever, for a moment, and none.
    [Theory]
    [InlineData("1\n", "1\n", true, true, 1L)]
    [InlineData("1\n", "0\n", false, true, 1L)]
    [InlineData("0\n", "0\n", false, false, 0L)]
    // Before Linux 5.14; before 5.13; a kernel that is locked down, where nested_run is not to be read.
    [InlineData("7\n", null, null, true, 7L)]
    [InlineData(null, null, null, null, null)]
    [InlineData(null, "0\n", false, null, null)]
    [InlineData(null, "2\n", true, true, null)]
    // What no kernel writes.
    [InlineData("-1\n", "yes\n", null, null, null)]
    [InlineData("99999999999999999999\n", "\n", null, null, null)]
    public async Task A_guest_is_told_with_what_the_kernel_tells(
        string? runs,
        string? mode,
        bool? isInside,
        bool? wasUsed,
        long? count
    )
    {
        Needs.Shell();
        using HostTree host = new();
        host.Write("sys/kernel/debug/kvm/449-9/exits", "4\n").Write("sys/kernel/debug/kvm/exits", "4\n");
        Write(host, "449-9", runs, mode);

        GuestUse use = (await ReadAsync(host))["web"];

        Assert.Equal((isInside, wasUsed, count), (use.IsInside, use.WasUsed, use.RunCount));
    }

    [Fact]
    public async Task Machines_of_one_process_are_told_together_and_those_of_others_are_not_told()
    {
        Needs.Shell();
        using HostTree host = new();
        Write(host, "449-9", "3\n", "0\n");
        Write(host, "449-12", "4\n", "1\n");
        Write(host, "4490-9", "100\n", "1\n");

        KeyValuePair<string, GuestUse> one = Assert.Single(await ReadAsync(host));

        Assert.Equal(new KeyValuePair<string, GuestUse>("web", new GuestUse(7, true)), one);
    }

    [Theory]
    [InlineData("0\n", "0\n", null, "0\n", null, false)]
    [InlineData("0\n", "0\n", "0\n", null, 0L, null)]
    [InlineData("5\n", null, "0\n", "1\n", 5L, true)]
    public async Task What_one_machine_does_not_tell_is_unknown_of_all(
        string? runs,
        string? mode,
        string? otherRuns,
        string? otherMode,
        long? count,
        bool? isInside
    )
    {
        Needs.Shell();
        using HostTree host = new();
        Directory.CreateDirectory($"{host.Path}/sys/kernel/debug/kvm/449-12");
        Write(host, "449-9", runs, mode);
        Write(host, "449-12", otherRuns, otherMode);

        Assert.Equal(new GuestUse(count, isInside), (await ReadAsync(host))["web"]);
    }

    [Fact]
    public async Task Where_KVM_tells_nothing_nothing_is_known()
    {
        Needs.Shell();
        using HostTree host = new();

        Assert.Empty(await ReadAsync(host));
    }

    [Theory]
    [InlineData("use\t449-9\t3\n")]
    [InlineData("use\t449-9\t3\t0\t1\n")]
    [InlineData("use\t-9\t3\t0\n")]
    [InlineData("other\t449-9\t3\t0\n")]
    public void What_is_not_of_the_form_tells_nothing(string text) => Assert.Empty(GuestUse.Read(Answers(text, Users)));

    [Fact]
    public void Who_may_not_look_knows_nothing()
    {
        Assert.Empty(GuestUse.Read(new ProbeAnswers(new Dictionary<string, ProbeAnswer>())));
        Assert.Empty(GuestUse.Read(Answers("use\t449-9\t3\t1\n", "user\t449\tqemu-system-x86\n")));
    }

    private static async Task<IReadOnlyDictionary<string, GuestUse>> ReadAsync(HostTree host) =>
        GuestUse.Read(Answers((await host.ReadAsync(GuestUseProbe.Probe))[GuestUseProbe.Probe].Text, Users));

    private static ProbeAnswers Answers(string use, string users) =>
        new(
            new Dictionary<string, ProbeAnswer>
            {
                [GuestUseProbe.Probe.Name] = new(use),
                [KvmUsersProbe.Probe.Name] = new(users),
            }
        );

    private static void Write(HostTree host, string machine, string? runs, string? mode)
    {
        foreach ((string name, string? text) in new[] { ("nested_run", runs), ("guest_mode", mode) })
        {
            if (text is not null)
            {
                host.Write($"sys/kernel/debug/kvm/{machine}/{name}", text);
            }
        }
    }
}
