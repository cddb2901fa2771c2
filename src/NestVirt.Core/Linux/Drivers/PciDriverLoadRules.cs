using NestVirt.Linux.Boot;
using NestVirt.Linux.Kvm;
using NestVirt.Linux.Modprobe;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Drivers;

/// <summary>Says what keeps a driver's module from being loaded: a function that is given to it would have no driver after the next boot.</summary>
/// <remarks>
/// The parameters are those of drivers/vfio: every value ends the load that kstrtobool or kstrtouint does not take. A
/// list of ids with a mistake does not, but one of 1,024 characters and more, or a bare name (vfio_pci.c:
/// module_param_string).
/// </remarks>
internal static class PciDriverLoadRules
{
    private const int IdsLength = 1024;

    // vfio-pci needs vfio and its core, and a guest the container of vfio_iommu_type1.
    private static readonly string[] s_vfio = ["vfio", "vfio_pci_core", "vfio_iommu_type1"];

    private static readonly Dictionary<string, ModuleParameterKind> s_kinds = new(StringComparer.Ordinal)
    {
        ["vfio.enable_unsafe_noiommu_mode"] = ModuleParameterKind.Bool,
        ["vfio_iommu_type1.allow_unsafe_interrupts"] = ModuleParameterKind.Bool,
        ["vfio_iommu_type1.disable_hugepages"] = ModuleParameterKind.Bool,
        ["vfio_iommu_type1.dma_entry_limit"] = ModuleParameterKind.Number,
        ["vfio_pci.disable_denylist"] = ModuleParameterKind.Bool,
        ["vfio_pci.disable_idle_d3"] = ModuleParameterKind.Bool,
        ["vfio_pci.disable_vga"] = ModuleParameterKind.Bool,
        ["vfio_pci.enable_sriov"] = ModuleParameterKind.Bool,
        ["vfio_pci.nointxmask"] = ModuleParameterKind.Bool,
    };

    /// <summary>Names what keeps it from being loaded.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="driver">The driver; null for the host's own choice.</param>
    /// <param name="isTemporary">Whether the next boot is not meant: a driver that the kernel has already need not be loaded.</param>
    /// <returns>The refusals; none when nothing does.</returns>
    internal static IEnumerable<Finding> Refusals(PciDriverState state, string? driver, bool isTemporary)
    {
        if (driver is null || (isTemporary && state.Drivers.Drivers.Contains(driver)))
        {
            return [];
        }

        string module = ModprobeFile.Normalize(driver);
        KernelCommandLine line = new(state.Iommu.CommandLine ?? string.Empty, "/proc/cmdline");

        // What is part of the kernel is in none of the index's lines, and not loaded.
        return from needed in (string[])[module, .. PciDriverRules.IsVfio(driver) ? s_vfio : []]
            where state.Drivers.Modules.Contains(needed)
            from finding in Refusals(state, line, needed)
            select finding;
    }

    private static IEnumerable<Finding> Refusals(PciDriverState state, KernelCommandLine line, string module)
    {
        if (state.Modprobe.InstallCommand(module) is { } install && ModuleConfiguration.DoesNothing(install))
        {
            yield return new Finding(
                FindingCodes.ModuleInstallReplaced,
                Severity.Error,
                $"modprobe is told to run a command that does nothing instead of loading {module}."
            )
            {
                Evidence = install.Evidence,
                Remedy = "Remove the line. Then repeat.",
            };
        }

        if (line.Refusal(module) is { } refusal)
        {
            yield return new Finding(
                FindingCodes.ModuleBlacklisted,
                Severity.Error,
                $"The kernel is told to refuse {module}."
            )
            {
                Evidence = $"{line.Source}: {refusal.Text}",
                Remedy = "Take the module out of that word, and reboot. Then repeat.",
            };
        }

        foreach (
            ModuleSetting setting in state
                .Modprobe.Options(module)
                .Concat(line.ModuleOptions(module))
                .Where(setting => !Takes(module, setting))
        )
        {
            string value = setting.Value is null ? "a bare name" : $"'{HostText.ForDisplay(setting.Value, 40)}'";
            yield return new Finding(
                FindingCodes.ModuleValueInvalid,
                Severity.Error,
                $"{module}.{setting.Name} does not take {value}: the kernel refuses to load the module with it."
            )
            {
                Evidence = setting.Evidence,
                Remedy = "Correct or remove that setting. Then repeat.",
            };
        }
    }

    private static bool Takes(string module, ModuleSetting setting) =>
        setting is { Name: "ids" } && module == "vfio_pci"
            ? setting.Value is { Length: < IdsLength }
            : ModuleParameterValue.IsValid(
                s_kinds.GetValueOrDefault($"{module}.{setting.Name}", ModuleParameterKind.Other),
                setting.Value
            );
}
