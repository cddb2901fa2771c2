using System.Collections;
using System.Management.Automation;

namespace NestVirt.PowerShell.Parameters;

/// <summary>Makes hosts of what was a Target before it went through a file, a job or a table.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HostTargetsAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object data = inputData is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : inputData;
        object?[] items = data is IEnumerable many and not string ? [.. many.Cast<object?>()] : [data];
        return items.Select(PipedHost.TargetOf).ToArray();
    }
}
