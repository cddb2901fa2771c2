using NestVirt.Linux.Boot;
using NestVirt.Linux.Modprobe;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Iommu;

/// <summary>Which functions the host's settings give to vfio-pci: its list of ids, and driver_override.</summary>
/// <remarks>
/// The list is one string, so of all settings the last counts alone and replaces the others (module_param_string in
/// drivers/vfio/pci/vfio_pci.c; kernel/params.c). modprobe gives the options of its files first and those of the kernel
/// command line last (kmod_config_parse_kcmdline in libkmod). A driver that is part of the kernel reads the command line
/// alone.
/// </remarks>
internal sealed class VfioWishes
{
    private const string Module = "vfio_pci";
    private const string Stub = "pci_stub";
    private const string Driver = "vfio-pci";
    private const string Parameter = "ids";
    private const string CommandLineFile = "/proc/cmdline";

    private readonly IommuFacts _host;
    private readonly KernelCommandLine _line;

    /// <summary>Initializes a new instance of the <see cref="VfioWishes"/> class.</summary>
    /// <param name="host">What the host says of its IOMMU.</param>
    /// <param name="modprobe">Modprobe's files.</param>
    public VfioWishes(IommuFacts host, ModprobeConfig modprobe)
    {
        _host = host;
        Modprobe = modprobe;
        Loader = host.Drivers.GetValueOrDefault(Driver);
        KernelCommandLine line = _line = new(host.CommandLine ?? string.Empty, CommandLineFile);
        ModuleSetting[] files = [.. modprobe.Options(Module).Where(IsList)];
        ModuleSetting[] words =
        [
            .. line.ModuleOptions(Module).Where(IsList).Select(setting => AsWritten(line, Module, setting)),
        ];
        ModuleSetting[] all = Loader?.IsBuiltIn == true ? words : [.. files, .. words];
        InEffect = all.LastOrDefault();
        Ids = new VfioIds(InEffect?.Value ?? string.Empty);
        Replaced = [.. files.Concat(words).Where(setting => !ReferenceEquals(setting, InEffect))];
        Strays = InEffect is null ? [] : [.. FindStrays(line, InEffect)];
    }

    /// <summary>Gets modprobe's files.</summary>
    public ModprobeConfig Modprobe { get; }

    /// <summary>Gets where vfio-pci comes from; null where the kernel does not have it, or that was not read.</summary>
    public PciDriverModule? Loader { get; }

    /// <summary>Gets the setting of the list that counts, or null.</summary>
    public ModuleSetting? InEffect { get; }

    /// <summary>Gets its ids.</summary>
    public VfioIds Ids { get; }

    /// <summary>Gets settings of the list that do not count.</summary>
    public IReadOnlyList<ModuleSetting> Replaced { get; }

    /// <summary>Gets ids that a blank cuts off the list.</summary>
    public IReadOnlyList<string> Strays { get; }

    /// <summary>Gets what asks for vfio-pci for a function, as evidence; nothing where nothing does.</summary>
    /// <param name="device">The function.</param>
    /// <returns>The settings.</returns>
    public IEnumerable<string> WishesFor(PciDevice device)
    {
        if (InEffect is not null && Ids.Ids.Any(id => id.Names(device)))
        {
            yield return InEffect.Evidence;
        }

        if (_host.SavedOverrides.GetValueOrDefault(device.Address) == Driver)
        {
            yield return $"/etc/driverctl.d/pci-{device.Address}: {Driver}";
        }

        foreach (string line in _host.Binds[device.Address])
        {
            yield return HostText.ForDisplay(line, 200);
        }

        if (device.DriverOverride == Driver)
        {
            yield return $"/sys/bus/pci/devices/{device.Address}/driver_override: {Driver}";
        }
    }

    /// <summary>Finds the setting that gives a function to pci-stub, which takes devices by a list of ids as vfio-pci does.</summary>
    /// <param name="device">The function.</param>
    /// <returns>The setting; null where none does.</returns>
    public ModuleSetting? StubFor(PciDevice device) =>
        Modprobe
            .Options(Stub)
            .Concat(_line.ModuleOptions(Stub).Select(setting => AsWritten(_line, Stub, setting)))
            .LastOrDefault(setting => IsList(setting) && new VfioIds(setting.Value!).Ids.Any(id => id.Names(device)));

    private static bool IsList(ModuleSetting setting) => setting is { Name: Parameter, Value: not null };

    // Evidence is to be found on the line as it stands there: vfio-pci.ids or vfio_pci.ids.
    private static ModuleSetting AsWritten(KernelCommandLine line, string module, ModuleSetting setting) =>
        KernelArgument
            .Split(line.Text)
            .LastOrDefault(word =>
                ModprobeFile.Normalize(word.Name) == $"{module}.{Parameter}" && word.Value == setting.Value
            )
            is { } word
            ? setting with
            {
                Text = word.Text,
            }
            : setting;

    // "ids=10de:1c03, 10de:10f1": the second is a word of its own, for the kernel and for modprobe.
    private static IEnumerable<string> FindStrays(KernelCommandLine line, ModuleSetting setting) =>
        KernelArgument
            .Split(setting.Source == CommandLineFile ? line.Text : setting.Text)
            .SkipWhile(word => word.Value != setting.Value || !word.Text.Contains(Parameter, StringComparison.Ordinal))
            .Skip(1)
            .Select(static word => word.Text)
            .TakeWhile(static text =>
                text.Split(',')
                    .Any(static part => string.Equals(VfioIds.Meant(part), part, StringComparison.OrdinalIgnoreCase))
            );
}
