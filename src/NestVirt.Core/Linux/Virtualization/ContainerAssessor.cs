using NestVirt.Text;

namespace NestVirt.Linux.Virtualization;

/// <summary>Tells which container the account is in.</summary>
internal static class ContainerAssessor
{
    private const int ShownLength = 40;

    /// <summary>Names the container, or null outside of one.</summary>
    /// <param name="reading">What the machine shows.</param>
    /// <returns>A word such as docker, podman, lxc, openvz.</returns>
    public static string? Assess(HypervisorReading reading)
    {
        string named =
            reading["container.environ"] is { Length: > 0 } environ ? environ
            : reading["container.systemd"] is { Length: > 0 } systemd ? systemd
            : reading["container.manager"];
        if (named.Length > 0)
        {
            return HostText.ForDisplay(named, ShownLength);
        }

        string release = reading["release"];
        return reading switch
        {
            _ when release.Contains("-Microsoft", StringComparison.Ordinal)
                    || release.Contains("microsoft-standard-WSL", StringComparison.Ordinal)
                    || reading.Has("wslinterop") => "wsl",
            _ when IsOpenVz(reading) => "openvz",
            _ when IsVServerGuest(reading) => "linux-vserver",
            _ when reading.Has("brandz") => "illumos-lx",
            _ when reading.Has("containerenv") => "podman",
            _ when reading.Facts["cgroup"].FirstOrDefault(static word => word != "read") is string word => word,
            _ when reading.Has("dockerenv") && IsMountedAsContainer(reading) => "docker",
            _ => null,
        };
    }

    /// <summary>
    /// Tells whether the machine is an OpenVZ or Virtuozzo container; its host has /proc/bc beside /proc/vz.
    /// </summary>
    /// <param name="reading">What the machine shows.</param>
    /// <returns>True if it is.</returns>
    public static bool IsOpenVz(HypervisorReading reading) =>
        (reading.Has("vz") && !reading.Has("bc"))
        || Status(reading, "envID") is { Length: > 0 } number && number != "0";

    /// <summary>Tells whether the machine is a Linux-VServer guest; number 0 is the host.</summary>
    /// <param name="reading">What the machine shows.</param>
    /// <returns>True if it is.</returns>
    public static bool IsVServerGuest(HypervisorReading reading) =>
        (Status(reading, "VxID") ?? Status(reading, "s_context")) is { Length: > 0 } number
        && number != "0"
        && number.All(char.IsAsciiDigit);

    // The file also stays in the image of a virtual machine that was made from a container's; in a container, these
    // files are mounts of their own.
    private static bool IsMountedAsContainer(HypervisorReading reading) =>
        !reading.Has("mounts") || reading.Facts["mounts"].Contains("container");

    private static string? Status(HypervisorReading reading, string key) =>
        reading
            .Facts["status"]
            .Where(line => line.StartsWith(key + ":", StringComparison.Ordinal))
            .Select(line => line[(key.Length + 1)..].Trim())
            .FirstOrDefault();
}
