namespace NestVirt.Testing;

/// <summary>A place for a real libvirtd that sees no guest of this machine, and whose own are seen by none.</summary>
internal static class LibvirtNamespaces
{
    /// <summary>
    /// What is done as root in mount and process namespaces of its own, before libvirtd is started there: its sockets, definitions and
    /// locks lie in memory. libvirt leaves control groups behind where it finds them, and starts guests without.
    /// </summary>
    internal const string Prepare = """
        set -e
        mount -t tmpfs -o mode=0755 tmpfs /run
        mkdir -p /run/libvirt /run/nobody
        chown 65534:65534 /run/nobody
        for f in /var/lib/libvirt /var/cache/libvirt /var/log/libvirt /etc/libvirt; do
          mkdir -p "$f"
          mount -t tmpfs -o mode=0755 tmpfs "$f"
        done
        mkdir -p /var/lib/libvirt/qemu
        umount -R -l /sys/fs/cgroup 2>/dev/null || :
        # Where root alone may open KVM, libvirt sees it and its QEMU does not: it asks QEMU anew each time, which takes seconds. What is
        # mounted below /dev cannot be moved into namespaces of guests.
        case $(stat -c %a /dev/kvm 2>/dev/null) in ?00)
          : >/run/kvm
          mount --bind /run/kvm /dev/kvm
          printf 'namespaces = []\n' >/etc/libvirt/qemu.conf ;;
        esac
        """;
}
