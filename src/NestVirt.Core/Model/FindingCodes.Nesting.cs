namespace NestVirt.Model;

/// <content>Which codes stand against nesting.</content>
internal static partial class FindingCodes
{
    private static readonly HashSet<string> s_nesting = new(StringComparer.Ordinal)
    {
        ArchitectureCannotNest,
        ContainerHidesDevice,
        CpusDiffer,
        HyperVCpuUnknown,
        HyperVEditionUnable,
        HyperVInGuest,
        HyperVNotRunning,
        HyperVOnArm,
        HyperVRoleMissing,
        HyperVTooOldForAmd,
        HyperVUnknown,
        HyperVWithoutNesting,
        HypervisorHidesVirtualization,
        KernelNotLinux,
        KvmDeviceMissing,
        KvmDeviceUnknown,
        KvmModuleMissing,
        KvmModuleNotLoaded,
        KvmModuleUnknown,
        KvmNotStarted,
        ModuleBlacklisted,
        ModuleInstallReplaced,
        ModuleOptionBlank,
        ModuleValueInvalid,
        NestedOff,
        NestedUnknown,
        OtherHypervisorRunning,
        VirtualizationDisabledInFirmware,
        VirtualizationNotAvailable,
        VirtualizationUnknown,
        XenHost,
    };

    /// <summary>Tells whether a finding of a code stands against nesting, so that its remedy is a step towards it.</summary>
    /// <param name="code">The code.</param>
    /// <returns>True if it does.</returns>
    internal static bool DecidesNesting(string code) => s_nesting.Contains(code);
}
