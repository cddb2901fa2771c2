using NestVirt.Model;
using NestVirt.Planning;

namespace NestVirt.Kvm;

/// <summary>Finds the way in which a host boots.</summary>
internal static class BootDrivers
{
    /// <summary>Finds it: the first that the host's files prove.</summary>
    /// <param name="system">The host.</param>
    /// <returns>The driver.</returns>
    /// <exception cref="ChangeRefusedException">It is none that can be changed safely.</exception>
    public static BootDriver Find(BootSystem system)
    {
        bool hasMenu = system.Listing?.Files.Any(static file => file.Name == "grub.cfg") == true;
        bool hasGrub = system.Files.ContainsKey(GrubDefaultEditor.MainFile)
            && (system.Tools.Contains("update-grub") || system.Tools.Contains("grub-mkconfig") || system.Tools.Contains("grub2-mkconfig"));
        return hasMenu && hasGrub ? new GrubDriver(system) : throw new ChangeRefusedException(Unknown(system));
    }

    private static Finding Unknown(BootSystem system)
    {
        bool isUnified = system.Listing?.Fact("unified") is not null;
        string[] seen =
        [
            .. system.Listing?.Files.Select(static file => file.Path).Take(6) ?? [],
            .. system.Tools.Order(StringComparer.Ordinal),
        ];
        return new Finding("BootLoaderUnknown", Severity.Error, isUnified
            ? "This host boots unified kernel images, which hold their command line inside."
            : "How this host boots could not be told, so its kernel command line is left alone.")
        {
            Evidence = seen.Length == 0 ? "no boot loader's files and tools were found" : $"found: {HostText.ForDisplay(string.Join(", ", seen), 300)}",
            Remedy = isUnified
                ? "Change /etc/kernel/cmdline, build the images again, and sign them where Secure Boot asks for it."
                : "Set the words where the host's kernel command line is written, or in the settings of the virtual machine that it is; then reboot.",
        };
    }
}
