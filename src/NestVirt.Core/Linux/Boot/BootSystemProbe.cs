using NestVirt.Probing;

namespace NestVirt.Linux.Boot;

/// <summary>Reads which tools of boot loaders and initial RAM file systems a host has; starts one program, a grep.</summary>
internal static class BootSystemProbe
{
    private const string Name = "bootsystem";

    /// <summary>Gets the probe.</summary>
    /// <remarks>
    /// Debian's grub-mkconfig sources /etc/default/grub.d, and Red Hat's knows --update-bls-cmdline: both are scripts
    /// that say so. The kernel's own configuration tells whether Intel's IOMMU is on by default.
    /// </remarks>
    public static ShellProbe Probe { get; } =
        new(
            Name,
            """
            for t in update-grub grub-mkconfig grub2-mkconfig grubby kernel-install proxmox-boot-tool update-initramfs dracut \
              mkinitramfs mkinitcpio kernelstub rpm-ostree zipl bootctl; do
              for d in /usr/local/sbin /usr/sbin /sbin /usr/local/bin /usr/bin /bin; do
                if [ -x "$NESTVIRT_ROOT$d/$t" ] && [ ! -d "$NESTVIRT_ROOT$d/$t" ]; then printf 'tool\t%s\n' "$t"; break; fi
              done
            done
            for f in grub-mkconfig grub2-mkconfig; do
              [ -r "$NESTVIRT_ROOT/usr/sbin/$f" ] || continue
              while IFS= read -r line; do
                case $line in
                  '#'*) ;;
                  */default/grub.d*) printf 'reads\t%s\n' grub.d ;;
                  *--update-bls-cmdline*) printf 'reads\t%s\n' bls ;;
                esac
              done <"$NESTVIRT_ROOT/usr/sbin/$f"
            done
            [ ! -e "$NESTVIRT_ROOT"/run/ostree-booted ] || printf 'ostree\t/run/ostree-booted\n'
            [ ! -d "$NESTVIRT_ROOT"/sys/firmware/efi ] || printf 'efi\t/sys/firmware/efi\n'
            if nv_read "$NESTVIRT_ROOT"/proc/sys/kernel/osrelease; then
              printf 'release\t%s\n' "$nv_value"
              f=$NESTVIRT_ROOT/boot/config-$nv_value
              [ -r "$f" ] || f=$NESTVIRT_ROOT/lib/modules/$nv_value/config
              if [ -r "$f" ]; then
                grep -e '^CONFIG_INTEL_IOMMU=' -e '^CONFIG_INTEL_IOMMU_DEFAULT_ON=' -e '^CONFIG_AMD_IOMMU=' -- "$f" |
                  while IFS= read -r line; do printf 'config\t%s\n' "$line"; done
              fi
            fi
            """
        );

    /// <summary>Reads what the probe printed.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <returns>The facts.</returns>
    /// <exception cref="ProbeFormatException">A line is not of the probe's form.</exception>
    internal static ProbeListing Read(ProbeAnswers answers) => ProbeListing.Parse(Name, answers[Probe].Text);
}
