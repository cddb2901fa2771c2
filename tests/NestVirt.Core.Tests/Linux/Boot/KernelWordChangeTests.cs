using NestVirt.Linux.Boot;

namespace NestVirt.Core.Tests.Linux.Boot;

public sealed class KernelWordChangeTests
{
    [Theory]
    [InlineData("quiet", "a=1", "quiet a=1")]
    [InlineData("a=0 quiet", "a=1", "a=1 quiet")]
    [InlineData("a=0 quiet a=2", "a=1", "quiet a=1")]
    [InlineData("a=1 quiet a=1", "a=1", "a=1 quiet a=1")]
    [InlineData("kvm-amd.nested=1", "kvm_amd.nested=0", "kvm_amd.nested=0")]
    [InlineData("quiet -- single", "a=1", "quiet a=1 -- single")]
    [InlineData("x=\"a b\" a=0", "a=1", "x=\"a b\" a=1")]
    [InlineData("console=tty0", "console=ttyS0,115200", "console=tty0 console=ttyS0,115200")]
    [InlineData("console=tty0 quiet", "console=tty0", "console=tty0 quiet")]
    [InlineData("pci=noaer", "pci=realloc", "pci=noaer pci=realloc")]
    [InlineData("", "a=1", "a=1")]
    [InlineData("ro ", "a", "ro a ")]
    public void A_word_is_set(string line, string word, string expected)
    {
        KernelWordChange change = new([word], []);

        Assert.Equal(expected, CommandLineText.Edit(line, change));
        Assert.Equal(expected, CommandLineText.Edit(expected, change));
        Assert.True(change.IsMet(expected));
    }

    [Theory]
    [InlineData("ro", "ro hugepagesz=1G hugepages=4")]
    [InlineData("ro hugepagesz=1G hugepages=2 quiet", "ro hugepagesz=1G hugepages=4 quiet")]
    [InlineData(
        "hugepagesz=2M hugepages=512 hugepagesz=1G quiet",
        "hugepagesz=2M hugepages=512 hugepagesz=1G hugepages=4 quiet"
    )]
    [InlineData(
        "hugepagesz=1024M quiet hugepagesz=2M hugepages=512",
        "hugepagesz=1024M hugepages=4 quiet hugepagesz=2M hugepages=512"
    )]
    [InlineData("hugepages=64 ro", "hugepages=64 ro hugepagesz=1G hugepages=4")]
    public void A_number_of_huge_pages_stays_behind_its_size(string line, string expected)
    {
        KernelWordChange change = new(["hugepagesz=1G", "hugepages=4"], []);

        Assert.Equal(expected, CommandLineText.Edit(line, change));
        Assert.Equal(expected, CommandLineText.Edit(expected, change));
    }

    [Theory]
    [InlineData("ro", "ro hugepages=9")]
    [InlineData("hugepages=1 hugepagesz=1G hugepages=4", "hugepages=9 hugepagesz=1G hugepages=4")]
    [InlineData("ro hugepagesz=1G hugepages=4", "ro hugepages=9 hugepagesz=1G hugepages=4")]
    public void A_number_without_a_size_stays_before_every_size(string line, string expected) =>
        Assert.Equal(expected, CommandLineText.Edit(line, new KernelWordChange(["hugepages=9"], [])));

    [Theory]
    [InlineData(
        "ro hugepagesz=2M hugepages=5 hugepagesz=1G hugepages=4",
        "hugepagesz=1G",
        "ro hugepagesz=2M hugepages=5"
    )]
    [InlineData("a=1 b a=2", "a", "b")]
    [InlineData("a=1 b a=2", "a=2", "a=1 b")]
    [InlineData("a", "a", "")]
    [InlineData("ab=1", "a", "ab=1")]
    public void A_word_is_removed(string line, string word, string expected) =>
        Assert.Equal(expected, CommandLineText.Edit(line, new KernelWordChange([], [word])));

    [Theory]
    [InlineData("intel_iommu=on,sm_on quiet", "intel_iommu=sm_on quiet")]
    [InlineData("intel_iommu=on quiet", "quiet")]
    [InlineData("intel_iommu=sm_on", "intel_iommu=sm_on")]
    public void An_element_is_taken_out_of_a_list(string line, string expected) =>
        Assert.Equal(
            expected,
            CommandLineText.Edit(
                line,
                new KernelWordChange([], []) { RemoveElements = [new KernelListElement("intel_iommu", "on")] }
            )
        );
}
