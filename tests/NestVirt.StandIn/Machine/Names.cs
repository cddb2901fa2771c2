using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Machine;

/// <summary>Names of namespaces and identities that several files use.</summary>
internal static class Names
{
    internal const string Virtualization = "root/virtualization/v2";
    internal const string Cimv2 = "root/cimv2";
    internal const string DeviceGuard = "root/Microsoft/Windows/DeviceGuard";
    internal const string StandardCimv2 = "root/StandardCimv2";

    /// <summary>The part of a processor's InstanceID behind the VM (dump in containers/libhvee).</summary>
    internal const string ProcessorSuffix = @"b637f346-6a0e-4dec-af52-bd70cb80a21d\0";

    /// <summary>The part of a memory's InstanceID behind the VM; not recorded, only known.</summary>
    internal const string MemorySuffix = "4764334d-e001-4176-82ee-5594ec9b530e";

    internal static CimObject New(this CimClass @class, IReadOnlyDictionary<string, object?> values)
    {
        var created = new CimObject(@class);
        foreach ((string name, object? value) in values)
        {
            created[name] = value;
        }

        return created;
    }
}
