using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Linux.Boot;
using NestVirt.Linux.Boot.Loaders;
using NestVirt.Linux.Modprobe;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Kvm;

/// <summary>What parameters of a module need of the kernel's command line.</summary>
/// <param name="Changes">Edits of files, then the tool that hands them to the boot loader.</param>
/// <param name="Findings">What may surprise.</param>
/// <param name="Pending">What waits for the next boot.</param>
/// <param name="IsOverridden">Whether this boot's words win over modprobe's files until the next boot.</param>
internal sealed record ModuleCommandLinePlan(
    IReadOnlyList<HostChange> Changes,
    IReadOnlyList<Finding> Findings,
    IReadOnlyList<Finding> Pending,
    bool IsOverridden
)
{
    private static readonly ModuleCommandLinePlan s_nothing = new([], [], [], false);

    /// <summary>Plans the removal of words that would win: modprobe puts the options of the kernel's command line behind those of its files.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="system">What the host boots with.</param>
    /// <param name="module">A module that can be loaded, with underscores.</param>
    /// <param name="wanted">The parameters and their values.</param>
    /// <param name="replaceConflict">Whether the words may be taken away.</param>
    /// <returns>The changes; none when nothing wins.</returns>
    /// <exception cref="ChangeRefusedException">A word wins and may not be taken away, or nobody knows how.</exception>
    internal static ModuleCommandLinePlan WithoutConflicts(
        KvmHostState state,
        BootSystem system,
        string module,
        IReadOnlyDictionary<string, string> wanted,
        bool replaceConflict
    )
    {
        ModuleSetting[] now = [.. Conflicts(state, state.Configuration.CommandLine, module, wanted)];
        ModuleSetting[] next =
        [
            .. state.NextBoot.Candidates.SelectMany(line => Conflicts(state, line, module, wanted)),
        ];
        ModuleSetting[] all = [.. next.Concat(now).DistinctBy(static setting => setting.Text)];
        if (all.Length == 0)
        {
            return s_nothing;
        }

        if (next.Length > 0 && !replaceConflict)
        {
            throw new ChangeRefusedException([.. all.Select(setting => Overrides(module, setting))]);
        }

        string[] names = [.. all.Select(setting => $"{module}.{setting.Name}").Distinct(StringComparer.Ordinal)];
        Finding[] waits = now.Length == 0 ? [] : [Waits(module, now[0])];
        if (next.Length == 0)
        {
            return new ModuleCommandLinePlan([], [], waits, now.Length > 0);
        }

        KernelParameterPlan plan = KernelParameterPlan.Make(system, new KernelWordChange([], names), replaceConflict);

        // What stands behind -- is init's, and modprobe reads it all the same.
        return plan.Changes.Count > 0 || state.NextBoot.AssumedBecause is not null
            ? new ModuleCommandLinePlan(plan.Changes, plan.Findings, waits, now.Length > 0)
            : throw new ChangeRefusedException([
                .. next.Select(setting =>
                    Overrides(module, setting) with
                    {
                        Remedy = "Take the word away where it is written, behind the -- that ends the kernel's own.",
                        RepeatWith = null,
                    }
                ),
            ]);
    }

    /// <summary>Plans the parameters of a module that is part of the kernel: it takes them from the command line alone.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="system">What the host boots with.</param>
    /// <param name="module">The module, with underscores.</param>
    /// <param name="wanted">The parameters and their values.</param>
    /// <param name="replaceConflict">Whether words in others' files may be changed.</param>
    /// <returns>The changes; what the kernel lets be written is written now, too.</returns>
    /// <exception cref="ChangeRefusedException">A word cannot be, the way of booting is unknown, or the kernel did not take the word.</exception>
    internal static ModuleCommandLinePlan BuiltIn(
        KvmHostState state,
        BootSystem system,
        string module,
        IReadOnlyDictionary<string, string> wanted,
        bool replaceConflict
    )
    {
        KvmModuleListing listing = state.Configuration.Listing;
        KeyValuePair<string, string>[] missing =
        [
            .. wanted.Where(pair =>
                !ModuleReloadPlan.IsInEffect(listing.FindParameter(module, pair.Key)?.Value, pair.Value)
            ),
        ];
        string[] words =
        [
            .. wanted
                .Where(pair => !IsKept(state, module, pair))
                .Select(pair => Word(state, module, pair))
                .Order(StringComparer.Ordinal),
        ];
        if (words.Length == 0)
        {
            return s_nothing;
        }

        if (state.Machine.IsWsl)
        {
            RequireGiven(state, module, wanted);
        }

        KernelWordRules.Require(words, [], force: false);
        KernelParameterPlan plan = KernelParameterPlan.Make(system, new KernelWordChange(words, []), replaceConflict);
        KeyValuePair<string, string>[] waiting = Array.FindAll(
            missing,
            pair => listing.FindParameter(module, pair.Key)?.IsWritable != true
        );
        if (waiting.Length > 0 && plan.Changes.Count == 0 && plan.Pending.Count == 0)
        {
            throw new ChangeRefusedException([.. waiting.Select(pair => NotTaken(state, module, pair.Key))]);
        }

        return new ModuleCommandLinePlan(
            [.. plan.Changes, .. missing.Except(waiting).Select(pair => ModuleReloadPlan.Write(listing, module, pair))],
            plan.Findings,
            waiting.Length == 0 ? [] : plan.Pending,
            false
        );
    }

    private static IEnumerable<ModuleSetting> Conflicts(
        KvmHostState state,
        KernelCommandLine line,
        string module,
        IReadOnlyDictionary<string, string> wanted
    ) =>
        line.ModuleOptions(module)
            .Where(setting =>
                wanted.TryGetValue(setting.Name, out string? value)
                && !ModprobePlan.IsSame(state.Configuration.KindOf(module, setting.Name), setting.Value, value)
            );

    private static Finding Overrides(string module, ModuleSetting setting) =>
        new(
            FindingCodes.CommandLineOverrides,
            Severity.Error,
            $"The kernel's command line sets {module}.{setting.Name}, which wins over modprobe's files."
        )
        {
            Evidence = setting.Evidence,
            Remedy = Advice.Of(
                $"Have the word taken away with {ChangeSwitch.ReplaceConflict}; that counts from the next boot on."
            ),
            RepeatWith = ChangeSwitch.ReplaceConflict,
        };

    private static Finding Waits(string module, ModuleSetting setting) =>
        new(
            FindingCodes.CommandLineOverrides,
            Severity.Warning,
            $"{module}.{setting.Name} waits for the next boot: until then modprobe takes this boot's word for it, so loading the module again would be in vain."
        )
        {
            Evidence = setting.Evidence,
            Remedy = "Reboot the host when it suits you.",
        };

    private static Finding NotTaken(KvmHostState state, string module, string name) =>
        new(
            FindingCodes.ParameterNotTaken,
            Severity.Error,
            $"The kernel was given {module}.{name} at boot, and shows another value."
        )
        {
            Evidence =
                $"/sys/module/{module}/parameters/{name}: {HostText.ForDisplay(state.Configuration.Listing.FindParameter(module, name)?.Value ?? "not there", 60)}",
            Remedy = "Look in the kernel log for lines of kvm, which say why.",
        };

    // Windows keeps the command line of its subsystem's kernel in a file that no tool of the host reaches.
    private static void RequireGiven(KvmHostState state, string module, IReadOnlyDictionary<string, string> wanted)
    {
        string[] missing =
        [
            .. wanted
                .Where(pair =>
                    state
                        .Configuration.CommandLine.BuiltInOptions(module)
                        .LastOrDefault(setting => setting.Name == pair.Key)
                        is not { } given
                    || !ModprobePlan.IsSame(state.Configuration.KindOf(module, pair.Key), given.Value, pair.Value)
                )
                .Select(pair => $"{module}.{pair.Key}={pair.Value}")
                .Order(StringComparer.Ordinal),
        ];
        if (missing.Length > 0)
        {
            throw new ChangeRefusedException(
                new Finding(
                    FindingCodes.KernelParameterNeeded,
                    Severity.Error,
                    $"{module} is part of the kernel, and Windows, which starts it, holds its command line."
                )
                {
                    Evidence =
                        $"/proc/sys/kernel/osrelease: {HostText.ForDisplay(state.System.KernelRelease ?? "unknown", 80)}",
                    Remedy = KernelWordAdvice.Put(state, string.Join(' ', missing)),
                }
            );
        }
    }

    // What the kernel shows unasked, and nobody can have written since, it will show again.
    private static bool IsKept(KvmHostState state, string module, KeyValuePair<string, string> wanted) =>
        state.Configuration.Listing.FindParameter(module, wanted.Key) is { IsWritable: false } listed
        && ModuleReloadPlan.IsInEffect(listed.Value, wanted.Value)
        && state
            .NextBoot.Candidates.Append(state.Configuration.CommandLine)
            .All(line => !line.BuiltInOptions(module).Any(setting => setting.Name == wanted.Key));

    // Another spelling of the same value that the next boot has is left alone.
    private static string Word(KvmHostState state, string module, KeyValuePair<string, string> wanted)
    {
        ModuleSetting? written = state.NextBoot.Candidates is [{ } next, ..]
            ? next.BuiltInOptions(module).LastOrDefault(setting => setting.Name == wanted.Key)
            : null;
        return
            written is not null
            && ModprobePlan.IsSame(state.Configuration.KindOf(module, wanted.Key), written.Value, wanted.Value)
            ? written.Value is { } value
                ? $"{module}.{wanted.Key}={value}"
                : $"{module}.{wanted.Key}"
            : $"{module}.{wanted.Key}={wanted.Value}";
    }
}
