using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace NestVirt.Module.Tests;

/// <summary>Lists what an assembly offers to others: a line a type, and below it a line a member, sorted.</summary>
internal static class ApiListing
{
    private const BindingFlags Declared =
        BindingFlags.Public
        | BindingFlags.NonPublic
        | BindingFlags.Instance
        | BindingFlags.Static
        | BindingFlags.DeclaredOnly;

    /// <summary>Lists the public types, with those of their members that callers and derived classes see.</summary>
    internal static IEnumerable<string> Of(Assembly assembly) =>
        assembly
            .GetExportedTypes()
            .OrderBy(static type => type.FullName, StringComparer.Ordinal)
            .SelectMany(static type =>
                MembersOf(type)
                    .Order(StringComparer.Ordinal)
                    .Select(static member => $"  {member}")
                    .Prepend(HeadOf(type))
            );

    private static string HeadOf(Type type)
    {
        string scope = type.Namespace is null ? string.Empty : $"{type.Namespace}.";
        string outer = type.DeclaringType is { } owner ? $"{ApiNames.Of(owner)}." : string.Empty;
        string[] parents = [.. ParentsOf(type)];
        return $"{KindOf(type)} {scope}{outer}{ApiNames.Of(type)}{(parents.Length == 0 ? string.Empty : $" : {string.Join(", ", parents)}")}";
    }

    private static string KindOf(Type type) =>
        type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => IsReadOnly(type) ? "readonly struct" : "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            _ =>
                $"{(type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : string.Empty)}{(IsRecord(type) ? "record" : "class")}",
        };

    private static bool IsReadOnly(Type type) =>
        type.GetCustomAttributesData().Any(static attribute => attribute.AttributeType == typeof(IsReadOnlyAttribute));

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$", Declared) is not null;

    private static IEnumerable<string> ParentsOf(Type type)
    {
        if (type.IsEnum)
        {
            return [];
        }

        IEnumerable<Type> inherited = type.BaseType?.GetInterfaces() ?? [];
        IEnumerable<string> interfaces = type.GetInterfaces()
            .Except(inherited)
            .Where(parent =>
                parent.IsVisible && !(parent.Name == "IEquatable`1" && parent.GenericTypeArguments[0] == type)
            )
            .Select(ApiNames.Of)
            .Order(StringComparer.Ordinal);
        bool hasBase = type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType);
        return hasBase ? interfaces.Prepend(ApiNames.Of(type.BaseType!)) : interfaces;
    }

    private static IEnumerable<string> MembersOf(Type type)
    {
        if (type.IsEnum)
        {
            return type.GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(static field =>
                    string.Create(CultureInfo.InvariantCulture, $"{field.Name} = {field.GetRawConstantValue()}")
                );
        }

        return
        [
            .. type.GetConstructors(Declared).Where(IsSeen).Select(ConstructorOf),
            .. type.GetFields(Declared)
                .Where(static field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly)
                .Select(FieldOf),
            .. type.GetProperties(Declared)
                .Where(static property => property.GetAccessors(nonPublic: true).Any(IsSeen))
                .Select(PropertyOf),
            .. type.GetEvents(Declared).Where(static @event => IsSeen(@event.AddMethod!)).Select(EventOf),
            .. type.GetMethods(Declared)
                .Where(static method => IsSeen(method) && !IsWrittenByCompiler(method))
                .Select(MethodOf),
        ];
    }

    private static bool IsSeen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    // Accessors, and what every record has; operators are special names too, and do count.
    private static bool IsWrittenByCompiler(MethodInfo method) =>
        (method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal))
        || method
            .GetCustomAttributesData()
            .Any(static attribute => attribute.AttributeType == typeof(CompilerGeneratedAttribute));

    private static string ConstructorOf(ConstructorInfo constructor) =>
        $"{Access(constructor)}new({Parameters(constructor.GetParameters())})";

    private static string FieldOf(FieldInfo field)
    {
        string kind = field.IsLiteral
            ? "const "
            : $"{(field.IsStatic ? "static " : string.Empty)}{(field.IsInitOnly ? "readonly " : string.Empty)}";
        string value = field.IsLiteral ? $" = {ApiNames.Literal(field.GetRawConstantValue())}" : string.Empty;
        return $"{(field.IsPublic ? string.Empty : "protected ")}{kind}{ApiNames.Of(field.FieldType)} {field.Name}{value}";
    }

    private static string PropertyOf(PropertyInfo property)
    {
        string accessors = string.Concat(
            property
                .GetAccessors(nonPublic: true)
                .Where(IsSeen)
                .Order(
                    Comparer<MethodInfo>.Create(static (left, right) => string.CompareOrdinal(left.Name, right.Name))
                )
                .Select(static accessor => $"{AccessorOf(accessor)}; ")
        );
        string index = property.GetIndexParameters() is { Length: > 0 } parameters
            ? $"[{Parameters(parameters)}]"
            : string.Empty;
        MethodInfo first = property.GetAccessors(nonPublic: true).First(IsSeen);
        return $"{Access(first)}{Modifiers(first)}{ApiNames.Of(property.PropertyType)} {property.Name}{index} {{ {accessors}}}";
    }

    private static string AccessorOf(MethodInfo accessor) =>
        accessor.Name.StartsWith("get_", StringComparison.Ordinal) ? "get"
        : accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init"
        : "set";

    private static string EventOf(EventInfo @event) =>
        $"{Access(@event.AddMethod!)}{Modifiers(@event.AddMethod!)}event {ApiNames.Of(@event.EventHandlerType!)} {@event.Name}";

    private static string MethodOf(MethodInfo method)
    {
        string generic = method.IsGenericMethod
            ? $"<{string.Join(", ", method.GetGenericArguments().Select(ApiNames.Of))}>"
            : string.Empty;
        return $"{Access(method)}{Modifiers(method)}{ApiNames.Of(method.ReturnType)} {method.Name}{generic}({Parameters(method.GetParameters())})";
    }

    private static string Access(MethodBase method) => method.IsPublic ? string.Empty : "protected ";

    private static string Modifiers(MethodInfo method) =>
        method switch
        {
            { IsStatic: true } => "static ",
            { DeclaringType.IsInterface: true } => string.Empty,
            { IsVirtual: true } when method.GetBaseDefinition() != method => "override ",
            { IsAbstract: true } => "abstract ",
            { IsVirtual: true, IsFinal: false } => "virtual ",
            _ => string.Empty,
        };

    private static string Parameters(IEnumerable<ParameterInfo> parameters) =>
        string.Join(
            ", ",
            parameters.Select(static parameter =>
            {
                string way =
                    parameter.IsOut ? "out "
                    : parameter.IsIn ? "in "
                    : parameter.ParameterType.IsByRef ? "ref "
                    : string.Empty;
                string value = parameter.HasDefaultValue
                    ? $" = {ApiNames.Literal(parameter.RawDefaultValue)}"
                    : string.Empty;
                return $"{way}{ApiNames.Of(parameter.ParameterType)} {parameter.Name}{value}";
            })
        );
}
