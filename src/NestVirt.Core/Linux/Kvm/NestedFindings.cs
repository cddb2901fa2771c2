using NestVirt.Guidance;
using NestVirt.Linux.Boot;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Modprobe;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Kvm;

/// <summary>Says what about nesting deserves attention: off, not lasting, waiting for a reload.</summary>
internal static class NestedFindings
{
    /// <summary>Names the findings.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="nested">Nesting at the three times.</param>
    /// <returns>The findings.</returns>
    public static IEnumerable<Finding> Assess(KvmHostState state, NestedFacts nested)
    {
        if (nested.Module is not { } module || nested.Effective == NestedState.NotApplicable)
        {
            yield break;
        }

        ModuleState moduleState = state.Configuration.Listing.StateOf(module);
        bool isRunning = moduleState is ModuleState.Loaded or ModuleState.BuiltIn;
        if (isRunning && nested.Effective == NestedState.Off)
        {
            yield return Off(
                state,
                module,
                isPending: moduleState == ModuleState.Loaded
                    && nested.Configured == NestedState.On
                    && state.Configuration.FirstRefused(module) is null
            );
        }
        else if (isRunning && nested.Effective == NestedState.Unknown)
        {
            yield return new Finding(FindingCodes.NestedUnknown, Severity.Warning, Why(state, module));
        }

        if (
            moduleState == ModuleState.Loaded
            && (nested.Effective, nested.Configured)
                is
                    (NestedState.On, NestedState.Off)
                    or
                    (NestedState.Off, NestedState.On)
        )
        {
            yield return new Finding(
                FindingCodes.PendingReload,
                Severity.Warning,
                $"{module} is configured with nesting {Word(nested.Configured!.Value)} and runs with it {Word(nested.Effective)}: the setting takes effect when the module is loaded again."
            )
            {
                Evidence = state.Configuration.Winner(module, KvmParameterCatalog.Nested)?.Evidence,
                Remedy = nested.Effective == NestedState.On ? ReloadOf(module) : null,
            };
        }

        if (Lasting(state, nested, module, isRunning) is { } lasting)
        {
            yield return lasting;
        }

        if (state.NextBoot.AssumedBecause is { } reason && nested.NextBoot != NestedState.Unknown)
        {
            yield return new Finding(
                FindingCodes.NextBootAssumed,
                Severity.Information,
                $"What the next boot's kernel command line will be is not known ({reason}); this boot's stands for it."
            );
        }
    }

    private static Finding Off(KvmHostState state, string module, bool isPending)
    {
        if (KvmArchitecture.IsArm64(state.Architecture, state.Extension))
        {
            return new Finding(
                FindingCodes.NestedOff,
                Severity.Error,
                "KVM does not nest, because its mode is not nested."
            )
            {
                Evidence = "/proc/cmdline without kvm-arm.mode=nested",
                Remedy = state.Machine.IsWsl
                    ? KernelWordAdvice.Put(state, "kvm-arm.mode=nested")
                    : "On a processor with FEAT_NV2 and a kernel that supports it, put kvm-arm.mode=nested on the kernel command line and reboot.",
                Mend = state.Machine.IsWsl
                    ? null
                    : new CommandCall(OwnCommand.SetKernel, (CommandArgument.KernelWord, "kvm-arm.mode=nested")),
            };
        }

        return new Finding(
            FindingCodes.NestedOff,
            Severity.Error,
            $"{module} runs with nesting off: guests of this host cannot run hypervisors."
        )
        {
            Evidence = isPending
                ? NestedAssessor.Evidence(state)
                : Join(
                    NestedAssessor.Evidence(state),
                    state.Configuration.Winner(module, KvmParameterCatalog.Nested)?.Evidence
                ),
            Remedy =
                isPending ? Reload(state, module)
                : state.Configuration.FirstRefused(module) is { } refused
                    ? ModuleSettingFaults.Invalid(state.Configuration, refused.Module, refused.Setting).Remedy
                : TurnOn(state, module),
            Mend = KernelWordAdvice.IsOurs(state, module) ? new CommandCall(OwnCommand.EnableNesting) : null,
        };
    }

