namespace NestVirt.Linux.Virtualization;

/// <summary>
/// Reads /proc/sysinfo, in which an IBM Z machine lists every hypervisor between itself and the hardware.
/// </summary>
/// <remarks>
/// VM00 is the hypervisor next to the machine, VM01 the one below, and so on (store system information, function 3). A
/// logical
/// partition counts as the hardware: every such machine runs in one, and its KVM uses the processor's own SIE.
/// </remarks>
internal static class S390Signs
{
    /// <summary>Finds the sign, or null on another kind of machine.</summary>
    /// <param name="reading">What the machine shows.</param>
    /// <returns>The sign.</returns>
    public static HypervisorSign? Find(HypervisorReading reading)
    {
        if (!reading.Has("sysinfo"))
        {
            return null;
        }

        // "VM00 Control Program: z/VM    6.1.0"
        string[] programs = [.. reading.Facts["sysinfo.program"].Distinct().Order(StringComparer.Ordinal)];
        if (programs.Length == 0)
        {
            return new HypervisorSign("IBM", HypervisorSign.Full, "/proc/sysinfo: a logical partition of PR/SM")
            {
                IsFirmware = true,
                Depth = 0,
            };
        }

        string vendor = programs[0].Contains("KVM", StringComparison.Ordinal) ? "KVM" : "IBM";
        string said = string.Join("; ", programs.Select(Compact));
        return new HypervisorSign(vendor, HypervisorSign.Full, $"/proc/sysinfo: {said}") { Depth = programs.Length };
    }

    private static string Compact(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
