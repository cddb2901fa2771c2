using NestVirt.Linux.Boot;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Modprobe;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Kvm;

/// <summary>What a host's files and kernel command line ask of its KVM modules.</summary>
/// <param name="Files">modprobe's files.</param>
/// <param name="CommandLine">A kernel command line: this boot's, or the next one's.</param>
/// <param name="Listing">The modules as they are.</param>
internal sealed record ModuleConfiguration(
    ModprobeConfig Files,
    KernelCommandLine CommandLine,
    KvmModuleListing Listing
)
{
    private const string Common = "kvm";
    private const string HugePages = "hpage";

    // arch/s390/kvm/kvm-s390.c, kvm_s390_init, up to this release; later ones may let both be.
    private static readonly Version s_lastThatExcludes = new(6, 18);

    /// <summary>Gets the architecture as <c>uname -m</c> names it, or null.</summary>
    public string? Architecture { get; init; }

    /// <summary>Gets the kernel's release, or null.</summary>
    public string? KernelRelease { get; init; }

    /// <summary>Gets a value indicating whether Windows starts the kernel: its command line is written there.</summary>
    public bool IsWsl { get; init; }

    /// <summary>Gets the settings of a module's parameters in the order in which the kernel is given them.</summary>
    /// <remarks>What is built in never sees modprobe's files.</remarks>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>The settings; of one parameter the last wins.</returns>
    public IReadOnlyList<ModuleSetting> Settings(string module) =>
        Listing.StateOf(module) == ModuleState.BuiltIn
            ? [.. CommandLine.BuiltInOptions(module)]
            : [.. Files.Options(module), .. CommandLine.ModuleOptions(module)];

    /// <summary>Gets the setting of a parameter that wins.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <param name="parameter">The parameter.</param>
    /// <returns>The last setting, or null when nothing sets it.</returns>
    public ModuleSetting? Winner(string module, string parameter) =>
        Settings(module).LastOrDefault(setting => setting.Name == parameter);

    /// <summary>Tells the kind of a module's parameter.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <param name="parameter">The parameter.</param>
    /// <returns>The kind.</returns>
    public ModuleParameterKind KindOf(string module, string parameter) =>
        KvmParameterCatalog.KindOf(
            module,
            parameter,
            Listing.FindParameter(module, parameter)?.Value,
            KvmArchitecture.IsS390(Architecture)
        );

    /// <summary>Gets the first setting for which the kernel refuses to load a module.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>The setting, or null.</returns>
    public ModuleSetting? FirstInvalid(string module) =>
        Settings(module).FirstOrDefault(setting => !Takes(module, setting)) ?? Excluded(module);

    /// <summary>Gets the setting of huge pages with which s390's kvm is not loaded, as it nests.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>The setting, or null.</returns>
    internal ModuleSetting? Excluded(string module) =>
        module == Common
        && ExcludesHugePages
        && Winner(module, HugePages) is { } pages
        && IsOn(pages)
        && Winner(module, KvmParameterCatalog.Nested) is { } nested
        && IsOn(nested)
            ? pages
            : null;

    /// <summary>Tells whether nesting has to come with huge pages turned off: they are on, and the kernel refuses both.</summary>
    /// <param name="module">The module that decides on nesting.</param>
    /// <returns>True if so.</returns>
    internal bool MustDropHugePages(string module) =>
        module == Common
        && ExcludesHugePages
        && (
            Winner(module, HugePages) is { } pages
                ? IsOn(pages)
                : Listing.FindParameter(module, HugePages)?.Value is { } value and not "0" && value.Length > 0
        );

    /// <summary>Gets the first setting for which a module is not loaded: one of its own, or of the common module that it needs.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>The module that is refused and the setting, or null.</returns>
    internal (string Module, ModuleSetting Setting)? FirstRefused(string module) =>
        Needed(module)
            .Select(needed => (needed, FirstInvalid(needed)))
            .Where(static pair => pair.Item2 is not null)
            .Select(static pair => ((string, ModuleSetting)?)(pair.needed, pair.Item2!))
            .FirstOrDefault();

    /// <summary>Gets the first line with a carriage return that sets options of a module, or null.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>The line.</returns>
    internal ModprobeDirective? WindowsLine(string module) =>
        Listing.StateOf(module) == ModuleState.BuiltIn
            ? null
            : Files.Directives.FirstOrDefault(line =>
                line is { Command: "options", HasCarriageReturn: true } && line.Module == module
            );

    /// <summary>Tells whether the kernel loads a module with a setting: what it does not know it leaves out (kernel/module/main.c: unknown_module_param_cb).</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <param name="setting">The setting.</param>
    /// <returns>False if the load ends with it.</returns>
    internal bool Takes(string module, ModuleSetting setting) =>
        !HasParameter(module, setting.Name) || Takes(module, setting.Name, setting.Value);

    /// <summary>Tells whether a parameter takes a value.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <param name="parameter">The parameter.</param>
    /// <param name="value">The value as written, or null for a bare name.</param>
    /// <returns>True if it does.</returns>
    internal bool Takes(string module, string parameter, string? value)
    {
        ModuleParameterKind kind = KindOf(module, parameter);
        (long, long) range = KvmParameterCatalog.RangeOf(module, parameter);
        return KvmParameterCatalog.TakesWord(module, parameter, value)
            || (
                kind == ModuleParameterKind.Other && KvmParameterCatalog.IsSwitch(module, parameter)
                    ? ModuleParameterValue.IsValid(ModuleParameterKind.Bool, value, range)
                        || ModuleParameterValue.IsValid(ModuleParameterKind.Number, value, range)
                    : ModuleParameterValue.IsValid(kind, value, range)
            );
    }

    /// <summary>Tells whether a module has a parameter: by sysfs where it is loaded, otherwise by what is known of it.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <param name="parameter">The parameter.</param>
    /// <returns>True if it has, or if nothing is known of the module.</returns>
    public bool HasParameter(string module, string parameter)
    {
        if (KvmParameterCatalog.IsGeneric(parameter) || Listing.FindParameter(module, parameter) is not null)
        {
            return true;
        }

        bool isListed =
            Listing.Parameters.TryGetValue(module, out IReadOnlyList<ListedParameter>? parameters)
            && parameters.Count > 0;
        IReadOnlyCollection<string> known = KvmParameterCatalog.Names(module);
        return !isListed
            && (
                known.Count == 0
                || known.Contains(parameter)
                || (
                    module == "kvm"
                    && parameter == KvmParameterCatalog.Nested
                    && (Architecture is null || KvmArchitecture.IsS390(Architecture))
                )
            );
    }

    /// <summary>Gets what keeps a module from being loaded at boot, as evidence; null when nothing does.</summary>
    /// <remarks>
    /// The other modules need kvm. A blacklist of kvm does not keep it from being loaded for them; an install line does,
    /// and so does the kernel's own list (kmod_module_probe_insert_module; kernel/module/main.c: blacklisted).
    /// </remarks>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>A blacklist, or an install line whose command does nothing.</returns>
    public string? Obstacle(string module) =>
        Listing.StateOf(module) == ModuleState.BuiltIn ? null : Barrier(module) ?? Blacklist(module);

    /// <summary>Gets what keeps a module from being loaded whoever asks for it, as evidence; null when nothing does.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>An install line whose command does nothing, or a word for the kernel's own list.</returns>
    internal string? Barrier(string module)
    {
        if (Listing.StateOf(module) == ModuleState.BuiltIn)
        {
            return null;
        }

        IReadOnlyList<string> needed = Needed(module);
        return needed
                .Select(Files.InstallCommand)
                .FirstOrDefault(static install => install is not null && DoesNothing(install))
                ?.Evidence
            ?? needed.Select(CommandLine.Refusal).OfType<KernelArgument>().Select(Quote).FirstOrDefault();
    }

    /// <summary>Gets the modules that are loaded with a module: itself, and the common one unless that is part of the kernel.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>Their names; none where the module is part of the kernel.</returns>
    internal IReadOnlyList<string> Needed(string module) =>
        [
            .. (module == Common ? [module] : (string[])[module, Common]).Where(name =>
                Listing.StateOf(name) != ModuleState.BuiltIn
            ),
        ];

    /// <summary>Gets the blacklist that names a module, as evidence; null when none does.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>A line of a file, or a word of the command line.</returns>
    public string? Blacklist(string module) =>
        Files.Blacklist(module)?.Evidence ?? (CommandLine.Blacklist(module) is { } word ? Quote(word) : null);

    /// <summary>Tells whether the command of an install line is one that only ends.</summary>
    /// <param name="install">The line.</param>
    /// <returns>True of true, false and their like.</returns>
    public static bool DoesNothing(ModprobeDirective install)
    {
        string command =
            install.Arguments.Split([' ', '\t', ';'], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault()
            ?? string.Empty;
        return command[(command.LastIndexOf('/') + 1)..] is "true" or "false" or ":" or "exit" or "nologin"
            || IsBroken(install);
    }

    /// <summary>Tells whether the command is one word with a carriage return at its end, which the shell takes for a part of the name.</summary>
    /// <param name="line">An install or remove line.</param>
    /// <returns>True if so: the command is not found.</returns>
    internal static bool IsBroken(ModprobeDirective line) =>
        line.Arguments.EndsWith('\r') && line.Arguments.Trim().IndexOfAny([' ', '\t', ';', '&', '|', '#']) < 0;

    /// <summary>Tells whether the command of a remove line only unloads the module.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <param name="remove">The line.</param>
    /// <returns>True of <c>modprobe -r --ignore-remove MODULE</c>.</returns>
    internal static bool IsPlainUnload(string module, ModprobeDirective remove)
    {
        string[] words = remove.Arguments.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 1
            && words[0][(words[0].LastIndexOf('/') + 1)..] == "modprobe"
            && words.Any(static word => word == "-r" || word.StartsWith("--r", StringComparison.Ordinal))
            && words.Any(static word => word is "-i" or "--ignore-remove")
            && words.Skip(1).Where(static word => word[0] != '-').Select(ModprobeFile.Normalize).SequenceEqual([module])
            && remove.Arguments.IndexOfAny([';', '&', '|', '`', '(', '<', '>']) < 0;
    }

    private bool ExcludesHugePages =>
        KvmArchitecture.IsS390(Architecture)
        && KernelVersion.TryParse(KernelRelease, out Version? release)
        && new Version(release.Major, release.Minor) <= s_lastThatExcludes;

    private static bool IsOn(ModuleSetting setting) =>
        ModuleParameterValue.ToSwitch(ModuleParameterKind.Number, setting.Value) == NestedState.On;

    private string Quote(KernelArgument word) => $"{CommandLine.Source}: {word.Text}";
}
