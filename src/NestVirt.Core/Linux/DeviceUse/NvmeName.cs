namespace NestVirt.Linux.DeviceUse;

/// <summary>The names of NVMe block devices.</summary>
internal static class NvmeName
{
    /// <summary>Gets the disk that one path to it serves: <c>nvme0n1</c> for <c>nvme0c1n1</c>.</summary>
    /// <remarks>
    /// The kernel hides the block device of each path, nvme{subsystem}c{controller}n{namespace}, and shows the disk as
    /// nvme{subsystem}n{namespace} (drivers/nvme/host/multipath.c, nvme_mpath_set_disk_name).
    /// </remarks>
    /// <param name="name">The name of a block device.</param>
    /// <returns>The name of the disk; any other name as it is.</returns>
    public static string DiskOfPath(string name)
    {
        const string Prefix = "nvme";
        if (!name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return name;
        }

        int controller = SkipDigits(name, Prefix.Length);
        int space = IsAt(name, controller, 'c') ? SkipDigits(name, controller + 1) : -1;
        return
            space > controller + 1
            && controller > Prefix.Length
            && IsAt(name, space, 'n')
            && SkipDigits(name, space + 1) == name.Length
            ? string.Concat(name.AsSpan(0, controller), name.AsSpan(space))
            : name;
    }

    private static bool IsAt(string text, int index, char character) => index < text.Length && text[index] == character;

    private static int SkipDigits(string text, int start)
    {
        int end = start;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return end;
    }
}
