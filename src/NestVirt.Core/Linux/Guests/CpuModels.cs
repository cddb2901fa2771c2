using System.Globalization;

namespace NestVirt.Linux.Guests;

/// <summary>What is known of libvirt's named models, and of QEMU's machines.</summary>
internal static class CpuModels
{
    private static readonly string[] s_withSvm = ["EPYC", "Opteron_G", "Dhyana", "phenom", "qemu64"];

    /// <summary>Tells whether svm is a part of a model for libvirt.</summary>
    /// <remarks>The files of libvirt's cpu_map that name svm, in 9.0: those of AMD's and Hygon's models since Opteron_G2, and qemu64.</remarks>
    /// <param name="model">The model, in libvirt's words.</param>
    /// <returns>True if so.</returns>
    internal static bool HaveSvm(string? model) =>
        model is not null
        && model != "Opteron_G1"
        && Array.Exists(s_withSvm, begin => model.StartsWith(begin, StringComparison.Ordinal));

    /// <summary>Tells whether a machine is one whose processors have svm, and some vmx, unasked.</summary>
    /// <remarks>QEMU keeps for those up to 2.1 what was so in their time (pc_compat_2_1 in hw/i386/pc_piix.c).</remarks>
    /// <param name="machine">The machine, such as pc-q35-7.2 or rhel6.6.0.</param>
    /// <returns>True if so; false of what has no version, which is the latest.</returns>
    internal static bool IsOldMachine(string? machine)
    {
        string version = machine?[(machine.LastIndexOf('-') + 1)..] ?? string.Empty;
        string[] parts = version.Split('.');
        return machine?.StartsWith("rhel6", StringComparison.Ordinal) == true
            || (
                parts.Length > 1
                && machine!.StartsWith("pc-", StringComparison.Ordinal)
                && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major)
                && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int minor)
                && (major < 2 || (major == 2 && minor < 2))
            );
    }
}
