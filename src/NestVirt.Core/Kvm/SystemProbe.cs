using NestVirt.Transport;

namespace NestVirt.Kvm;

/// <summary>Reads what runs on a host.</summary>
public static class SystemProbe
{
    /// <summary>Gets the probe.</summary>
    public static HostProbe Probe { get; } = new("system", """
        [ -n "$NESTVIRT_ROOT" ] || printf 'uname\t%s\n' "$(uname -srm)"
        nv_read "$NESTVIRT_ROOT"/proc/cmdline && printf 'cmdline\t%s\n' "$nv_value"
        nv_files "$NESTVIRT_ROOT"/etc/os-release
        """);
}
