using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Linux.Boot;

/// <summary>Reads what the boot loader will give the kernel at the next boot; starts one program.</summary>
/// <remarks>
/// Many distributions let only root read grub.cfg or the loader's entries. So where sudo lets the account become root,
/// the files are read once more that way (<see cref="RootProbe"/>), and that answer is the one that counts.
/// </remarks>
internal static class BootConfigProbe
{
    private const string Name = "boot";

    private const string Script = $$"""
        [ -z "$NESTVIRT_ROOT" ] || printf 'root\t%s\n' "$NESTVIRT_ROOT"
        nv_read "$NESTVIRT_ROOT"/proc/sys/kernel/osrelease || nv_value=
        case $nv_value in *[Mm]icrosoft*WSL*|*-Microsoft) printf 'wsl\t%s\n' "$nv_value" ;; esac
        for f in "$NESTVIRT_ROOT"/boot/EFI/Linux/*.efi "$NESTVIRT_ROOT"/boot/efi/EFI/Linux/*.efi \
          "$NESTVIRT_ROOT"/efi/EFI/Linux/*.efi; do
          if [ -e "$f" ]; then printf 'unified\tyes\n'; break; fi
        done
        for f in "$NESTVIRT_ROOT"/boot/grub "$NESTVIRT_ROOT"/boot/grub2 "$NESTVIRT_ROOT"/boot/loader/entries \
          "$NESTVIRT_ROOT"/boot/grub/grub.cfg "$NESTVIRT_ROOT"/boot/grub2/grub.cfg "$NESTVIRT_ROOT"/boot/efi \
          "$NESTVIRT_ROOT"/efi; do
          [ -e "$f" ] || continue
          if [ ! -r "$f" ] || { [ -d "$f" ] && [ ! -x "$f" ]; }; then printf 'unreadable\t%s\n' "$f"; fi
        done
        nv_files "$NESTVIRT_ROOT"/boot/grub/grub.cfg "$NESTVIRT_ROOT"/boot/grub2/grub.cfg \
          "$NESTVIRT_ROOT"/boot/grub/grubenv "$NESTVIRT_ROOT"/boot/grub2/grubenv \
          "$NESTVIRT_ROOT"/boot/efi/EFI/[!Bb]*/grub.cfg "$NESTVIRT_ROOT"/boot/efi/EFI/*/grubenv \
          "$NESTVIRT_ROOT"/boot/loader/loader.conf "$NESTVIRT_ROOT"/boot/loader/entries/*.conf \
          "$NESTVIRT_ROOT"/boot/efi/loader/loader.conf "$NESTVIRT_ROOT"/boot/efi/loader/entries/*.conf \
          "$NESTVIRT_ROOT"/efi/loader/loader.conf "$NESTVIRT_ROOT"/efi/loader/entries/*.conf \
          "$NESTVIRT_ROOT"/etc/default/grub "$NESTVIRT_ROOT"/etc/default/grub.d/*.cfg \
          "$NESTVIRT_ROOT"/etc/kernel/cmdline "$NESTVIRT_ROOT"/etc/kernel/proxmox-boot-uuids \
          "$NESTVIRT_ROOT"/boot/firmware/cmdline.txt "$NESTVIRT_ROOT"/boot/cmdline.txt \
          {{BootWay.OtherFiles}}
        """;

    /// <summary>Gets the probe for what the account may read.</summary>
    public static ShellProbe Probe { get; } = new(Name, Script);

    /// <summary>Gets the probe for what root may read, which says nothing where the account is root.</summary>
    public static ShellProbe RootProbe { get; } =
        new("bootroot", "[ -n \"$nv_by_sudo\" ] || return 0\n" + Script) { NeedsRoot = true };

    /// <summary>Gets the reading of root's answer, or of the other where root gave none; null when nobody was asked.</summary>
    public static ProbeReading<ProbeListing?> Reading { get; } = new([Probe, RootProbe], Read);

    private static ProbeListing? Read(ProbeAnswers answers)
    {
        ProbeAnswer root = answers[RootProbe];
        ProbeAnswer answer = root is { IsAvailable: true, Text.Length: > 0 } ? root : answers[Probe];
        return answer.IsAvailable ? ProbeListing.Parse(Name, answer.Text) : null;
    }
}
