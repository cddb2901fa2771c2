using NestVirt.Changes;
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
internal readonly record struct MmioSpace(long Low, long High)
{
    /// <summary>The most that a virtual machine can have below 4 GiB.</summary>
    internal const int MostLow = VmPciDeviceRequest.MostLowMmio;

    /// <summary>The most that a virtual machine can have above 4 GiB.</summary>
    internal const int MostHigh = VmPciDeviceRequest.MostHighMmio;

    private const int LowBuffer = 128;
    private const int HighBuffer = 512;
    private const ulong Mebibyte = 1 << 20;
    private const ulong FourGibibytes = 1UL << 32;

    /// <summary>Computes what devices take, which may be more than there can be.</summary>
    /// <param name="devices">The memory of each that the virtual machine will have; null for what was not told.</param>
    /// <returns>The space; null where none was told.</returns>
    internal static MmioSpace? Of(IEnumerable<IReadOnlyList<MemoryRange>?> devices)
    {
        IReadOnlyList<MemoryRange>[] told = [.. devices.OfType<IReadOnlyList<MemoryRange>>()];
        UInt128 low = LowBuffer;
        UInt128 high = HighBuffer;
        foreach (IReadOnlyList<MemoryRange> ranges in told)
        {
            high += Rounded(ranges);
            low += Rounded(ranges.Where(static range => range.End < FourGibibytes));
        }

        return told.Length == 0 ? null : new MmioSpace(Capped(low), Capped(high));
    }

    /// <summary>Adds what devices take to what a virtual machine has, whose own devices do not all tell of their memory.</summary>
    /// <param name="system">What it has; null where that was not told.</param>
    /// <returns>The space; the devices' own where the sum would be more than a virtual machine can have.</returns>
    internal MmioSpace OnTopOf(VMSystemFacts? system)
    {
        MmioSpace sum = new(Sum(Low - LowBuffer, system?.LowMmio), Sum(High - HighBuffer, system?.HighMmio));
        return new MmioSpace(sum.Low > MostLow ? Low : sum.Low, sum.High > MostHigh ? High : sum.High);
    }

    private static long Sum(long taken, int? has) => Capped((UInt128)taken + (UInt128)(has ?? 0));

    private static long Capped(UInt128 number) => number > long.MaxValue ? long.MaxValue : (long)number;

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
