using NestVirt.StandIn.Cim;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Methods;

/// <summary>
/// A change of one instance of settings: the instance that is meant, and the properties that become others.
/// </summary>
/// <param name="Target">The instance.</param>
/// <param name="Values">The values by property; null for NULL.</param>
public sealed record SettingChange(CimObject Target, IReadOnlyDictionary<string, object?> Values)
{
    /// <summary>Reads a text of CIM-XML against what the host has.</summary>
    /// <param name="machine">The host.</param>
    /// <param name="text">The text.</param>
    /// <param name="change">The change.</param>
    /// <returns>Why there is none; null where there is one.</returns>
    public static MethodFailure? Read(HyperVMachine machine, string text, out SettingChange? change)
    {
        change = null;
        if (EmbeddedInstance.Parse(text) is not { } given || given.Text("InstanceID") is not { } instanceId)
        {
            return new MethodFailure(ReturnCodes.InvalidParameter, "The parameter is not an instance.");
        }

        // InstanceID alone says what is meant ("modified aspects", win32 docs).
        CimObject? target = machine
            .Instances(Names.Virtualization, given.ClassName)
            .FirstOrDefault(found => found.Text("InstanceID").Equals(instanceId, StringComparison.OrdinalIgnoreCase));
        if (target is null)
        {
            return new MethodFailure(ReturnCodes.InvalidParameter, $"There is no '{instanceId}'.");
        }

        if (ReadValues(target.Class, given, out IReadOnlyDictionary<string, object?> values) is { } failure)
        {
            return failure;
        }

        change = new SettingChange(target, values);
        return null;
    }

    /// <summary>Reads the values of an instance that may be new.</summary>
    internal static MethodFailure? ReadValues(
        CimClass @class,
        EmbeddedInstance given,
        out IReadOnlyDictionary<string, object?> values
    )
    {
        var read = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        values = read;
        foreach (EmbeddedProperty property in given.Properties.Where(static one => one.Name != "InstanceID"))
        {
            if (@class.Find(property.Name) is not { } known)
            {
                return new MethodFailure(ReturnCodes.InvalidParameter, $"There is no property '{property.Name}'.");
            }

            // That the code is this one for a wrong TYPE is documented for other methods, and not recorded.
            if (property.Type != CimValues.TypeName(known.Type) || property.IsArray != known.IsArray)
            {
                return new MethodFailure(ReturnCodes.IncorrectDataType, $"'{property.Name}' has another type.");
            }

            object?[] items = [.. property.Values.Select(text => CimValues.Parse(known.Type, text))];
            if (items.Contains(null))
            {
                // Measured for a datetime in ISO's form: the job ends with 32768 (r4sd).
                return new MethodFailure(ReturnCodes.Failed, $"'{property.Name}' cannot be read.");
            }

            read[known.Name] =
                items.Length == 0 ? null
                : known.IsArray ? items
                : items[0];
        }

        return null;
    }

    /// <summary>Makes the change.</summary>
    public void Apply()
    {
        foreach ((string name, object? value) in Values)
        {
            Target[name] = value;
        }
    }
}
