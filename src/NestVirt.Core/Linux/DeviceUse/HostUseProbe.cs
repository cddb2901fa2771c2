using NestVirt.Probing;

namespace NestVirt.Linux.DeviceUse;

/// <summary>Reads what the host itself needs devices for: file systems, swap, routes, and the connection it is asked through.</summary>
internal static class HostUseProbe
{
    /// <summary>Gets the probe. It starts one process, an awk that reads all files of /proc.</summary>
    public static ShellProbe Probe { get; } =
        new(
            "hostuse",
            """
            r=$NESTVIRT_ROOT
            plain() { case $1 in ''|*[[:cntrl:]]*) return 1;; esac; return 0; }
            if [ -z "$r" ] && plain "$SSH_CONNECTION"; then printf 'connection\t%s\n' "$SSH_CONNECTION"; fi
            top=
            if cd -P "$r/sys" 2>/dev/null; then top=${PWD%/sys}; fi
            for b in "$r"/sys/class/block/*; do
              n=${b##*/}
              plain "$n" && cd -P "$b" 2>/dev/null && plain "${PWD#"$top"}" || continue
              nv_read dev && plain "$nv_value" || nv_value=
              printf 'block\t%s\t%s\t%s\n' "$n" "$nv_value" "${PWD#"$top"}"
              [ ! -e partition ] || printf 'part\n'
              nv_read dm/name && plain "$nv_value" && printf 'dm\t%s\n' "$nv_value"
              for s in slaves/*; do
                { [ -e "$s" ] || [ -L "$s" ]; } && plain "${s##*/}" && printf 'slave\t%s\n' "${s##*/}"
              done
            done
            for f in "$r"/sys/fs/btrfs/*-*-*-*-*; do
              for d in "$f"/devices/*; do
                { [ -e "$d" ] || [ -L "$d" ]; } && plain "${f##*/}${d##*/}" && printf 'btrfs\t%s\t%s\n' "${f##*/}" "${d##*/}"
              done
            done
            for l in "$r"/sys/class/net/*/lower_*; do
              [ -L "$l" ] || continue
              i=${l%/lower_*}; i=${i##*/}
              plain "$i${l##*/lower_}" && printf 'lower\t%s\t%s\n' "$i" "${l##*/lower_}"
            done
            set -- "$r"/proc/self/mountinfo "$r"/proc/swaps "$r"/proc/net/route "$r"/proc/net/ipv6_route "$r"/proc/net/if_inet6
            # Only udev knows the disks of a ZFS pool without asking zpool.
            [ ! -d "$r"/sys/module/zfs ] || set -- "$@" "$r"/run/udev/data/b*
            nv_files "$@"
            """
        );

    /// <summary>Gets the reading of the answer.</summary>
    internal static ProbeReading<HostUseFacts> Reading { get; } = new(Probe, static text => Parse(text));

    /// <summary>Reads the probe's answer.</summary>
    /// <param name="text">The answer.</param>
    /// <returns>What is in use.</returns>
    /// <exception cref="ProbeFormatException">A line cannot be read.</exception>
    internal static HostUseFacts Parse(string text)
    {
        HostUseAnswer answer = new();
        int number = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            number++;
            if (!line.IsEmpty && !answer.TryRead(line))
            {
                throw new ProbeFormatException(Probe.Name, number, line);
            }
        }

        return answer.ToFacts();
    }
}
