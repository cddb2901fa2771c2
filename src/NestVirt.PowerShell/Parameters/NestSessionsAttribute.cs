using System.Collections;
using System.Management.Automation;
using NestVirt.Sessions;

namespace NestVirt.PowerShell.Parameters;

/// <summary>Takes sessions, and says of what is left of one after a file or a job why it is none.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NestSessionsAttribute : ArgumentTransformationAttribute
{
    /// <summary>Why a session of another process cannot be used, as the end of a sentence.</summary>
    internal const string Elsewhere =
        "it is the picture of a session that belongs to another process: open one here with New-NestSession";

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? data = inputData is PSObject { BaseObject: not PSCustomObject } wrapped
            ? wrapped.BaseObject
            : inputData;
        object?[] items = data is IEnumerable many and not string ? [.. many.Cast<object?>()] : [data];
        return items.Select(SessionOf).ToArray();
    }

    private static NestSession SessionOf(object? item) =>
        item switch
        {
            NestSession session => session,
            PSObject { BaseObject: NestSession session } => session,
            PSObject picture when picture.TypeNames.Contains($"Deserialized.{typeof(NestSession).FullName}") =>
                throw new ArgumentTransformationMetadataException($"This is no session: {Elsewhere}."),
            null => throw new ArgumentTransformationMetadataException(
                "This is no session: it is nothing. Get-NestSession lists those that are there."
            ),
            _ => throw new ArgumentTransformationMetadataException(
                $"'{item}' is no session: give what New-NestSession or Get-NestSession writes."
            ),
        };
}
