using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux.Boot;
using NestVirt.Linux.Initramfs;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Modprobe;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.Kvm;

/// <summary>Plans parameters of KVM's modules: in modprobe's files for the next boot, and by a reload for now; on the kernel's command line for what is part of the kernel.</summary>
internal static class ModuleParameterPlanner
{
    /// <summary>Gets the probes whose answers are read.</summary>
    public static IReadOnlyList<HostProbe> Probes { get; } =
    [
        .. KvmHostState.Probes.Union(BootSystem.Probes),
        HostIdentityProbe.Probe,
        ModprobeFiles.Probe,
        KvmUsersProbe.Probe,
    ];

    /// <summary>Plans what a request asks for.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">The module and its parameters.</param>
    /// <param name="answers">The answers of the host.</param>
    /// <returns>The changes that are missing.</returns>
    /// <exception cref="ChangeRefusedException">The host cannot have the parameters.</exception>
    public static ChangePlan Plan(HostTarget target, ModuleParameterRequest request, ProbeAnswers answers) =>
        Plan(
            target,
            request,
            answers.Read(KvmHostState.Reading),
            answers,
            ModprobeFile.Normalize(request.Module),
            request.Parameters,
            load: false
        );

    /// <summary>Plans parameters of one module.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">The request, for what it allows.</param>
    /// <param name="state">What was read.</param>
    /// <param name="answers">The answers of the host.</param>
    /// <param name="module">The module, with underscores.</param>
    /// <param name="parameters">The parameters and their values.</param>
    /// <param name="load">Whether to load the module when it is not.</param>
    /// <returns>The changes that are missing.</returns>
    internal static ChangePlan Plan(
        HostTarget target,
        ChangeRequest request,
        KvmHostState state,
        ProbeAnswers answers,
        string module,
        IReadOnlyDictionary<string, string> parameters,
        bool load
    )
    {
        request.RequireFaultless();
        Dictionary<string, string> wanted = parameters.ToDictionary(
            static pair => ModprobeFile.Normalize(pair.Key),
            static pair => pair.Value,
            StringComparer.Ordinal
        );
        ModuleParameterRules.Require(state, module, wanted);
        BootSystem system = answers.Read(BootSystem.Reading);
        HostIdentity identity = HostIdentityProbe.Read(answers);
        if (state.Configuration.Listing.StateOf(module) == ModuleState.BuiltIn)
        {
            ModuleCommandLinePlan words = ModuleCommandLinePlan.BuiltIn(
                state,
                system,
                module,
                wanted,
                request.ReplaceConflict
            );
            return new ChangePlan(target, request, identity, words.Changes)
            {
                Findings = words.Findings,
                Pending = words.Pending,
            };
        }

        ModuleCommandLinePlan line = ModuleCommandLinePlan.WithoutConflicts(
            state,
            system,
            module,
            wanted,
            request.ReplaceConflict
        );
        ModprobePlan files = ModprobePlan.Make(
            state,
            ModprobeFiles.Read(answers),
            module,
            wanted,
            request.ReplaceConflict
        );
        InitramfsPlan initramfs = InitramfsPlan.ForOptions(
            system,
            module,
            // The vendor's module loads the common one.
            module == "kvm"
                ? KvmParameterCatalog.Modules
                : [],
            setting =>
                !wanted.TryGetValue(setting.Name, out string? value)
                || ModprobePlan.IsSame(state.Configuration.KindOf(module, setting.Name), setting.Value, value),
            files.Changes
        );
        ModuleReloadPlan reload = ModuleReloadPlan.Make(
            state,
            files.Configuration,
            KvmUsersProbe.Read(answers),
            module,
            wanted,
            request,
            load
        );
        if (line.IsOverridden)
        {
            reload = reload with
            {
                Changes = [.. reload.Changes.Where(static change => change.Step.Action != ModuleAction.Action.Name)],
                Pending = [],
            };
        }

        return new ChangePlan(
            target,
            request,
            identity,
            [.. files.Changes, .. line.Changes, .. initramfs.Changes, .. reload.Changes]
        )
        {
            Findings =
            [
                .. files.Findings,
                .. Replaced(state, module),
                .. line.Findings,
                .. initramfs.Findings,
                .. reload.Findings,
            ],
            Pending = [.. line.Pending, .. reload.Pending],
        };
    }

    // A command that loads the module may give it parameters of its own.
    private static IEnumerable<Finding> Replaced(KvmHostState state, string module) =>
        state.Configuration.Files.InstallCommand(module) is { } install
            ?
            [
                new Finding(
                    FindingCodes.ModuleInstallReplaced,
                    Severity.Warning,
                    $"modprobe runs a command instead of loading {module} itself, so whether the options count at the next boot is up to that command."
                )
                {
                    Evidence = install.Evidence,
                    Remedy = "Remove the line where it is not needed.",
                },
            ]
            : [];
}
