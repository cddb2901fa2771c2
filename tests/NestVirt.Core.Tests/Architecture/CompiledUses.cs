using Mono.Cecil;
using Mono.Cecil.Cil;

namespace NestVirt.Core.Tests.Architecture;

/// <summary>One type that uses another of another namespace.</summary>
internal sealed record TypeUse(string FromNamespace, string From, string ToNamespace, string To);

/// <summary>Reads from a compiled assembly which of its types use which others: signatures, bodies and attributes.</summary>
internal static class CompiledUses
{
    /// <summary>Lists the uses across namespaces, those of types below one root.</summary>
    /// <param name="assembly">The path of the assembly.</param>
    /// <param name="root">The root of the namespaces that count, as in "NestVirt".</param>
    internal static IReadOnlyList<TypeUse> Of(string assembly, string root) => Of(assembly, root, root);

    /// <summary>Lists the uses of types below one root by types below another.</summary>
    /// <param name="assembly">The path of the assembly.</param>
    /// <param name="root">The root of the namespaces that use.</param>
    /// <param name="used">The root of the namespaces that are used.</param>
    internal static IReadOnlyList<TypeUse> Of(string assembly, string root, string used)
    {
        using AssemblyDefinition definition = AssemblyDefinition.ReadAssembly(assembly);
        return
        [
            .. definition
                .MainModule.Types.SelectMany(type =>
                    References(type).SelectMany(Parts).Select(Outermost).Select(to => Use(type, to))
                )
                .Where(use =>
                    use.FromNamespace != use.ToNamespace
                    && IsBelow(use.FromNamespace, root)
                    && IsBelow(use.ToNamespace, used)
                )
                .Distinct(),
        ];
    }

    private static TypeUse Use(TypeDefinition from, TypeReference to) =>
        new(from.Namespace, from.Name, to.Namespace, to.Name);

    private static bool IsBelow(string name, string root) =>
        name == root || name.StartsWith(root + ".", StringComparison.Ordinal);

    private static TypeReference Outermost(TypeReference type) =>
        type.DeclaringType is { } outer ? Outermost(outer) : type;

    // A generic type uses its arguments too, an array its elements.
    private static IEnumerable<TypeReference> Parts(TypeReference type) =>
        type switch
        {
            GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Append(generic.ElementType),
            IModifierType modified => Parts(modified.ElementType).Concat(Parts(modified.ModifierType)),
            TypeSpecification wrapped => Parts(wrapped.ElementType),
            GenericParameter => [],
            _ => [type],
        };

    private static IEnumerable<TypeReference> References(TypeDefinition type) =>
        [
            .. type.BaseType is { } parent ? [parent] : Array.Empty<TypeReference>(),
            .. type.Interfaces.Select(static part => part.InterfaceType),
            .. type.CustomAttributes.SelectMany(OfAttribute),
            .. type
                .GenericParameters.SelectMany(static parameter => parameter.Constraints)
                .Select(static c => c.ConstraintType),
            .. type.Fields.Select(static field => field.FieldType),
            .. type.Fields.SelectMany(static field => field.CustomAttributes).SelectMany(OfAttribute),
            .. type.Properties.SelectMany(static property => property.CustomAttributes).SelectMany(OfAttribute),
            .. type.Methods.SelectMany(OfMethod),
            .. type.NestedTypes.SelectMany(References),
        ];

    private static IEnumerable<TypeReference> OfAttribute(CustomAttribute attribute) =>
        attribute
            .ConstructorArguments.Concat(attribute.Properties.Select(static named => named.Argument))
            .Select(static argument => argument.Value)
            .OfType<TypeReference>()
            .Append(attribute.AttributeType);

    private static IEnumerable<TypeReference> OfMethod(MethodDefinition method) =>
        [
            .. OfSignature(method),
            .. method.CustomAttributes.SelectMany(OfAttribute),
            .. method.HasBody ? OfBody(method.Body) : [],
        ];

    private static IEnumerable<TypeReference> OfBody(MethodBody body) =>
        [
            .. body.Variables.Select(static variable => variable.VariableType),
            .. body.ExceptionHandlers.Select(static handler => handler.CatchType).OfType<TypeReference>(),
            .. body.Instructions.SelectMany(static instruction => OfOperand(instruction.Operand)),
        ];

    private static IEnumerable<TypeReference> OfOperand(object? operand) =>
        operand switch
        {
            TypeReference type => [type],
            FieldReference field => [field.DeclaringType, field.FieldType],
            GenericInstanceMethod method => [.. OfSignature(method.ElementMethod), .. method.GenericArguments],
            MethodReference method => OfSignature(method),
            _ => [],
        };

    private static IEnumerable<TypeReference> OfSignature(MethodReference method) =>
        [
            method.DeclaringType,
            method.ReturnType,
            .. method.Parameters.Select(static parameter => parameter.ParameterType),
        ];
}
