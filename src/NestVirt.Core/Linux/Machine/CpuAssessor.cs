using System.Globalization;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Machine;

/// <summary>Names the processor as lscpu does, from what the kernel prints for each architecture.</summary>
internal static class CpuAssessor
{
    private const int ShownLength = 200;

    /// <summary>Names the processor.</summary>
    /// <param name="info">The lines of /proc/cpuinfo.</param>
    /// <param name="lscpu">What lscpu said, for what the lines do not tell.</param>
    /// <returns>Vendor and model; null for what neither tells.</returns>
    public static CpuFacts Assess(CpuInfo info, LscpuReading lscpu)
    {
        string? vendor = info.First("vendor_id", "vendor", "mvendorid");
        string? model = info.First("model name", "Model Name", "uarch", "cpu", "cpu model", "Processor", "processor");
        if (TryReadHex(info["CPU implementer"], out int implementer))
        {
            vendor = ArmCpuNames.Vendor(implementer) ?? lscpu.VendorId ?? info["CPU implementer"];
            model = ArmModel(info, implementer, lscpu) ?? model;
        }

        return new CpuFacts(Shown(vendor ?? lscpu.VendorId), Shown(model ?? lscpu.ModelName));
    }

    private static string? ArmModel(CpuInfo info, int implementer, LscpuReading lscpu) =>
        (TryReadHex(info["CPU part"], out int part) ? ArmCpuNames.Part(implementer, part) : null) ?? lscpu.ModelName;

    private static bool TryReadHex(string? text, out int value)
    {
        value = 0;
        return text is not null
            && text.StartsWith("0x", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
            && value is >= 0 and <= 0xFFFF;
    }

    private static string? Shown(string? text) =>
        string.IsNullOrWhiteSpace(text) ? null : HostText.ForDisplay(text, ShownLength);
}
