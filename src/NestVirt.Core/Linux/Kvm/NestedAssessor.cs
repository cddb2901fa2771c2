using NestVirt.Linux.Boot;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Modprobe;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Kvm;

/// <summary>Tells whether a host's guests may nest: now, by configuration, and after the next boot.</summary>
internal static class NestedAssessor
{
    private const string ArmOption = "kvm-arm.mode";
    private const string ArmNested = "nested";

    /// <summary>Weighs what was read.</summary>
    /// <param name="state">What was read.</param>
    /// <returns>Nesting at the three times.</returns>
    public static NestedFacts Assess(KvmHostState state)
    {
        if (IsNotApplicable(state))
        {
            return new NestedFacts(
                state.NestingModule,
                NestedState.NotApplicable,
                Configured(state),
                NestedState.NotApplicable
            );
        }

        return state.NestingModule is { } module
            ? new NestedFacts(module, Effective(state, module), Configured(state), NextBoot(state, module))
            : new NestedFacts(null, NestedState.Unknown, null, NestedState.Unknown);
    }

    /// <summary>Gets the file that shows the value in effect, with its value, as evidence; null when it shows none.</summary>
    /// <param name="state">What was read.</param>
    /// <returns>Path and value.</returns>
    public static string? Evidence(KvmHostState state) =>
        state.NestingModule is { } module
        && state.Listing?.FindParameter(module, KvmParameterCatalog.Nested)?.Value is { } value
            ? $"/sys/module/{module}/parameters/{KvmParameterCatalog.Nested}: {HostText.ForDisplay(value, 20)}"
            : null;

    private static bool IsNotApplicable(KvmHostState state) =>
        state.Machine.Virtualization.State is VirtualizationState.NotAvailable or VirtualizationState.DisabledInFirmware
        || state.Machine.IsXenControlDomain
        || state.Machine.NestingObstacle is not null
        || KvmArchitecture.LacksNesting(state.Architecture, state.Extension);

    private static NestedState Effective(KvmHostState state, string module)
    {
        if (KvmArchitecture.IsArm64(state.Architecture, state.Extension))
        {
            // Asked for, it needs a processor with FEAT_NV2 as well, which no file shows.
            return ArmMode(state.Configuration.CommandLine) == ArmNested ? NestedState.Unknown : NestedState.Off;
        }

        return state.Configuration.Listing.StateOf(module) switch
        {
            ModuleState.Loaded or ModuleState.BuiltIn => ModuleParameterValue.FromSysfs(
                state.Listing?.FindParameter(module, KvmParameterCatalog.Nested)?.Value
            ),
            ModuleState.NotLoaded or ModuleState.Missing => NestedState.Off,
            _ => NestedState.Unknown,
        };
    }

    private static NestedState? Configured(KvmHostState state)
    {
        if (KvmArchitecture.IsArm64(state.Architecture, state.Extension))
        {
            return ArmMode(state.Configuration.CommandLine) switch
            {
                null => null,
                ArmNested => NestedState.On,
                _ => NestedState.Off,
            };
        }

        if (state.NestingModule is not { } module)
        {
            return null;
        }

        ModuleSetting? winner = state.Configuration.Winner(module, KvmParameterCatalog.Nested);
        bool mayBeHidden =
            state.Configuration.Files.Unreadable.Count > 0
            && winner?.Source != state.Configuration.CommandLine.Source
            && state.Configuration.Listing.StateOf(module) != ModuleState.BuiltIn;
        return mayBeHidden ? NestedState.Unknown
            : winner is null ? null
            : ModuleParameterValue.ToSwitch(state.Configuration.KindOf(module, winner.Name), winner.Value);
    }

    private static NestedState NextBoot(KvmHostState state, string module)
    {
        NestedState[] states = [.. state.NextBoot.Candidates.Select(line => NextBoot(state, module, line)).Distinct()];
        bool mayLackExtension =
            state.Machine.Virtualization.State == VirtualizationState.Unknown
            && state.Configuration.Listing.StateOf(module) != ModuleState.Loaded;
        return states is [NestedState only] && !(only == NestedState.On && mayLackExtension)
            ? only
            : NestedState.Unknown;
    }

    private static NestedState NextBoot(KvmHostState state, string module, KernelCommandLine line)
    {
        if (KvmArchitecture.IsArm64(state.Architecture, state.Extension))
        {
            return ArmMode(line) == ArmNested ? NestedState.Unknown : NestedState.Off;
        }

        ModuleConfiguration next = state.Configuration with { CommandLine = line };
        ModuleState now = next.Listing.StateOf(module);
        if (
            now == ModuleState.Missing
            || (now != ModuleState.BuiltIn && (next.FirstInvalid(module) ?? next.FirstInvalid("kvm")) is not null)
        )
        {
            return NestedState.Off;
        }

        if (next.Obstacle(module) is not null)
        {
            // Something loaded it all the same; whether that happens again is not known.
            return now == ModuleState.Loaded ? NestedState.Unknown : NestedState.Off;
        }

        bool isUncertain = next.Files.Unreadable.Count > 0 || next.Files.InstallCommand(module) is not null;
        ModuleSetting? winner = next.Winner(module, KvmParameterCatalog.Nested);
        return now != ModuleState.BuiltIn && isUncertain ? NestedState.Unknown
            : winner is not null
            && ModuleParameterValue.ToSwitch(next.KindOf(module, winner.Name), winner.Value)
                is var asked
                    and not NestedState.Unknown
                ? asked
            : Default(state, module);
    }

    // An old kernel's default is off; its vendor may have changed that, so what it shows unasked is taken for the default.
    private static NestedState Default(KvmHostState state, string module)
    {
        NestedState byKernel = KvmArchitecture.DefaultNesting(module, state.System.KernelRelease);
        bool isUnasked = state.Configuration.Winner(module, KvmParameterCatalog.Nested) is null;
        return byKernel != NestedState.Unknown || !isUnasked ? byKernel
            : ModuleParameterValue.FromSysfs(state.Listing?.FindParameter(module, KvmParameterCatalog.Nested)?.Value)
            is NestedState.Off
                ? NestedState.Off
            : NestedState.Unknown;
    }

    private static string? ArmMode(KernelCommandLine line) =>
        line.Arguments.LastOrDefault(static argument => argument.Name.Replace('_', '-') == ArmOption)?.Value;
}
