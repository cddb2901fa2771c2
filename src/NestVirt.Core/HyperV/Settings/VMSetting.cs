using System.Globalization;
using NestVirt.HyperV.Machine;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Settings;

/// <summary>A setting of a virtual machine that is changed here: there are no others.</summary>
/// <param name="Word">Its name in plans.</param>
/// <param name="ClassName">The class that it is a property of.</param>
/// <param name="Property">The property.</param>
/// <param name="Type">Its type, which has to be named when it is written.</param>
/// <param name="NeedsOff">Whether the virtual machine has to be off.</param>
/// <param name="Way">How it is changed.</param>
/// <remarks>
/// Types: win32 docs and those that microsoft/wmi generated from live machines. What needs the virtual machine off: Microsoft,
/// "Enable nested virtualization", and the errors of Set-VMProcessor, Set-VMMemory and Set-VMSecurity; what devices take, Microsoft,
/// "Deploy graphics devices by using Discrete Device Assignment". That the weight of an adapter changes while it runs is unproven:
/// Hyper-V refuses it where it does not.
/// </remarks>
internal sealed record VMSetting(
    string Word,
    string ClassName,
    string Property,
    CimType Type,
    bool NeedsOff,
    VMSettingWay Way
)
{
    private const string Processor = "Msvm_ProcessorSettingData";
    private const string System = "Msvm_VirtualSystemSettingData";

    /// <summary>Gets whether the virtual machine sees the virtualization extension.</summary>
    internal static VMSetting Exposed { get; } =
        new(
            "nesting",
            Processor,
            "ExposeVirtualizationExtensions",
            CimType.Boolean,
            NeedsOff: true,
            VMSettingWay.Resource
        );

    /// <summary>Gets the number of processors.</summary>
    internal static VMSetting CpuCount { get; } =
        new("processors", Processor, "VirtualQuantity", CimType.UInt64, NeedsOff: true, VMSettingWay.Resource);

    /// <summary>Gets the number of threads of a core.</summary>
    internal static VMSetting Threads { get; } =
        new("threads", Processor, "HwThreadsPerCore", CimType.UInt64, NeedsOff: true, VMSettingWay.Resource);

    /// <summary>Gets whether memory is dynamic.</summary>
    internal static VMSetting DynamicMemory { get; } =
        new(
            "dynamicmemory",
            "Msvm_MemorySettingData",
            "DynamicMemoryEnabled",
            CimType.Boolean,
            NeedsOff: true,
            VMSettingWay.Resource
        );

    /// <summary>Gets whether it opts out of virtualization-based security.</summary>
    internal static VMSetting VbsOptOut { get; } =
        new(
            "vbsoptout",
            "Msvm_SecuritySettingData",
            "VirtualizationBasedSecurityOptOut",
            CimType.Boolean,
            NeedsOff: true,
            VMSettingWay.Security
        );

    /// <summary>Gets whether an adapter may send from other MAC addresses than its own.</summary>
    internal static VMSetting MacSpoofing { get; } =
        new(
            "macspoofing",
            "Msvm_EthernetSwitchPortSecuritySettingData",
            "AllowMacSpoofing",
            CimType.Boolean,
            NeedsOff: false,
            VMSettingWay.Feature
        );

    /// <summary>Gets how much of the virtual functions of a switch an adapter may claim: 0 for none.</summary>
    internal static VMSetting IovWeight { get; } =
        new(
            "iovweight",
            "Msvm_EthernetSwitchPortOffloadSettingData",
            "IOVOffloadWeight",
            CimType.UInt32,
            NeedsOff: false,
            VMSettingWay.Feature
        );

    /// <summary>Gets what becomes of it when the host shuts down: 2 turns it off, as one that has devices must be.</summary>
    internal static VMSetting ShutdownAction { get; } =
        new("shutdownaction", System, "AutomaticShutdownAction", CimType.UInt16, NeedsOff: true, VMSettingWay.System);

    /// <summary>Gets whether its own system chooses how memory of devices is cached.</summary>
    internal static VMSetting CacheTypes { get; } =
        new("cachetypes", System, "GuestControlledCacheTypes", CimType.Boolean, NeedsOff: true, VMSettingWay.System);

    /// <summary>Gets the space for memory of devices below 4 GiB, in MiB.</summary>
    internal static VMSetting LowMmio { get; } =
        new("lowmmio", System, "LowMmioGapSize", CimType.UInt64, NeedsOff: true, VMSettingWay.System);

    /// <summary>Gets the space for memory of devices above 4 GiB, in MiB.</summary>
    internal static VMSetting HighMmio { get; } =
        new("highmmio", System, "HighMmioGapSize", CimType.UInt64, NeedsOff: true, VMSettingWay.System);

    /// <summary>Gets all of them.</summary>
    internal static IReadOnlyList<VMSetting> All { get; } =
    [
        Exposed,
        CpuCount,
        Threads,
        DynamicMemory,
        VbsOptOut,
        MacSpoofing,
        IovWeight,
        ShutdownAction,
        CacheTypes,
        LowMmio,
        HighMmio,
    ];

    /// <summary>Gets those that a virtual machine needs for as long as it has devices of its host.</summary>
    internal static IReadOnlyList<VMSetting> OfDevices { get; } = [ShutdownAction, CacheTypes, LowMmio, HighMmio];

    /// <summary>Gets a value indicating whether it is of the connection of an adapter, where the instance that has it need not be there.</summary>
    internal bool IsOfConnection => Way == VMSettingWay.Feature;

    /// <summary>Gets what holds of a connection where nothing was ever set: the defaults of the classes.</summary>
    internal string WhenUnset => Type == CimType.Boolean ? "false" : "0";

    /// <summary>Writes a truth value as plans have it.</summary>
    /// <param name="value">The truth value, or null.</param>
    /// <returns>The text, or null.</returns>
    internal static string? Text(bool? value) =>
        value switch
        {
            true => "true",
            false => "false",
            null => null,
        };

    /// <summary>Writes a number as plans have it.</summary>
    /// <param name="value">The number, or null.</param>
    /// <returns>The text, or null.</returns>
    internal static string? Text(int? value) => value?.ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads the setting of an instance.</summary>
    /// <param name="instance">The instance; null where there is none.</param>
    /// <returns>The value as plans have it; null where it was not told.</returns>
    internal string? Read(CimInstance? instance) =>
        Type == CimType.Boolean
            ? Text(instance?.Boolean(Property))
            : instance?.Number(Property)?.ToString(CultureInfo.InvariantCulture);

    /// <summary>Tells whether a text is a value of the setting.</summary>
    /// <param name="value">The text.</param>
    /// <returns>True if so.</returns>
    internal bool IsValue(string value) =>
        Type == CimType.Boolean
            ? value is "true" or "false"
            : ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
                && number <= Largest;

    private ulong Largest =>
        Type switch
        {
            CimType.UInt16 => ushort.MaxValue,
            CimType.UInt32 => uint.MaxValue,
            _ => ulong.MaxValue,
        };

    /// <summary>Makes the instance that a method takes: what names it, and what changes.</summary>
    /// <param name="instanceId">The InstanceID; null for an instance that is new.</param>
    /// <param name="value">The value.</param>
    /// <returns>The instance.</returns>
    internal CimInstance Instance(string? instanceId, string value)
    {
        CimInstance instance = new(ClassName);
        if (instanceId is not null)
        {
            instance.Set("InstanceID", CimValue.Of(instanceId));
        }

        instance.Set(Property, new CimValue.Scalar(Type, value));
        return instance;
    }

    /// <summary>Makes the path of an instance of it.</summary>
    /// <param name="instanceId">The InstanceID.</param>
    /// <returns>The path.</returns>
    internal CimPath Path(string instanceId) =>
        CimPath.Of(WmiNamespaces.Virtualization, ClassName, ("InstanceID", instanceId));
}

