using System.Buffers.Binary;
using NestVirt.Linux.Iommu;

namespace NestVirt.Core.Tests.Linux.Iommu;

public sealed class IortTableTests
{
    private const int Its = 0;
    private const int RootComplex = 2;
    private const int Smmu = 3;
    private const int SmmuV3 = 4;
    private const int Counters = 5;

    [Theory]
    [InlineData(new[] { Its, RootComplex }, false)]
    [InlineData(new[] { Its, Counters }, false)]
    [InlineData(new[] { Its, SmmuV3, RootComplex }, true)]
    [InlineData(new[] { RootComplex, Smmu }, true)]
    [InlineData(new int[0], false)]
    public void The_nodes_tell_whether_there_is_an_SMMU(int[] types, bool expected) =>
        Assert.Equal(expected, IortTable.HasSmmu(Lines(Table(types))));

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(60)]
    public void A_table_that_ends_early_tells_nothing(int length) =>
        Assert.Null(IortTable.HasSmmu(Lines(Table([Its, SmmuV3]).AsSpan(0, length))));

    [Fact]
    public void What_is_no_table_tells_nothing()
    {
        Assert.Null(IortTable.HasSmmu(["zz"]));
        Assert.Null(IortTable.HasSmmu(Lines(new byte[100])));
        byte[] endless = Table([Its]);
        endless[49] = 0;
        Assert.Null(IortTable.HasSmmu(Lines(endless)));
    }

    [Fact]
    public void The_answer_of_the_probe_says_so()
    {
        IommuFacts facts = IommuProbe.Parse(
            $"acpi\ntable\tIORT\n{string.Concat(Lines(Table([Its, SmmuV3])).Select(static line => $"iort\t{line}\n"))}groups\n"
        );

        Assert.Equal((true, "IORT"), (facts.HasSmmu, facts.Description));
        Assert.Null(IommuProbe.Parse("acpi\ntable\tIORT\nplatform\n").Description);
        Assert.False(IommuProbe.Parse("acpi\ntable\tIORT\nplatform\n").HasSmmu);
        Assert.Null(IommuProbe.Parse("acpi\ntable\tIORT\n").HasSmmu);
    }

    private static byte[] Table(int[] types)
    {
        byte[] table = new byte[48 + (types.Length * 24)];
        "IORT"u8.CopyTo(table);
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(36), types.Length);
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(40), 48);
        for (int i = 0; i < types.Length; i++)
        {
            table[48 + (i * 24)] = (byte)types[i];
            table[49 + (i * 24)] = 24;
        }

        return table;
    }

    // As od -An -v -tx1 prints them.
    private static string[] Lines(ReadOnlySpan<byte> bytes) =>
        [.. bytes.ToArray().Chunk(16).Select(static line => string.Join(' ', line.Select(static one => $"{one:x2}")))];
}
