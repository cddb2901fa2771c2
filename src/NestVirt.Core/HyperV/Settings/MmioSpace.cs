using NestVirt.HyperV.Dda;
using NestVirt.HyperV.VirtualMachines;

namespace NestVirt.HyperV.Settings;

/// <summary>The space of a virtual machine for memory of devices, in MiB.</summary>
/// <param name="Low">Below 4 GiB.</param>
/// <param name="High">Above 4 GiB.</param>
/// <remarks>
/// Microsoft, "Plan for deploying devices by using Discrete Device Assignment": a virtual machine has 128 MB below and 512 MB above
/// at first; what devices take is set on top of that, all of them together, mostly above: below is for addresses of 32 bits. That
/// those are the ranges which the host keeps below 4 GiB is unproven: they count on both sides.
/// </remarks>
internal readonly record struct MmioSpace(int Low, int High)
{
    private const int LowBuffer = 128;
    private const int HighBuffer = 512;
    private const ulong Mebibyte = 1 << 20;
    private const ulong FourGibibytes = 1UL << 32;

    /// <summary>Computes what devices take.</summary>
    /// <param name="devices">All that the virtual machine will have, as far as their memory was told.</param>
    /// <returns>The space; null where none was told, or it is more than there can be.</returns>
    internal static MmioSpace? Of(IEnumerable<HostDevice> devices)
    {
        IReadOnlyList<MemoryRange>[] told =
        [
            .. devices.Select(static device => device.Memory).OfType<IReadOnlyList<MemoryRange>>(),
        ];
        UInt128 low = 0;
        UInt128 high = 0;
        foreach (IReadOnlyList<MemoryRange> ranges in told)
        {
            high += Rounded(ranges);
            low += Rounded(ranges.Where(static range => range.End < FourGibibytes));
        }

        return told.Length == 0 || high > int.MaxValue - HighBuffer
            ? null
            : new MmioSpace(LowBuffer + (int)low, HighBuffer + (int)high);
    }

    /// <summary>Adds what devices take to what a virtual machine has, whose own devices tell nothing of their memory any more.</summary>
    /// <param name="system">What it has.</param>
    /// <returns>The space.</returns>
    internal MmioSpace OnTopOf(VMSystemFacts system) =>
        new(Sum(Low - LowBuffer, system.LowMmio), Sum(High - HighBuffer, system.HighMmio));

    private static int Sum(int taken, int? has) => (int)Math.Min((long)taken + (has ?? 0), int.MaxValue);

    // Each device's own sum is rounded up, as Microsoft's SurveyDDA.ps1 does it.
    private static UInt128 Rounded(IEnumerable<MemoryRange> ranges)
    {
        UInt128 bytes = 0;
        foreach (MemoryRange range in ranges)
        {
            bytes += range.Bytes;
        }

        return (bytes + Mebibyte - 1) / Mebibyte;
    }
}
