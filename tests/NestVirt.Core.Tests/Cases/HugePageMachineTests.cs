using NestVirt.Changes;
using NestVirt.Model;

namespace NestVirt.Core.Tests.Cases;

/// <summary>Huge pages that the boot was to make, and that are not there.</summary>
public sealed class HugePageMachineTests
{
    private const string Code = "HugePagesFewer";
    private const string Mega = "/sys/kernel/mm/hugepages/hugepages-2048kB";
    private const string Giga = "/sys/kernel/mm/hugepages/hugepages-1048576kB";
    private const long GigaKiB = 1024 * 1024;

    [Fact]
    public async Task Fewer_than_asked_for_is_told_by_support_and_by_the_change()
    {
        using ReportedMachine machine = ReportedMachine.Build("hugepages-fewer");

        Finding told = ReportedMachine.One((await machine.SupportAsync()).Reasons, Code);
        ChangePlan plan = await machine.PlanAsync(new HugePageRequest(GigaKiB, 12));

        Assert.Equal($"/proc/cmdline: hugepagesz=1G hugepages=16; {Giga}/nr_hugepages: 11", told.Evidence);
        Assert.Equal("16 huge pages of 1 GiB are asked for at boot, and there are 11.", told.Message);
        Assert.StartsWith("Ask for fewer", told.Remedy, StringComparison.Ordinal);
        Assert.Equal(told.Evidence, ReportedMachine.One(plan.Findings, Code).Evidence);
        Assert.DoesNotContain(
            (await machine.PlanAsync(new HugePageRequest(2048, 1000))).Findings,
            static finding => finding.Code == Code
        );
    }

    [Theory]
    [InlineData(
        "hugepagesz=1G hugepages=0:8,1:8",
        $"/proc/cmdline: hugepagesz=1G hugepages=0:8,1:8; {Giga}/nr_hugepages: 11",
        "Ask for fewer: at boot"
    )]
    [InlineData("hugepages=2000 hugepagesz=1G hugepages=11", null, null)]
    [InlineData(
        "default_hugepagesz=1G hugepages=12",
        $"/proc/cmdline: default_hugepagesz=1G hugepages=12; {Giga}/nr_hugepages: 11",
        "Ask for fewer: at boot"
    )]
    [InlineData(
        "hugepagesz=1G hugepages=64",
        $"/proc/cmdline: hugepagesz=1G hugepages=64; {Giga}/nr_hugepages: 11",
        "Ask for fewer: the memory of the host has room for 31"
    )]
    [InlineData(
        "hugetlb_cma=16G hugepagesz=1G hugepages=16",
        $"/proc/cmdline: hugepagesz=1G hugepages=16; {Giga}/nr_hugepages: 11",
        "The kernel keeps memory for them (hugetlb_cma=)"
    )]
    [InlineData(
        "hugepagesz=16M hugepages=4",
        "/proc/cmdline: hugepagesz=16M hugepages=4; /sys/kernel/mm/hugepages/hugepages-16384kB is not there",
        "Ask for a size that it has: 2 MiB, 1 GiB."
    )]
    [InlineData("hugepagesz=1G hugepages=11", null, null)]
    [InlineData("quiet", null, null)]
    public async Task The_words_of_the_command_line_are_read_as_the_kernel_does(
        string words,
        string? evidence,
        string? remedy
    )
    {
        using ReportedMachine machine = ReportedMachine.Build("hugepages-fewer");
        machine.With("proc/cmdline", $"ro {words}\n");

        Finding? told = (await machine.SupportAsync()).Reasons.SingleOrDefault(static reason => reason.Code == Code);

        Assert.Equal(evidence, told?.Evidence);
        Assert.Equal(remedy, told?.Remedy?[..remedy!.Length]);
    }

    [Theory]
    [InlineData(
        "etc/sysctl.d/99-more.conf",
        "vm.nr_hugepages=2048",
        "/etc/sysctl.d/99-more.conf:1: vm.nr_hugepages=2048",
        $"{Mega}/nr_hugepages: 1024"
    )]
    [InlineData(
        "usr/lib/sysctl.d/99-more.conf",
        "vm/nr_hugepages = 2048",
        "/usr/lib/sysctl.d/99-more.conf:1: vm/nr_hugepages = 2048",
        $"{Mega}/nr_hugepages: 1024"
    )]
    [InlineData(
        "etc/tmpfiles.d/g.conf",
        $"w! {Giga}/nr_hugepages - - - - 13",
        $"/etc/tmpfiles.d/g.conf:1: w! {Giga}/nr_hugepages - - - - 13",
        $"{Giga}/nr_hugepages: 11"
    )]
    [InlineData("etc/sysctl.d/30-early.conf", "vm.nr_hugepages=2048", null, null)]
    [InlineData("etc/sysctl.d/99-fewer.conf", "vm.nr_hugepages=512", null, null)]
    public async Task Files_of_the_boot_are_read_and_the_kernel_is_to_reserve_them_earlier(
        string path,
        string line,
        string? evidence,
        string? pool
    )
    {
        using ReportedMachine machine = ReportedMachine.Build("hugepages-fewer");
        machine.With("proc/cmdline", "ro hugepages=1500\n").With(path, line + "\n");
        Finding? told = (await machine.SupportAsync()).Reasons.SingleOrDefault(static reason => reason.Code == Code);

        Assert.Equal(evidence is null ? null : $"{evidence}; {pool}", told?.Evidence);
        Assert.Equal(
            evidence is not null,
            told?.Remedy?.StartsWith("Have the kernel reserve them", StringComparison.Ordinal) is true
        );
    }
}
