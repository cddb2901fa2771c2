using NestVirt.StandIn.Cim;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Methods;

/// <summary>Methods of Msvm_VirtualSystemManagementService and Msvm_SecurityService that change settings.</summary>
internal static class ManagementMethods
{
    private const int ModifyJob = 2;

    internal static MethodResult Modify(MethodCall call, string parameter, string caption)
    {
        if (call.All(parameter).Count == 0)
        {
            return new MethodResult(ReturnCodes.InvalidParameter);
        }

        return call.Machine.Jobs.Run(caption, ModifyJob, () => Change(call.Machine, call.All(parameter)));
    }

    internal static MethodResult AddFeature(MethodCall call)
    {
        CimObject? connection = call.Reference("AffectedConfiguration");
        NetworkAdapter? adapter = call
            .Machine.VMs.SelectMany(static vm => vm.Adapters)
            .FirstOrDefault(found => ReferenceEquals(found.Connection, connection));
        if (adapter is null || call.All("FeatureSettings").Count == 0)
        {
            return new MethodResult(ReturnCodes.InvalidParameter);
        }

        return call.Machine.Jobs.Run(
            "Adding Ethernet Switch Port Settings",
            ModifyJob,
            () =>
                call.All("FeatureSettings")
                    .Select(text => AddFeature(call.Machine, adapter, text))
                    .FirstOrDefault(static failure => failure is not null)
        );
    }

    // Everything is checked before anything is changed: a call changes all of its settings or none.
    private static MethodFailure? Change(HyperVMachine machine, IReadOnlyList<string> texts)
    {
        var changes = new List<SettingChange>();
        foreach (string text in texts)
        {
            MethodFailure? failure = SettingChange.Read(machine, text, out SettingChange? change);
            failure ??= ChangeRules.Refusal(machine, change!);
            if (failure is not null)
            {
                return failure;
            }

            changes.Add(change!);
        }

        changes.ForEach(static change => change.Apply());
        return null;
    }

    private static MethodFailure? AddFeature(HyperVMachine machine, NetworkAdapter adapter, string text)
    {
        if (
            EmbeddedInstance.Parse(text)
            is not {
                ClassName: "Msvm_EthernetSwitchPortSecuritySettingData" or "Msvm_EthernetSwitchPortOffloadSettingData"
            } given
        )
        {
            return new MethodFailure(ReturnCodes.InvalidParameter, "This feature is not known here.");
        }

        // A connection has one instance of a feature. The code is not recorded.
        if (adapter.Features.Any(feature => feature.Class.Name == given.ClassName))
        {
            return new MethodFailure(ReturnCodes.Failed, "The feature is there already.");
        }

        bool isOffload = given.ClassName == "Msvm_EthernetSwitchPortOffloadSettingData";
        CimObject created = isOffload
            ? AdapterFactory.CreateOffload(machine, adapter)
            : AdapterFactory.CreateSecurity(machine, adapter);
        if (
            SettingChange.ReadValues(created.Class, given, out IReadOnlyDictionary<string, object?> values) is
            { } failure
        )
        {
            return failure;
        }

        new SettingChange(created, values).Apply();
        if (isOffload)
        {
            adapter.Offload = created;
        }
        else
        {
            adapter.Security = created;
        }

        return null;
    }
}
