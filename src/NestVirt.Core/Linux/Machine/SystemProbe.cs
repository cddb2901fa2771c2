using System.Globalization;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.Machine;

/// <summary>Reads what runs on a host, and who asked it.</summary>
/// <remarks>
/// libvirt's version is taken from the name of its library, libvirt.so.0.(MAJOR*1000+MINOR).MICRO (LIBVIRT_VERSION_INFO
/// in libvirt's meson.build): that costs no process and works in a tree. The probe starts at most three programs.
/// </remarks>
internal static class SystemProbe
{
    private const string Name = "system";
    private const int LibvirtMajorFactor = 1000;
    private const int SecureBootByte = 4;

    /// <summary>Gets the probe.</summary>
    public static ShellProbe Probe { get; } =
        new(
            Name,
            """
            nv_line() { nv_read "$NESTVIRT_ROOT/$2" && printf '%s\t%s\n' "$1" "$nv_value"; }
            nv_line ostype proc/sys/kernel/ostype
            nv_line release proc/sys/kernel/osrelease
            nv_line cmdline proc/cmdline
            nv_line uptime proc/uptime
            nv_line lockdown sys/kernel/security/lockdown
            nv_read "$NESTVIRT_ROOT"/proc/sys/kernel/arch || [ -n "$NESTVIRT_ROOT" ] || nv_value=$(uname -m)
            nv_arch=$nv_value
            [ -z "$nv_arch" ] || printf 'machine\t%s\n' "$nv_arch"
            for f in "$NESTVIRT_ROOT"/etc/os-release "$NESTVIRT_ROOT"/usr/lib/os-release; do
              [ -f "$f" ] && [ -r "$f" ] || continue
              while IFS= read -r line || [ -n "$line" ]; do
                case $line in
                  PRETTY_NAME=*) printf 'os\t%s\n' "${line#*=}" ;;
                  ID=*) printf 'osid\t%s\n' "${line#*=}" ;;
                  ID_LIKE=*) printf 'oslike\t%s\n' "${line#*=}" ;;
                esac
              done < "$f"
              break
            done
            [ -z "$nv_uid" ] || printf 'uid\t%s\n' "$nv_uid"
            for f in "$NESTVIRT_ROOT"/sys/firmware/efi/efivars/*; do
              [ -e "$f" ] && printf 'firmware\tefi\n'
              break
            done
            if [ ! -d "$NESTVIRT_ROOT"/sys/firmware/efi ] && [ -d "$NESTVIRT_ROOT"/sys/firmware/acpi ]; then
              printf 'firmware\tbios\n'
            fi
            f=$NESTVIRT_ROOT/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
            if [ -f "$f" ] && [ -r "$f" ]; then
              nv_value=$(od -An -tu1 "$f" 2>/dev/null)
              printf 'secureboot\t%s\n' "$(printf '%s ' $nv_value)"
            fi
            for f in "$NESTVIRT_ROOT"/usr/lib/*-linux-*/libvirt.so.0.*.* "$NESTVIRT_ROOT"/usr/lib64/libvirt.so.0.*.* \
              "$NESTVIRT_ROOT"/usr/lib/libvirt.so.0.*.* "$NESTVIRT_ROOT"/usr/local/lib*/libvirt.so.0.*.*; do
              if [ -f "$f" ]; then printf 'libvirt\t%s\n' "${f##*/}"; break; fi
            done
            case $nv_arch in i?86) nv_arch=i386 ;; armv*) nv_arch=arm ;; ppc64le) nv_arch=ppc64 ;; esac
            for f in "/usr/bin/qemu-system-$nv_arch" "/usr/local/bin/qemu-system-$nv_arch" /usr/libexec/qemu-kvm \
              /usr/bin/qemu-kvm /usr/bin/kvm; do
              if [ -z "$NESTVIRT_ROOT" ] && [ -x "$f" ]; then
                nv_value=$("$f" --version 2>/dev/null)
                nv_value=${nv_value#*version }
                printf 'qemu\t%s\n' "${nv_value%%[!0-9.]*}"
                break
              fi
            done
            """
        );

    /// <summary>Gets the reading of the answer.</summary>
    public static ProbeReading<SystemFacts> Reading { get; } = new(Probe, static text => Parse(text));

