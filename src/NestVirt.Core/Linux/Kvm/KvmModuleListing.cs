using NestVirt.Model;

namespace NestVirt.Linux.Kvm;

/// <summary>A line of /proc/modules.</summary>
/// <param name="Name">The module's name with underscores.</param>
/// <param name="UseCount">How many users it has; null when the kernel does not count.</param>
/// <param name="UsedBy">The modules among them.</param>
internal sealed record LoadedModule(string Name, int? UseCount, IReadOnlyList<string> UsedBy);

/// <summary>A parameter as sysfs shows it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value; null when it may not be read.</param>
/// <param name="IsWritable">Whether the kernel lets root write it; null when that could not be read.</param>
internal sealed record ListedParameter(string Name, string? Value, bool? IsWritable);

/// <summary>The device through which programs use KVM.</summary>
internal sealed record KvmDevice
{
    /// <summary>Gets whether it is there; null when no /dev was seen.</summary>
    public bool? IsPresent { get; init; }

    /// <summary>Gets whether the kernel has its device in /sys/class/misc; null when that was not seen.</summary>
    /// <remarks>systemd makes the node in /dev from modules.devname before any module is loaded.</remarks>
    public bool? HasStarted { get; init; }

    /// <summary>Gets whether this account may open it for reading and writing; null when that is unknown.</summary>
    public bool? IsUsable { get; init; }

    /// <summary>Gets the mode as <c>ls</c> writes it; a plus at its end tells of an ACL. Null when unknown.</summary>
    public string? Mode { get; init; }

    /// <summary>Gets the owner, or null.</summary>
    public string? Owner { get; init; }

    /// <summary>Gets the group, or null.</summary>
    public string? Group { get; init; }

    /// <summary>Gets the members of the group kvm that /etc/group names.</summary>
    public IReadOnlyList<string> KvmGroupMembers { get; init; } = [];
}

/// <summary>What a host shows of its KVM modules.</summary>
internal sealed record KvmModuleListing
{
    /// <summary>Gets the loaded modules; null when the kernel does not list them.</summary>
    public IReadOnlyList<LoadedModule>? Loaded { get; init; }

    /// <summary>Gets the KVM modules that have a folder in /sys/module: loaded or built in.</summary>
    public IReadOnlyList<string> Present { get; init; } = [];

    /// <summary>Gets those of <see cref="Present"/> that have an initstate file, which built-in modules have not.</summary>
    public IReadOnlyList<string> Loadable { get; init; } = [];

    /// <summary>Gets the hypervisors' modules that are installed for this kernel; null when its index cannot be read.</summary>
    public IReadOnlyList<string>? Installed { get; init; }

    /// <summary>Gets the hypervisors' modules that are part of this kernel; null when its index cannot be read.</summary>
    public IReadOnlyList<string>? BuiltIn { get; init; }

    /// <summary>Gets the parameters of each module in <see cref="Present"/> that has any.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ListedParameter>> Parameters { get; init; } =
        new Dictionary<string, IReadOnlyList<ListedParameter>>();

    /// <summary>Gets /dev/kvm.</summary>
    public KvmDevice Device { get; init; } = new();

    /// <summary>Tells where a module is.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>Where it is; Unknown when neither the kernel nor its index of modules tells.</returns>
    public ModuleState StateOf(string module)
    {
        if (FindLoaded(module) is not null || Loadable.Contains(module))
        {
            return ModuleState.Loaded;
        }

        // Without loadable modules there is no /proc/modules, and what has a folder is built in.
        if (Present.Contains(module) || BuiltIn?.Contains(module) == true)
        {
            return ModuleState.BuiltIn;
        }

        return Installed switch
        {
            null => ModuleState.Unknown,
            _ => Installed.Contains(module) ? ModuleState.NotLoaded : ModuleState.Missing,
        };
    }

    /// <summary>Finds a module among those that are loaded.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>Its line of /proc/modules, or null.</returns>
    public LoadedModule? FindLoaded(string module) => Loaded?.FirstOrDefault(loaded => loaded.Name == module);

    /// <summary>Finds the value of a parameter in effect.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <param name="parameter">The parameter's name.</param>
    /// <returns>The parameter, or null.</returns>
    public ListedParameter? FindParameter(string module, string parameter) =>
        Parameters.GetValueOrDefault(module)?.FirstOrDefault(listed => listed.Name == parameter);
}
