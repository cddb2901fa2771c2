using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Linux.Boot;
using NestVirt.Linux.Modprobe;
using NestVirt.Model;

namespace NestVirt.Linux.Kvm;

/// <summary>Refuses what would leave a module that cannot be loaded, and says why a reload would.</summary>
/// <remarks>
/// The kernel is given all options of a module together and ends the load at a value that it does not take
/// (kernel/params.c: parse_args); so it is for kvm, which the others need.
/// </remarks>
internal static class ModuleLoadRules
{
    /// <summary>Checks what the next boot hands to a module and to those that it needs.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="files">modprobe's files as they will be.</param>
    /// <param name="module">The module, with underscores.</param>
    /// <param name="wanted">The parameters and their values: words of the command line that set them are dealt with already.</param>
    /// <exception cref="ChangeRefusedException">The kernel would not load one of them.</exception>
    internal static void Require(
        KvmHostState state,
        ModprobeConfig files,
        string module,
        IReadOnlyDictionary<string, string> wanted
    )
    {
        Finding[] reasons =
        [
            .. from needed in state.Configuration.Needed(module)
            let fault = ModuleSettingFaults.InvalidOf(state.Configuration, needed)
            from setting in files
                .Options(needed)
                .Concat(
                    state
                        .NextBoot.Candidates.SelectMany(line => line.ModuleOptions(needed))
                        .Where(setting => needed != module || !wanted.ContainsKey(setting.Name))
                )
                .Distinct()
            where !state.Configuration.Takes(needed, setting)
            select Refusal(fault(setting), needed == module && wanted.ContainsKey(setting.Name)),
            .. state
                .NextBoot.Candidates.Select(line => state.Configuration with { Files = files, CommandLine = line })
                .Select(next =>
                    next.Excluded(module) is { } pages ? ModuleSettingFaults.Invalid(next, module, pages) : null
                )
                .OfType<Finding>()
                .Take(1),
        ];
        if (reasons.Length > 0)
        {
            throw new ChangeRefusedException(reasons);
        }
    }

    /// <summary>Checks words for the kernel's command line: modprobe hands them to the module that they name.</summary>
    /// <param name="words">The words to have.</param>
    /// <exception cref="ChangeRefusedException">No release's module is loaded with one of them.</exception>
    internal static void RequireWords(IEnumerable<string> words)
    {
        KernelCommandLine line = new(string.Join(' ', words), "the words asked for");
        ModuleConfiguration any = new(ModprobeConfig.Empty, line, new KvmModuleListing());
        Finding[] reasons =
        [
            .. from module in KvmParameterCatalog.Modules
            from setting in line.ModuleOptions(module)
            where !any.Takes(module, setting)
            select ModuleSettingFaults.Invalid(any, module, setting),
        ];
        if (reasons.Length > 0)
        {
            throw new ChangeRefusedException(reasons);
        }
    }

    /// <summary>Tells whether the next boot does not load a module either, so that nothing is to be waited for.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="files">modprobe's files as they will be.</param>
    /// <param name="module">The module, with underscores.</param>
    /// <returns>True if not.</returns>
    internal static bool IsBarredAtBoot(KvmHostState state, ModprobeConfig files, string module) =>
        state.NextBoot.Candidates.Any(line =>
            (state.Configuration with { Files = files, CommandLine = line }).Barrier(module) is not null
        );

    /// <summary>Finds what keeps a module from being loaded again now, once it is unloaded.</summary>
    /// <remarks>A line <c>blacklist</c> does not: it is about aliases (kmod: kmod_module_apply_filter), and modprobe is given the name.</remarks>
    /// <param name="state">What was read.</param>
    /// <param name="files">modprobe's files as they will be then.</param>
    /// <param name="module">The module, with underscores.</param>
    /// <returns>What it is and the remedy; null when nothing is known to.</returns>
    internal static (string Why, string Evidence, string Remedy)? Obstacle(
        KvmHostState state,
        ModprobeConfig files,
        string module
    )
    {
        ModuleConfiguration then = state.Configuration with { Files = files };
        if (then.Barrier(module) is { } barrier)
        {
            return ("modprobe would not load it", barrier, "Remove that line or word, then repeat.");
        }

        foreach (string needed in then.Needed(module))
        {
            if (then.FirstInvalid(needed) is { } invalid)
            {
                Finding fault = ModuleSettingFaults.Invalid(then, needed, invalid);
                return (
                    "the kernel would not load it again",
                    invalid.Evidence,
                    $"{fault.Remedy} Then repeat, or reboot."
                );
            }

            if (files.InstallCommand(needed) is { } install && !IsPlainLoad(then, needed, install))
            {
                return (
                    $"modprobe would run a command in place of loading {needed}, and whether that loads it nobody can tell",
                    install.Evidence,
                    "Remove that line where it is not needed, or reboot."
                );
            }
        }

        return null;
    }

    private static Finding Refusal(Finding fault, bool isWanted) =>
        fault with
        {
            Remedy = isWanted
                ? Advice.Of(
                    $"Have that setting commented out with {ChangeSwitch.ReplaceConflict}, or correct it yourself."
                )
                : $"{fault.Remedy} Then repeat.",
            RepeatWith = isWanted ? ChangeSwitch.ReplaceConflict : null,
        };

    // modprobe --ignore-install MODULE, with parameters that the kernel takes.
    private static bool IsPlainLoad(ModuleConfiguration configuration, string module, ModprobeDirective install)
    {
        string[] words =
        [
            .. install
                .Arguments.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries)
                .Where(static word => word != "$CMDLINE_OPTS"),
        ];
        string[] operands = [.. words.Skip(1).Where(static word => word[0] != '-')];
        return words.Length > 0
            && words[0][(words[0].LastIndexOf('/') + 1)..] == "modprobe"
            && words.Any(static word => word is "-i" or "--ignore-install")
            && operands.Length > 0
            && ModprobeFile.Normalize(operands[0]) == module
            && install.Arguments.IndexOfAny([';', '&', '|', '`', '(', '<', '>']) < 0
            && ModuleSetting
                .Split(string.Join(' ', operands.Skip(1)), install.Source, install.Text)
                .All(setting => configuration.Takes(module, setting));
    }
}