    private static Finding? Lasting(KvmHostState state, NestedFacts nested, string module, bool isRunning)
    {
        KernelCommandLine line = state.NextBoot.Candidates[0];
        ModuleConfiguration next = state.Configuration with { CommandLine = line };
        string? evidence =
            next.FirstRefused(module)?.Setting.Evidence
            ?? next.Obstacle(module)
            ?? next.Winner(module, KvmParameterCatalog.Nested)?.Evidence
            ?? $"{line.Source}: nothing there or in modprobe.d sets {module}.nested";
        return (nested.Effective, nested.NextBoot, isRunning) switch
        {
            (NestedState.On, NestedState.Off, true) => new Finding(
                FindingCodes.NestedNotPersistent,
                Severity.Warning,
                "Nesting is on now, and will be off after the next boot."
            )
            {
                Evidence = evidence,
                Remedy = Persist(state, module, next),
                Mend =
                    next.FirstRefused(module) is null
                    && next.Obstacle(module) is null
                    && KernelWordAdvice.IsOurs(state, module)
                        ? new CommandCall(OwnCommand.EnableNesting)
                        : null,
            },
            (NestedState.Off, NestedState.On, true) when nested.Configured != NestedState.On => new Finding(
                FindingCodes.NestedOnAfterBoot,
                Severity.Warning,
                "Nesting is off now, and will be on after the next boot."
            )
            {
                Evidence = evidence,
                Remedy = "If it is to stay off, configure that; if not, load the module again.",
            },
            _ => null,
        };
    }

    private static string ReloadOf(string module) =>
        $"Stop the guests, then run: modprobe -r {module} && modprobe {module}";

    private static string Reload(KvmHostState state, string module)
    {
        string start = Start(state, module);
        return start.StartsWith("run", StringComparison.Ordinal) ? $"Run{start["run".Length..]}" : ReloadOf(module);
    }

    // kvm_hv asks its parameter each time that a guest starts (book3s_hv.c: module_param(nested, bool, S_IRUGO | S_IWUSR)).
    private static string Start(KvmHostState state, string module) =>
        module == "kvm_hv" && state.Listing?.FindParameter(module, KvmParameterCatalog.Nested)?.IsWritable != false
            ? $"run, for guests that start afterwards: echo 1 > /sys/module/{module}/parameters/nested"
            : $"stop the guests and run: modprobe -r {module} && modprobe {module}";

    private static string TurnOn(KvmHostState state, string module)
    {
        ModuleSetting? winner = state.Configuration.Winner(module, KvmParameterCatalog.Nested);
        bool dropsHugePages = state.Configuration.MustDropHugePages(module);
        string hpage = dropsHugePages ? $" {module}.hpage=0" : string.Empty;
        if (state.Configuration.Listing.StateOf(module) == ModuleState.BuiltIn)
        {
            return KernelWordAdvice.Put(state, $"{module}.nested=1{hpage}");
        }

        return winner?.Source == state.Configuration.CommandLine.Source
            ? $"Take {PlainWord.Or(winner.Text, "the word")} off the kernel command line, or make it {Renamed(winner)}{hpage}, and reboot."
            : $"Write \"options {module} nested=1{(dropsHugePages ? " hpage=0" : string.Empty)}\" to /etc/modprobe.d/nestvirt.conf{Instead(winner)}; then {Start(state, module)}";
    }

    private static string Persist(KvmHostState state, string module, ModuleConfiguration next) =>
        next.FirstRefused(module) is { } refused
            ? ModuleSettingFaults.Invalid(next, refused.Module, refused.Setting).Remedy!
        : next.Obstacle(module) is not null ? "Remove the line that keeps the module from being loaded."
        : next.Winner(module, KvmParameterCatalog.Nested) is { } winner
            ? winner.Source == next.CommandLine.Source
                    ? $"Take {PlainWord.Or(winner.Text, "the word")} off the kernel command line, or make it {Renamed(winner)}."
                : $"Change {PlainWord.Or(winner.Source, "its line")} to nested=1."
        : state.Configuration.Listing.StateOf(module) == ModuleState.BuiltIn
            ? KernelWordAdvice.Put(state, $"{module}.nested=1")
        : $"Write \"options {module} nested=1\" to /etc/modprobe.d/nestvirt.conf.";

    // The word as it stands on the line, with its own spelling of the module, and the value that turns nesting on.
    private static string Renamed(ModuleSetting word) =>
        word.Text.IndexOf('=', StringComparison.Ordinal) is int end and > 0 && PlainWord.Is(word.Text[..end])
            ? $"{word.Text[..end]}=1"
            : "its name with =1";

    private static string Instead(ModuleSetting? winner) =>
        winner is null
            ? string.Empty
            : $", and remove {PlainWord.Or($"nested={winner.Value}", "nested")} at {PlainWord.Or(winner.Source, "its line")}";

    private static string Why(KvmHostState state, string module) =>
        KvmArchitecture.IsArm64(state.Architecture, state.Extension)
            ? "Nesting is asked for on the command line; whether the processor has FEAT_NV2 is not shown by any file."
        : state.Listing?.FindParameter(module, KvmParameterCatalog.Nested) is null
            ? $"{module} shows no parameter nested, so whether it nests is not known."
        : $"This account may not read the parameter nested of {module}.";

    private static string Word(NestedState state) => state == NestedState.On ? "on" : "off";

    private static string? Join(string? first, string? second) =>
        first is null ? second
        : second is null ? first
        : $"{first}; {second}";
}
