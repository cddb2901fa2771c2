using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Linux.Files;
using NestVirt.Linux.Modprobe;
using NestVirt.Model;

namespace NestVirt.Linux.Kvm;

/// <summary>What makes a module's parameters hold now, and what does not let it.</summary>
/// <param name="Changes">A value written, or a module loaded again.</param>
/// <param name="Findings">What may surprise.</param>
/// <param name="Pending">What waits, and for what.</param>
internal sealed record ModuleReloadPlan(
    IReadOnlyList<HostChange> Changes,
    IReadOnlyList<Finding> Findings,
    IReadOnlyList<Finding> Pending
)
{
    private const string Common = "kvm";

    /// <summary>Plans it.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="files">modprobe's files as they will be when the module is loaded again.</param>
    /// <param name="users">The processes that use /dev/kvm; null when nobody could look.</param>
    /// <param name="module">The module, with underscores.</param>
    /// <param name="wanted">The parameters and their values.</param>
    /// <param name="request">What the user allows.</param>
    /// <param name="load">Whether to load the module when it is not.</param>
    /// <returns>The changes.</returns>
    /// <exception cref="ChangeRefusedException">Once unloaded the module would not be loaded again, not at the next boot either.</exception>
    internal static ModuleReloadPlan Make(
        KvmHostState state,
        ModprobeConfig files,
        IReadOnlyList<KvmUser>? users,
        string module,
        IReadOnlyDictionary<string, string> wanted,
        ChangeRequest request,
        bool load
    )
    {
        KvmModuleListing listing = state.Configuration.Listing;
        KeyValuePair<string, string>[] missing =
        [
            .. wanted.Where(pair => !IsInEffect(listing.FindParameter(module, pair.Key)?.Value, pair.Value)),
        ];
        bool isLoaded = listing.StateOf(module) == ModuleState.Loaded;
        if (missing.Length == 0 || (!isLoaded && !load))
        {
            return new ModuleReloadPlan([], [], []);
        }

        if (isLoaded && Array.TrueForAll(missing, pair => listing.FindParameter(module, pair.Key)?.IsWritable == true))
        {
            return new ModuleReloadPlan(
                [.. missing.Select(pair => Write(listing, module, pair))],
                Keepers(module, missing, users),
                []
            );
        }

        string loader =
            module == Common && state.NestingModule is { } vendor && listing.StateOf(vendor) == ModuleState.Loaded
                ? vendor
                : module;
        string[] names = [.. wanted.Keys.Order(StringComparer.Ordinal).Select(name => $"{module}.{name}")];
        if (Obstacle(state, files, users, loader, names, missing, request) is { } blocked)
        {
            return ModuleLoadRules.IsBarredAtBoot(state, files, loader)
                ? throw new ChangeRefusedException(blocked with { Severity = Severity.Error })
                : new ModuleReloadPlan([], [], [blocked]);
        }

        Dictionary<string, string>? before = isLoaded
            ? wanted.Keys.ToDictionary(
                name => $"{module}.{name}",
                name => listing.FindParameter(module, name)?.Value ?? string.Empty,
                StringComparer.Ordinal
            )
            : null;
        string after =
            $"loaded {string.Join(' ', wanted.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{module}.{pair.Key}={pair.Value}"))}";
        string[] guests = request.StopGuests
            ? [.. (users ?? []).Select(static user => user.Guest).OfType<string>()]
            : [];
        return new ModuleReloadPlan([ModuleAction.Plan(loader, before, names, after, request, guests)], [], []);
    }

    /// <summary>Says what a change of modprobe's files that waited for a reload has left loaded, after it was taken back.</summary>
    /// <param name="listing">The modules as they are.</param>
    /// <param name="request">What had been asked for.</param>
    /// <returns>A finding; null where the module does not run with it.</returns>
    internal static Finding? StillLoaded(KvmModuleListing listing, ChangeRequest request)
    {
        (string? module, IEnumerable<KeyValuePair<string, string>> wanted) = request switch
        {
            NestingRequest nesting => (
                KvmParameterCatalog.Modules.FirstOrDefault(name =>
                    name != Common && listing.FindParameter(name, KvmParameterCatalog.Nested) is not null
                ),
                nesting.Parameters.Append(new(KvmParameterCatalog.Nested, nesting.Enable ? "1" : "0"))
            ),
            ModuleParameterRequest own => (ModprobeFile.Normalize(own.Module), own.Parameters),
            _ => (null, []),
        };
        string[] still = module is null
            ? []
            :
            [
                .. wanted
                    .Where(pair =>
                        IsInEffect(listing.FindParameter(module, ModprobeFile.Normalize(pair.Key))?.Value, pair.Value)
                    )
                    .Select(static pair => $"{pair.Key}={pair.Value}"),
            ];
        return still.Length == 0
            ? null
            : new Finding(
                FindingCodes.ReloadPending,
                Severity.Warning,
                $"{module} was loaded again since the change was made, and runs with {string.Join(", ", still)} until it is loaded once more."
            )
            {
                Evidence = $"/sys/module/{module}/parameters",
                Remedy = Advice.Of(
                    $"When nothing uses it, run on the host: modprobe -r {module} && modprobe {module}. Or restart the host, which undo does with {ChangeSwitch.Restart}."
                ),
            };
    }

    /// <summary>Tells whether a value that sysfs shows is the one wanted, however each is spelt.</summary>
    /// <param name="shown">The value shown, or null.</param>
    /// <param name="wanted">The value wanted.</param>
    /// <returns>True if they are one.</returns>
    internal static bool IsInEffect(string? shown, string wanted) =>
        shown is not null
        && (
            shown == wanted
            || (
                shown is "Y" or "N"
                && ModuleParameterValue.FromSysfs(shown)
                    == ModuleParameterValue.ToSwitch(ModuleParameterKind.Bool, wanted)
            )
            || (
                shown is "0" or "1"
                && wanted is "Y" or "y" or "N" or "n"
                && ModuleParameterValue.FromSysfs(shown)
                    == ModuleParameterValue.ToSwitch(ModuleParameterKind.Bool, wanted)
            )
        );

    /// <summary>Plans a value that the kernel takes while the module runs.</summary>
    /// <param name="listing">The modules as they are.</param>
    /// <param name="module">The module, with underscores.</param>
    /// <param name="pair">The parameter and its value.</param>
    /// <returns>The change.</returns>
    internal static HostChange Write(KvmModuleListing listing, string module, KeyValuePair<string, string> pair)
    {
        string shown = listing.FindParameter(module, pair.Key)?.Value ?? string.Empty;
        string value = shown is "Y" or "N"
            ? ModuleParameterValue.ToSwitch(ModuleParameterKind.Bool, pair.Value) == NestedState.On
                ? "Y"
                : "N"
            : pair.Value;
        return ValueAction.Plan($"/sys/module/{module}/parameters/{pair.Key}", shown, value)!;
    }

    // A guest keeps what its virtual CPUs were made with.
    private static Finding[] Keepers(
        string module,
        KeyValuePair<string, string>[] missing,
        IReadOnlyList<KvmUser>? users
    ) =>
        users?.Where(static user => user.RunsGuest).ToArray() is { Length: > 0 } guests
        && Array.Exists(missing, static pair => pair.Key == KvmParameterCatalog.Nested)
            ?
            [
                new Finding(
                    FindingCodes.GuestsKeepNesting,
                    Severity.Warning,
                    $"These started under the old value of {module}.{KvmParameterCatalog.Nested} and keep it until they are started again: {string.Join<KvmUser>(", ", guests)}."
                ),
            ]
            : [];

    private static Finding? Obstacle(
        KvmHostState state,
        ModprobeConfig files,
        IReadOnlyList<KvmUser>? users,
        string module,
        string[] names,
        KeyValuePair<string, string>[] missing,
        ChangeRequest request
    )
    {
        KvmModuleListing listing = state.Configuration.Listing;
        bool isLoaded = listing.StateOf(module) == ModuleState.Loaded;
        string waits =
            $"{string.Join(", ", names)} {(names.Length == 1 ? "waits" : "wait")} for {module} to be loaded{(isLoaded ? " again" : string.Empty)}";
        if (ModuleLoadRules.Obstacle(state, files, module) is { } obstacle)
        {
            return new Finding(
                FindingCodes.ReloadBlocked,
                Severity.Warning,
                $"{waits}: {(isLoaded ? "once unloaded, " : string.Empty)}{obstacle.Why}."
            )
            {
                Evidence = obstacle.Evidence,
                Remedy = obstacle.Remedy,
            };
        }

        if (isLoaded && files.RemoveCommand(module) is { } remove && !ModuleConfiguration.IsPlainUnload(module, remove))
        {
            return new Finding(
                FindingCodes.ReloadBlocked,
                Severity.Warning,
                $"{waits}: modprobe -r would run a command in place of unloading it."
            )
            {
                Evidence = remove.Evidence,
                Remedy = "Remove that line, then repeat; or reboot.",
            };
        }

        if (users is { Count: > 0 } && !(request.StopGuests && users.All(static user => user.Guest is not null)))
        {
            bool areGuests = users.All(static user => user.Guest is not null);
            string keeps =
                !users.Any(static user => user.RunsGuest)
                || !Array.Exists(missing, static pair => pair.Key == KvmParameterCatalog.Nested)
                    ? string.Empty
                : users.All(static user => user.RunsGuest) ? " These guests keep what they started with."
                : " The guests among them keep what they started with.";
            return new Finding(
                FindingCodes.ReloadBlocked,
                Severity.Warning,
                $"{waits}, which is in use by {string.Join(", ", users)}.{keeps}"
            )
            {
                Evidence = "/dev/kvm is open",
                Remedy = areGuests
                    ? Advice.Of(
                        $"Have the guests shut down and started again with {ChangeSwitch.StopGuests}, or reboot the host."
                    )
                    : "End the processes that libvirt does not manage, then repeat; or reboot the host.",
                RepeatWith = areGuests ? ChangeSwitch.StopGuests : null,
            };
        }

        return listing.FindLoaded(module)?.UsedBy is { Count: > 0 } modules
            ? new Finding(
                FindingCodes.ReloadBlocked,
                Severity.Warning,
                $"{waits}, which other modules use: {string.Join(", ", modules)}."
            )
            {
                Evidence = "/proc/modules",
                Remedy = "Unload them first, or reboot.",
            }
            : null;
    }
}
