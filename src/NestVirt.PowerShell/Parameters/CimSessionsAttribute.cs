using System.Collections;
using System.Management.Automation;
using NestVirt.PowerShell.Cim;

namespace NestVirt.PowerShell.Parameters;

/// <summary>Takes sessions of New-CimSession, which it knows by the name of their type: no parameter can have a type that is on Windows alone.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class CimSessionsAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if (!MiClient.IsHere)
        {
            throw new ArgumentTransformationMetadataException(
                "Windows' own client of CIM (MMI) opens sessions on Windows alone: name the host by -ComputerName here."
            );
        }

        object? data = PlainOf(inputData);
        object?[] items = data is IEnumerable many and not string ? [.. many.Cast<object?>()] : [data];
        return items.Select(PlainOf).Select(SessionOf).ToArray();
    }

    // What a file or a job made of a session is a bag of properties, which is none.
    private static object? PlainOf(object? item) =>
        item is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : item;

    private static object SessionOf(object? item) =>
        MiClient.IsSession(item)
            ? item!
            : throw new ArgumentTransformationMetadataException(
                $"'{item}' is no session of CIM of this process: give what New-CimSession or Get-CimSession writes here."
            );
}
