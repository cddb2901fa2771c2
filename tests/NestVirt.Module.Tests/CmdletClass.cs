using System.Management.Automation;
using System.Reflection;
using NestVirt.PowerShell.Commands;

namespace NestVirt.Module.Tests;

/// <summary>What the attributes of a cmdlet class say. The reference assembly has no working attributes, so their data is read.</summary>
internal sealed record CmdletClass(Type Type)
{
    private readonly CustomAttributeData _cmdlet = Type.GetCustomAttributesData().Single(IsCmdlet);

    internal static IReadOnlyList<CmdletClass> All { get; } =
    [
        .. typeof(GetNestedSupportCommand)
            .Assembly.GetTypes()
            .Where(static type => type.GetCustomAttributesData().Any(IsCmdlet))
            .Select(static type => new CmdletClass(type)),
    ];

    internal string Verb => (string)_cmdlet.ConstructorArguments[0].Value!;

    internal string Noun => (string)_cmdlet.ConstructorArguments[1].Value!;

    internal string Name => $"{Verb}-{Noun}";

    internal bool SupportsShouldProcess =>
        _cmdlet.NamedArguments.Any(static argument =>
            argument.MemberName == nameof(CmdletAttribute.SupportsShouldProcess) && (bool)argument.TypedValue.Value!
        );

    internal IEnumerable<Type> OutputTypes =>
        Type.GetCustomAttributesData()
            .Where(static attribute => attribute.AttributeType == typeof(OutputTypeAttribute))
            .SelectMany(static attribute =>
                (IEnumerable<CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!
            )
            .Select(static argument => (Type)argument.Value!);

    internal IEnumerable<PropertyInfo> Parameters =>
        Type.GetProperties()
            .Where(static property =>
                property.GetCustomAttributesData().Any(static a => a.AttributeType == typeof(ParameterAttribute))
            );

    /// <summary>Gets what its parameters can be called: their names and aliases.</summary>
    internal IEnumerable<string> ParameterWords =>
        Parameters.SelectMany(static property =>
            property
                .GetCustomAttributesData()
                .Where(static attribute => attribute.AttributeType == typeof(AliasAttribute))
                .SelectMany(static attribute =>
                    (IEnumerable<CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!
                )
                .Select(static argument => (string)argument.Value!)
                .Prepend(property.Name)
        );

    public override string ToString() => Name;

    private static bool IsCmdlet(CustomAttributeData attribute) => attribute.AttributeType == typeof(CmdletAttribute);
}