    /// <summary>Reads what the probe printed.</summary>
    /// <param name="text">The output.</param>
    /// <returns>The facts; what the host does not show is null.</returns>
    /// <exception cref="ProbeFormatException">A line is not of the probe's form.</exception>
    public static SystemFacts Parse(ReadOnlySpan<char> text)
    {
        ProbeListing listing = ProbeListing.Parse(Name, text);
        return new SystemFacts
        {
            Architecture = NullIfEmpty(listing.Fact("machine")),
            KernelRelease = NullIfEmpty(listing.Fact("release")),
            Distribution = ParseDistribution(listing.Fact("os")),
            Uptime = ParseUptime(listing.Fact("uptime")),
            CommandLine = listing.Fact("cmdline")?.Trim(),
            IsSecureBootEnabled = ParseSecureBoot(listing),
            Lockdown = ParseLockdown(listing.Fact("lockdown")),
            LibvirtVersion = ParseLibvirt(listing.Fact("libvirt")),
            QemuVersion = NullIfEmpty(listing.Fact("qemu")),
            UserId = int.TryParse(listing.Fact("uid"), NumberStyles.None, CultureInfo.InvariantCulture, out int uid)
                ? uid
                : null,
        };
    }

    /// <summary>Tells whether the answer shows a kernel other than Linux.</summary>
    /// <param name="text">The output.</param>
    /// <returns>True if it names one; false if it names Linux, or none.</returns>
    /// <exception cref="ProbeFormatException">A line is not of the probe's form.</exception>
    public static bool IsForeign(ReadOnlySpan<char> text) =>
        ProbeListing.Parse(Name, text).Fact("ostype") is { Length: > 0 } type && type != "Linux";

    /// <summary>Tells whether the host's programs are Ubuntu's: on Ubuntu, and on what is made from it.</summary>
    /// <param name="text">The output.</param>
    /// <returns>Null where the distribution is not told.</returns>
    /// <exception cref="ProbeFormatException">A line is not of the probe's form.</exception>
    public static bool? IsUbuntu(ReadOnlySpan<char> text)
    {
        ProbeListing listing = ProbeListing.Parse(Name, text);
        string words = $"{listing.Fact("osid")} {listing.Fact("oslike")} {listing.Fact("os")}";
        return string.IsNullOrWhiteSpace(words) ? null : words.Contains("ubuntu", StringComparison.OrdinalIgnoreCase);
    }

    // os-release(5): the value is a shell word, in double quotes where it holds blanks.
    private static string? ParseDistribution(string? value)
    {
        string name = value?.Trim() ?? string.Empty;
        bool isQuoted = name.Length > 1 && (name[0] is '"' or '\'') && name[^1] == name[0];
        name = isQuoted ? name[1..^1] : name;
        return NullIfEmpty(name.Replace("\\", string.Empty, StringComparison.Ordinal));
    }

    private static TimeSpan? ParseUptime(string? value) =>
        double.TryParse(
            value?.Split(' ')[0],
            NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out double seconds
        )
        && seconds < TimeSpan.MaxValue.TotalSeconds / 2
            ? TimeSpan.FromSeconds(seconds)
            : null;

    // "none [integrity] confidentiality": the mode in brackets is in force.
    private static string? ParseLockdown(string? value)
    {
        int open = value?.IndexOf('[', StringComparison.Ordinal) ?? -1;
        int close = open < 0 ? -1 : value!.IndexOf(']', open);
        return close < 0 ? null : NullIfEmpty(value![(open + 1)..close]);
    }

    // An EFI variable as a file is four bytes of attributes, then its value: one byte.
    private static bool? ParseSecureBoot(ProbeListing listing)
    {
        string[]? bytes = listing.Fact("secureboot")?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (bytes, listing.Fact("firmware")) switch
        {
            ({ Length: > SecureBootByte }, _) => bytes[SecureBootByte] == "1",
            (null, "bios" or "efi") => false,
            _ => null,
        };
    }

    private static string? ParseLibvirt(string? library)
    {
        string[] parts = library?.Split('.') ?? [];
        return
            parts is [_, "so", "0", string version, string micro]
            && int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && int.TryParse(micro, NumberStyles.None, CultureInfo.InvariantCulture, out int last)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{number / LibvirtMajorFactor}.{number % LibvirtMajorFactor}.{last}"
            )
            : null;
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
