using NestVirt.Changes;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Kvm;

/// <summary>Refuses parameters that a module has not, values that the kernel does not take, and features that the CPU lacks.</summary>
internal static class ModuleParameterRules
{
    // The parameter is cleared by the module itself where the processor lacks the feature (vmx.c and svm.c:
    // hardware_setup), so asking for it would be in vain. Names as /proc/cpuinfo prints them.
    private static readonly Dictionary<string, string> s_features = new(StringComparer.Ordinal)
    {
        ["kvm_intel.ept"] = "ept",
        ["kvm_intel.eptad"] = "ept_ad",
        ["kvm_intel.vpid"] = "vpid",
        ["kvm_intel.vnmi"] = "vnmi",
        ["kvm_intel.flexpriority"] = "flexpriority",
        ["kvm_intel.unrestricted_guest"] = "unrestricted_guest",
        ["kvm_intel.enable_shadow_vmcs"] = "shadow_vmcs",
        ["kvm_intel.pml"] = "pml",
        ["kvm_intel.preemption_timer"] = "preemption_timer",
        ["kvm_intel.enable_apicv"] = "apicv",
        ["kvm_amd.npt"] = "npt",
        ["kvm_amd.avic"] = "avic",
        ["kvm_amd.vgif"] = "vgif",
        ["kvm_amd.vnmi"] = "vnmi",
        ["kvm_amd.lbrv"] = "lbrv",
        ["kvm_amd.nrips"] = "nrip_save",
        ["kvm_amd.tsc_scaling"] = "tsc_scale",
        ["kvm_amd.vls"] = "v_vmsave_vmload",
    };

    /// <summary>Checks every parameter.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="module">The module, with underscores.</param>
    /// <param name="wanted">The parameters and their values.</param>
    /// <exception cref="ChangeRefusedException">One of them cannot be.</exception>
    public static void Require(KvmHostState state, string module, IReadOnlyDictionary<string, string> wanted)
    {
        List<Finding> reasons = [.. ModuleReasons(state, module)];
        if (reasons.Count == 0)
        {
            reasons.AddRange(wanted.Select(pair => Reason(state, module, pair.Key, pair.Value)).OfType<Finding>());
        }

        if (reasons.Count > 0)
        {
            throw new ChangeRefusedException(reasons);
        }
    }

    private static IEnumerable<Finding> ModuleReasons(KvmHostState state, string module)
    {
        if (
            module is "kvm_intel" or "kvm_amd"
            && state.NestingModule is "kvm_intel" or "kvm_amd"
            && state.NestingModule != module
        )
        {
            yield return new Finding(
                FindingCodes.ModuleForeign,
                Severity.Error,
                $"{module} does nothing on this host, whose processor needs {state.NestingModule}."
            )
            {
                Remedy = $"Name {state.NestingModule}, or another host.",
            };
        }
        else if (state.Configuration.Listing.StateOf(module) == ModuleState.Missing)
        {
            yield return new Finding(
                FindingCodes.ModuleMissing,
                Severity.Error,
                $"The host's kernel has no module {module}."
            )
            {
                Remedy =
                    state.NestingModule is { } other && other != module
                        ? $"This host's processor needs {other}."
                        : null,
            };
        }
    }

    private static Finding? Reason(KvmHostState state, string module, string name, string value)
    {
        ModuleConfiguration configuration = state.Configuration;
        if (!configuration.HasParameter(module, name))
        {
            return new Finding(
                FindingCodes.ParameterUnknown,
                Severity.Error,
                $"{module} has no parameter {HostText.ForDisplay(name, 60)}."
            )
            {
                Remedy =
                    KvmParameterCatalog.OtherOwner(name, module, state.NestingModule) is { } owner
                        ? $"{owner} has one of that name."
                    : Nearest(configuration, module, name) is { } nearest ? $"Did you mean {nearest}?"
                    : null,
            };
        }

        if (!configuration.Takes(module, name, value))
        {
            return new Finding(
                FindingCodes.ValueInvalid,
                Severity.Error,
                $"{module} takes no {name}={HostText.ForDisplay(value, 60)}: with it the module would not load."
            )
            {
                Remedy = $"Give {ModuleSettingFaults.Wanted(configuration, module, name)}.",
            };
        }

        IReadOnlyList<string> features = state.Machine.Virtualization.Features;
        bool asks = ModuleParameterValue.ToSwitch(configuration.KindOf(module, name), value) == NestedState.On;
        return
            asks
            && features.Count > 0
            && s_features.TryGetValue($"{module}.{name}", out string? feature)
            && !features.Contains(feature)
            && IsListedByKernel(state, feature)
            ? new Finding(
                FindingCodes.FeatureMissing,
                Severity.Error,
                $"The processor lacks {feature}, so {module} would clear {name} again."
            )
            {
                Evidence = "/proc/cpuinfo",
            }
            : null;
    }

    // Kernels before 5.6 have no line "vmx flags" and print a few of the features only.
    private static bool IsListedByKernel(KvmHostState state, string feature) =>
        state.Extension != "VT-x"
        || feature is "ept" or "vpid" or "vnmi" or "flexpriority"
        || (KernelVersion.TryParse(state.System.KernelRelease, out Version? version) && version >= new Version(5, 6));

    private static string? Nearest(ModuleConfiguration configuration, string module, string name) =>
        Spelling.Nearest(
            name,
            configuration.Listing.Parameters.GetValueOrDefault(module)?.Select(static parameter => parameter.Name)
                ?? KvmParameterCatalog.Names(module)
        );
}
