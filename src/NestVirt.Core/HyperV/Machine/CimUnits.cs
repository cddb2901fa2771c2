namespace NestVirt.HyperV.Machine;

/// <summary>Makes bytes and counts of the numbers of WMI, which a host may choose as large as it likes.</summary>
internal static class CimUnits
{
    /// <summary>Makes bytes of kilobytes, the unit of Win32_OperatingSystem.</summary>
    /// <param name="value">The kilobytes, or null.</param>
    /// <returns>The bytes; null where they are more than anything has.</returns>
    internal static long? Kilobytes(ulong? value) => Scaled(value, 10);

    /// <summary>Makes bytes of megabytes, the unit of Msvm_MemorySettingData (<c>byte * 2^20</c>).</summary>
    /// <param name="value">The megabytes, or null.</param>
    /// <returns>The bytes; null where they are more than anything has.</returns>
    internal static long? Megabytes(ulong? value) => Scaled(value, 20);

    /// <summary>Makes bytes of bytes.</summary>
    /// <param name="value">The bytes, or null.</param>
    /// <returns>The same; null where they are more than anything has.</returns>
    internal static long? Bytes(ulong? value) => Scaled(value, 0);

    /// <summary>Makes a count.</summary>
    /// <param name="value">The number, or null.</param>
    /// <returns>The count; null where it is more than anything has.</returns>
    internal static int? Count(ulong? value) => value <= int.MaxValue ? (int)value : null;

    private static long? Scaled(ulong? value, int shift) =>
        value <= (ulong)long.MaxValue >> shift ? (long)value << shift : null;
}
