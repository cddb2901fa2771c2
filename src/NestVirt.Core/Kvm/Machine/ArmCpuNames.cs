using System.Collections.Frozen;

namespace NestVirt.Kvm;

/// <summary>
/// Names ARM processors by the implementer and part number fields of MIDR_EL1, which the kernel prints in hexadecimal.
/// Numbers are from the technical reference manuals and the kernel's asm/cputype.h; names are spelled as lscpu does.
/// </summary>
internal static class ArmCpuNames
{
    private static readonly FrozenDictionary<int, string> s_vendors = new Dictionary<int, string>
    {
        [0x41] = "ARM", [0x42] = "Broadcom", [0x43] = "Cavium", [0x44] = "DEC", [0x46] = "FUJITSU",
        [0x48] = "HiSilicon", [0x49] = "Infineon", [0x4D] = "Motorola/Freescale", [0x4E] = "NVIDIA", [0x50] = "APM",
        [0x51] = "Qualcomm", [0x53] = "Samsung", [0x56] = "Marvell", [0x61] = "Apple", [0x66] = "Faraday",
        [0x69] = "Intel", [0x6D] = "Microsoft", [0x70] = "Phytium", [0xC0] = "Ampere",
    }.ToFrozenDictionary();

    // The key is the implementer in the high half and the part in the low one.
    private static readonly FrozenDictionary<int, string> s_parts = new Dictionary<int, string>
    {
        [0x41_0920] = "ARM920", [0x41_0926] = "ARM926", [0x41_0B36] = "ARM1136", [0x41_0B56] = "ARM1156",
        [0x41_0B76] = "ARM1176", [0x41_0B02] = "ARM11-MPCore", [0x41_0C05] = "Cortex-A5", [0x41_0C07] = "Cortex-A7",
        [0x41_0C08] = "Cortex-A8", [0x41_0C09] = "Cortex-A9", [0x41_0C0D] = "Cortex-A17", [0x41_0C0E] = "Cortex-A17",
        [0x41_0C0F] = "Cortex-A15", [0x41_0D01] = "Cortex-A32", [0x41_0D02] = "Cortex-A34", [0x41_0D03] = "Cortex-A53",
        [0x41_0D04] = "Cortex-A35", [0x41_0D05] = "Cortex-A55", [0x41_0D06] = "Cortex-A65", [0x41_0D07] = "Cortex-A57",
        [0x41_0D08] = "Cortex-A72", [0x41_0D09] = "Cortex-A73", [0x41_0D0A] = "Cortex-A75", [0x41_0D0B] = "Cortex-A76",
        [0x41_0D0C] = "Neoverse-N1", [0x41_0D0D] = "Cortex-A77", [0x41_0D0E] = "Cortex-A76AE",
        [0x41_0D40] = "Neoverse-V1", [0x41_0D41] = "Cortex-A78", [0x41_0D42] = "Cortex-A78AE",
        [0x41_0D43] = "Cortex-A65AE", [0x41_0D44] = "Cortex-X1", [0x41_0D46] = "Cortex-A510",
        [0x41_0D47] = "Cortex-A710", [0x41_0D48] = "Cortex-X2", [0x41_0D49] = "Neoverse-N2",
        [0x41_0D4A] = "Neoverse-E1", [0x41_0D4B] = "Cortex-A78C", [0x41_0D4C] = "Cortex-X1C",
        [0x41_0D4D] = "Cortex-A715", [0x41_0D4E] = "Cortex-X3", [0x41_0D4F] = "Neoverse-V2",
        [0x41_0D80] = "Cortex-A520", [0x41_0D81] = "Cortex-A720", [0x41_0D82] = "Cortex-X4",
        [0x41_0D83] = "Neoverse-V3AE", [0x41_0D84] = "Neoverse-V3", [0x41_0D85] = "Cortex-X925",
        [0x41_0D87] = "Cortex-A725", [0x41_0D8E] = "Neoverse-N3",
        [0x42_000F] = "Brahma-B15", [0x42_0100] = "Brahma-B53", [0x42_0516] = "ThunderX2",
        [0x43_00A0] = "ThunderX", [0x43_00A1] = "ThunderX-88XX", [0x43_00A2] = "ThunderX-81XX",
        [0x43_00A3] = "ThunderX-83XX", [0x43_00AF] = "ThunderX2-99xx", [0x43_00B0] = "OcteonTX2",
        [0x43_00B1] = "OcteonTX2-98XX", [0x43_00B2] = "OcteonTX2-96XX", [0x43_00B8] = "ThunderX3-T110",
        [0x44_0A10] = "SA110", [0x44_0A11] = "SA1100",
        [0x46_0001] = "A64FX", [0x46_0003] = "MONAKA",
        [0x48_0D01] = "Kunpeng-920", [0x48_0D02] = "Kunpeng-920", [0x48_0D03] = "Kunpeng-920",
        [0x48_0D40] = "Cortex-A76", [0x48_0D41] = "Cortex-A77",
        [0x4E_0000] = "Denver", [0x4E_0003] = "Denver-2", [0x4E_0004] = "Carmel", [0x4E_0010] = "Olympus",
        [0x50_0000] = "X-Gene",
        [0x51_0001] = "Oryon", [0x51_000F] = "Scorpion", [0x51_002D] = "Scorpion", [0x51_004D] = "Krait",
        [0x51_006F] = "Krait", [0x51_0201] = "Kryo", [0x51_0205] = "Kryo", [0x51_0211] = "Kryo",
        [0x51_0800] = "Falkor-V1/Kryo", [0x51_0801] = "Kryo-V2", [0x51_0802] = "Kryo-3XX-Gold",
        [0x51_0803] = "Kryo-3XX-Silver", [0x51_0804] = "Kryo-4XX-Gold", [0x51_0805] = "Kryo-4XX-Silver",
        [0x51_0C00] = "Falkor", [0x51_0C01] = "Saphira",
        [0x53_0001] = "exynos-m1", [0x53_0002] = "exynos-m3", [0x53_0003] = "exynos-m4", [0x53_0004] = "exynos-m5",
        [0x56_0131] = "Feroceon-88FR131", [0x56_0581] = "PJ4/PJ4b", [0x56_0584] = "PJ4B-MP",
        [0x61_0022] = "Icestorm-M1", [0x61_0023] = "Firestorm-M1", [0x61_0024] = "Icestorm-M1-Pro",
        [0x61_0025] = "Firestorm-M1-Pro", [0x61_0028] = "Icestorm-M1-Max", [0x61_0029] = "Firestorm-M1-Max",
        [0x61_0032] = "Blizzard-M2", [0x61_0033] = "Avalanche-M2", [0x61_0034] = "Blizzard-M2-Pro",
        [0x61_0035] = "Avalanche-M2-Pro", [0x61_0038] = "Blizzard-M2-Max", [0x61_0039] = "Avalanche-M2-Max",
        [0x66_0526] = "FA526", [0x66_0626] = "FA626",
        [0x6D_0D49] = "Azure-Cobalt-100",
        [0x70_0303] = "FTC310", [0x70_0660] = "FTC660", [0x70_0661] = "FTC661", [0x70_0662] = "FTC662",
        [0x70_0663] = "FTC663", [0x70_0664] = "FTC664", [0x70_0862] = "FTC862",
        [0xC0_0AC3] = "Ampere-1", [0xC0_0AC4] = "Ampere-1a",
    }.ToFrozenDictionary();

    /// <summary>Gets the name of an implementer, or null when none is known.</summary>
    /// <param name="implementer">The number.</param>
    /// <returns>The name.</returns>
    public static string? Vendor(int implementer) => s_vendors.GetValueOrDefault(implementer);

    /// <summary>Gets the name of a part, or null when none is known.</summary>
    /// <param name="implementer">The implementer's number.</param>
    /// <param name="part">The part's number.</param>
    /// <returns>The name.</returns>
    public static string? Part(int implementer, int part) => s_parts.GetValueOrDefault((implementer << 16) | part);
}
