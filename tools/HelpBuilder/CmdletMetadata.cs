using System.Management.Automation;
using System.Reflection;

namespace NestVirt.HelpBuilder;

/// <summary>What the assembly says about a cmdlet, so that no page has to.</summary>
/// <param name="Type">Its class.</param>
/// <param name="Verb">The first half of its name.</param>
/// <param name="Noun">The second half.</param>
/// <param name="SupportsShouldProcess">Whether it has -WhatIf and -Confirm.</param>
/// <param name="DefaultSet">The parameter set that holds where no other is meant.</param>
/// <param name="OutputTypes">What it writes.</param>
/// <param name="Parameters">Its parameters but the common ones, in the order of PowerShell's syntax.</param>
public sealed record CmdletMetadata(
    Type Type,
    string Verb,
    string Noun,
    bool SupportsShouldProcess,
    string? DefaultSet,
    IReadOnlyList<Type> OutputTypes,
    IReadOnlyList<ParameterMetadata> Parameters
)
{
    /// <summary>Gets the name of the cmdlet.</summary>
    public string Name => $"{Verb}-{Noun}";

    /// <summary>Gets the parameter sets, the default one first.</summary>
    public IReadOnlyList<string> ParameterSets
    {
        get
        {
            string[] sets =
            [
                .. Parameters
                    .SelectMany(static parameter => parameter.Uses.Keys)
                    .Where(static set => set != ParameterMetadata.AllSets)
                    .Prepend(DefaultSet!)
                    .OfType<string>()
                    .Distinct(),
            ];
            return sets.Length == 0 ? [ParameterMetadata.AllSets] : sets;
        }
    }

    /// <summary>Reads the cmdlets of an assembly.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <returns>The cmdlets, in the order of their names.</returns>
    public static IReadOnlyList<CmdletMetadata> In(Assembly assembly) =>
        [
            .. assembly
                .GetTypes()
                .Select(Of)
                .OfType<CmdletMetadata>()
                .OrderBy(static cmdlet => cmdlet.Name, StringComparer.Ordinal),
        ];

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static CmdletMetadata? Of(Type type)
    {
        CustomAttributeData? cmdlet = type.GetCustomAttributesData()
            .FirstOrDefault(static data => data.AttributeType == typeof(CmdletAttribute));
        if (cmdlet is null)
        {
            return null;
        }

        bool supportsShouldProcess = Argument(nameof(CmdletAttribute.SupportsShouldProcess)) is true;
        return new CmdletMetadata(
            type,
            (string)cmdlet.ConstructorArguments[0].Value!,
            (string)cmdlet.ConstructorArguments[1].Value!,
            supportsShouldProcess,
            Argument(nameof(CmdletAttribute.DefaultParameterSetName)) as string,
            [
                .. type.GetCustomAttributesData()
                    .Where(static data => data.AttributeType == typeof(OutputTypeAttribute))
                    .SelectMany(static data =>
                        (IEnumerable<CustomAttributeTypedArgument>)data.ConstructorArguments[0].Value!
                    )
                    .Select(static argument => (Type)argument.Value!),
            ],
            [
                .. type.GetProperties().Select(ParameterMetadata.Of).OfType<ParameterMetadata>(),
                .. supportsShouldProcess ? ParameterMetadata.OfShouldProcess() : [],
            ]
        );

        object? Argument(string name) =>
            cmdlet.NamedArguments.Where(argument => argument.MemberName == name).FirstOrDefault().TypedValue.Value;
    }
}
