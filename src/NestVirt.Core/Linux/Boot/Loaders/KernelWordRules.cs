using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Boot.Loaders;

/// <summary>Refuses words that a boot loader would read as something else, and those without which the host may not boot.</summary>
internal static class KernelWordRules
{
    // Others mean something to GRUB's script language, to a shell, or to both.
    private const string Signs = "._-=,:+/@%~*?[]()!^";

    // dracut.cmdline(7), initramfs-tools(7), bootparam(7): what finds the root file system, and what starts something else.
    private static readonly string[] s_boot =
    [
        "root",
        "rootfstype",
        "rootflags",
        "rootwait",
        "ro",
        "rw",
        "init",
        "rdinit",
        "initrd",
        "BOOT_IMAGE",
        "boot",
        "bootfs",
        "zfs",
        "cryptdevice",
        "cryptkey",
        "resume",
        "single",
        "emergency",
        "rescue",
        "systemd.unit",
        "ostree",
    ];

    private static readonly string[] s_bootPrefixes =
    [
        "rd.luks",
        "rd.lvm",
        "rd.md",
        "rd.dm",
        "rd.break",
        "luks.",
        "rd.zfs",
        "ostree.",
    ];

    /// <summary>Checks every word.</summary>
    /// <param name="set">Words to have.</param>
    /// <param name="remove">Words to take away.</param>
    /// <param name="force">Whether words that decide whether the host boots are let through.</param>
    /// <exception cref="ChangeRefusedException">One of them cannot be.</exception>
    public static void Require(IReadOnlyList<string> set, IReadOnlyList<string> remove, bool force)
    {
        Finding[] reasons =
        [
            .. set.Where(static word => !IsPlain(word))
                .Select(static word => new Finding(
                    FindingCodes.KernelParameterInvalid,
                    Severity.Error,
                    $"'{HostText.ForDisplay(word, 80)}' is no word that every boot loader takes as it is."
                )
                {
                    Remedy = $"Use letters, digits and {Signs} alone, and give each word by itself.",
                }),
            .. remove
                .Where(static word => word.Length == 0 || word[0] == '=' || word.Any(char.IsControl))
                .Select(static word => new Finding(
                    FindingCodes.KernelParameterInvalid,
                    Severity.Error,
                    $"'{HostText.ForDisplay(word, 80)}' names no word to take away."
                )),
            .. set.Concat(remove)
                .Where(SecretText.IsIn)
                .Select(static word => new Finding(
                    FindingCodes.KernelParameterInvalid,
                    Severity.Error,
                    $"{HostText.ForDisplay(SecretText.Hide(word), 80)} holds a secret, which plans and the journal would keep."
                )
                {
                    Remedy =
                        "Take it away by its name alone; to have one, write it into the boot loader's file by hand.",
                }),
            .. set.Concat(remove)
                .Where(word => !force && DecidesOnBoot(word))
                .Select(static word => new Finding(
                    FindingCodes.KernelParameterBoots,
                    Severity.Error,
                    $"{HostText.ForDisplay(word, 80)} decides on whether this host boots."
                )
                {
                    Remedy = Advice.Of($"Where you are sure, and have a console, use {ChangeSwitch.Force}."),
                }),
        ];
        if (reasons.Length > 0)
        {
            throw new ChangeRefusedException(reasons);
        }

        if (set.Count + remove.Count == 0)
        {
            throw new ChangeRefusedException(
                new Finding(
                    FindingCodes.KernelParameterMissing,
                    Severity.Error,
                    "No word was given to have or to take away."
                )
            );
        }
    }

    private static bool IsPlain(string word) =>
        word.Length > 0
        && word[0] is not ('=' or '-')
        && word.All(static character =>
            char.IsAsciiLetterOrDigit(character) || Signs.Contains(character, StringComparison.Ordinal)
        );

    private static bool DecidesOnBoot(string word)
    {
        string name = KernelWordChange.Parse(word).Name;
        return s_boot.Contains(name) || s_bootPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));
    }
}
