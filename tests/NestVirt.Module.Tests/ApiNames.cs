using System.Globalization;
using System.Text.Json;

namespace NestVirt.Module.Tests;

/// <summary>Names types as C# does, without namespaces and without saying what may be null.</summary>
internal static class ApiNames
{
    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(char)] = "char",
        [typeof(decimal)] = "decimal",
        [typeof(double)] = "double",
        [typeof(float)] = "float",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(object)] = "object",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(string)] = "string",
        [typeof(uint)] = "uint",
        [typeof(ulong)] = "ulong",
        [typeof(ushort)] = "ushort",
        [typeof(void)] = "void",
    };

    /// <summary>Names a type.</summary>
    internal static string Of(Type type)
    {
        if (type.HasElementType)
        {
            return $"{Of(type.GetElementType()!)}{(type.IsArray ? "[]" : string.Empty)}";
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return $"{Of(value)}?";
        }

        if (!type.IsGenericType)
        {
            return s_keywords.GetValueOrDefault(type, type.Name);
        }

        return type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) == true
            ? $"({Arguments(type)})"
            : $"{type.Name.Split('`')[0]}<{Arguments(type)}>";
    }

    /// <summary>Writes a constant.</summary>
    internal static string Literal(object? value) =>
        value switch
        {
            null => "default",
            string text when text.Contains('\n', StringComparison.Ordinal) => "\"…\"", // A script may change freely.
            string text => JsonSerializer.Serialize(text),
            char letter => JsonSerializer.Serialize(letter),
            bool flag => flag ? "true" : "false",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty,
        };

    private static string Arguments(Type type) => string.Join(", ", type.GetGenericArguments().Select(Of));
}
