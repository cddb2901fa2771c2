using NestVirt.Hosts;
using NestVirt.Linux.Files;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Modprobe;
using NestVirt.Model;

namespace NestVirt.Linux.Kvm;

/// <summary>Puts together each KVM module's state, its parameters and what is configured for them.</summary>
internal static class KvmModuleAssessor
{
    /// <summary>Describes the modules.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="target">The host.</param>
    /// <returns>The modules of the host's architecture, and others of KVM that it has; kvm first.</returns>
    public static IReadOnlyList<KvmModule> Assess(KvmHostState state, HostTarget target)
    {
        IReadOnlyList<ModuleFinding> findings = ModuleConfigurationAssessor.Assess(
            state.Configuration,
            state.NestingModule
        );
        KvmModuleListing listing = state.Configuration.Listing;
        IEnumerable<string> names = KvmArchitecture
            .Modules(state.Architecture, state.Extension)
            .Concat(
                (listing.Loaded ?? [])
                    .Select(static module => module.Name)
                    .Where(static name => name.StartsWith("kvm_", StringComparison.Ordinal))
            )
            .Concat(listing.Present)
            .Distinct(StringComparer.Ordinal);
        return [.. names.Select(name => Describe(state, name, findings, target))];
    }

    private static KvmModule Describe(
        KvmHostState state,
        string name,
        IReadOnlyList<ModuleFinding> findings,
        HostTarget target
    )
    {
        KvmModuleListing listing = state.Configuration.Listing;
        LoadedModule? loaded = listing.FindLoaded(name);
        bool decides =
            name == state.NestingModule
            || (
                name is "kvm_intel" or "kvm_amd" or "kvm_hv"
                && listing.FindParameter(name, KvmParameterCatalog.Nested) is not null
            );
        return new KvmModule(name, listing.StateOf(name))
        {
            Target = target,
            UseCount = loaded?.UseCount,
            UsedBy = loaded?.UsedBy ?? [],
            Nested = decides ? Nested(state, name) : NestedState.NotApplicable,
            Parameters = Parameters(state.Configuration, name),
            Findings =
            [
                .. findings
                    .Where(finding => finding.Module == name)
                    .Select(static finding => finding.Finding)
                    .Concat(name == "kvm" ? LeftOutFiles.Findings(state.FilesLeftOut) : [])
                    .Select(finding => finding.For(target))
                    .OrderByDescending(static finding => finding.Severity),
            ],
        };
    }

    private static NestedState Nested(KvmHostState state, string name) =>
        name == state.NestingModule
            ? NestedAssessor.Assess(state).Effective
            : ModuleParameterValue.FromSysfs(
                state.Configuration.Listing.FindParameter(name, KvmParameterCatalog.Nested)?.Value
            );

    // What is configured and not in effect is a parameter too: of a module that is not loaded, or misspelt.
    private static List<ModuleParameter> Parameters(ModuleConfiguration configuration, string module)
    {
        SortedDictionary<string, ModuleParameter> parameters = new(StringComparer.Ordinal);
        foreach (ListedParameter listed in configuration.Listing.Parameters.GetValueOrDefault(module) ?? [])
        {
            parameters[listed.Name] = new ModuleParameter(listed.Name, listed.Value) { IsWritable = listed.IsWritable };
        }

        foreach (ModuleSetting setting in configuration.Settings(module))
        {
            ModuleParameter known =
                parameters.GetValueOrDefault(setting.Name) ?? new ModuleParameter(setting.Name, null);
            parameters[setting.Name] = known with { Configured = setting.Value ?? "1", ConfiguredBy = setting.Source };
        }

        return [.. parameters.Values];
    }
}