/// <summary>How a setting of a virtual machine is changed.</summary>
/// <param name="Service">The class of the one instance whose method changes it.</param>
/// <param name="Method">The method.</param>
/// <param name="Parameter">The parameter that takes the instance, as text.</param>
/// <param name="IsArray">Whether that takes several.</param>
internal sealed record VMSettingWay(string Service, string Method, string Parameter, bool IsArray)
{
    private const string Management = "Msvm_VirtualSystemManagementService";

    /// <summary>Gets the way of processors and memory.</summary>
    internal static VMSettingWay Resource { get; } =
        new(Management, "ModifyResourceSettings", "ResourceSettings", IsArray: true);

    /// <summary>Gets the way of what a connection may do, where it is there.</summary>
    internal static VMSettingWay Feature { get; } =
        new(Management, "ModifyFeatureSettings", "FeatureSettings", IsArray: true);

    /// <summary>Gets the way of what a connection may do, where nothing was ever set of that.</summary>
    internal static VMSettingWay NewFeature { get; } =
        new(Management, "AddFeatureSettings", "FeatureSettings", IsArray: true);

    /// <summary>Gets the way of what the virtual machine is as a whole.</summary>
    internal static VMSettingWay System { get; } =
        new(Management, "ModifySystemSettings", "SystemSettings", IsArray: false);

    /// <summary>Gets the way of security.</summary>
    internal static VMSettingWay Security { get; } =
        new("Msvm_SecurityService", "ModifySecuritySettings", "SecuritySettingData", IsArray: false);

    /// <summary>Gets the path of the service, of which the class is key enough (libvirt, r4sd/go-wsman); that this holds of Msvm_SecurityService is unproven.</summary>
    internal CimPath Path => CimPath.Of(WmiNamespaces.Virtualization, Service, ("CreationClassName", Service));

    /// <summary>Makes the argument of the method.</summary>
    /// <param name="instance">The instance.</param>
    /// <returns>The argument.</returns>
    internal CimArgument Argument(CimInstance instance) =>
        new(Parameter, IsArray ? CimValue.Of([CimXml.Write(instance)]) : CimValue.Of(CimXml.Write(instance)));
}
