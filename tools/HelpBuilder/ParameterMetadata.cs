using System.Management.Automation;
using System.Reflection;

namespace NestVirt.HelpBuilder;

/// <summary>How a parameter is used in a parameter set.</summary>
/// <param name="IsRequired">Whether it must be given.</param>
/// <param name="Position">Its position when its name is left out; null where the name is needed.</param>
/// <param name="TakesValue">Whether it takes objects of the pipeline.</param>
/// <param name="TakesPropertyName">Whether it takes a property of them.</param>
public sealed record ParameterUse(
    bool IsRequired = false,
    int? Position = null,
    bool TakesValue = false,
    bool TakesPropertyName = false
);

/// <summary>What the assembly says about a parameter.</summary>
/// <param name="Name">The parameter.</param>
/// <param name="Type">Its type; of a nullable one the type that it holds.</param>
/// <param name="Aliases">Its other names.</param>
/// <param name="SupportsWildcards">Whether wildcards work.</param>
/// <param name="Uses">How it is used, by parameter set.</param>
public sealed record ParameterMetadata(
    string Name,
    Type Type,
    IReadOnlyList<string> Aliases,
    bool SupportsWildcards,
    IReadOnlyDictionary<string, ParameterUse> Uses
)
{
    /// <summary>The set of a parameter that stands in all.</summary>
    public const string AllSets = "__AllParameterSets";

    // PowerShell has no word of its own for the types of other modules.
    private static readonly Dictionary<Type, string> s_words = new()
    {
        [typeof(string)] = "string",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(bool)] = "bool",
        [typeof(System.Collections.Hashtable)] = "hashtable",
        [typeof(PSObject)] = "psobject",
        [typeof(PSCredential)] = "pscredential",
        [typeof(System.Security.SecureString)] = "securestring",
    };

    /// <summary>Gets a value indicating whether it is given without a value.</summary>
    public bool IsSwitch => Type == typeof(SwitchParameter);

    /// <summary>Gets the type as PowerShell's own syntax has it.</summary>
    public string TypeWord => WordOf(Type);

    /// <summary>Reads a property of a cmdlet.</summary>
    /// <param name="property">The property.</param>
    /// <returns>The parameter; null when it is none.</returns>
    public static ParameterMetadata? Of(PropertyInfo property)
    {
        // The reference assembly has no working attributes, so their data is read.
        ILookup<Type, CustomAttributeData> attributes = property
            .GetCustomAttributesData()
            .ToLookup(static data => data.AttributeType);
        return attributes.Contains(typeof(ParameterAttribute))
            ? new ParameterMetadata(
                property.Name,
                Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType,
                [.. attributes[typeof(AliasAttribute)].SelectMany(static data => Words(data.ConstructorArguments[0]))],
                attributes.Contains(typeof(SupportsWildcardsAttribute)),
                attributes[typeof(ParameterAttribute)].ToDictionary(SetOf, UseOf)
            )
            : null;
    }

    /// <summary>Makes the parameters that PowerShell adds to cmdlets that ask before they change something.</summary>
    /// <returns>The parameters.</returns>
    public static IEnumerable<ParameterMetadata> OfShouldProcess() =>
        [AddedSwitch("WhatIf", "wi"), AddedSwitch("Confirm", "cf")];

    /// <summary>Tells how the parameter is used in a set.</summary>
    /// <param name="set">The set.</param>
    /// <returns>The use; null when it is not in the set.</returns>
    public ParameterUse? In(string set) => Uses.GetValueOrDefault(set) ?? Uses.GetValueOrDefault(AllSets);

    private static ParameterMetadata AddedSwitch(string name, string alias) =>
        new(
            name,
            typeof(SwitchParameter),
            [alias],
            SupportsWildcards: false,
            new Dictionary<string, ParameterUse> { [AllSets] = new() }
        );

    private static string WordOf(Type type) =>
        type.IsArray
            ? $"{WordOf(type.GetElementType()!)}[]"
            : s_words.GetValueOrDefault(Nullable.GetUnderlyingType(type) ?? type, type.Name);

    private static string SetOf(CustomAttributeData parameter) =>
        Argument(parameter, nameof(ParameterAttribute.ParameterSetName)) as string ?? AllSets;

    private static ParameterUse UseOf(CustomAttributeData parameter) =>
        new(
            Argument(parameter, nameof(ParameterAttribute.Mandatory)) is true,
            Argument(parameter, nameof(ParameterAttribute.Position)) as int?,
            Argument(parameter, nameof(ParameterAttribute.ValueFromPipeline)) is true,
            Argument(parameter, nameof(ParameterAttribute.ValueFromPipelineByPropertyName)) is true
        );

    private static object? Argument(CustomAttributeData attribute, string name) =>
        attribute.NamedArguments.Where(argument => argument.MemberName == name).FirstOrDefault().TypedValue.Value;

    private static IEnumerable<string> Words(CustomAttributeTypedArgument list) =>
        ((IEnumerable<CustomAttributeTypedArgument>)list.Value!).Select(static word => (string)word.Value!);
}
