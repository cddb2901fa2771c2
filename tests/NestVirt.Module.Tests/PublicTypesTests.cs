using Mono.Cecil;
using NestVirt.Hosts;
using NestVirt.PowerShell.Commands;

namespace NestVirt.Module.Tests;

/// <summary>What is public of Core is what its front ends need, and what that shows.</summary>
public sealed class PublicTypesTests
{
    private static readonly string[] s_frontEnds =
    [
        typeof(GetNestedSupportCommand).Assembly.Location,
        Path.Combine(
            Path.GetDirectoryName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!,
            "NestVirt.Cli",
            Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)),
            "nestvirt.dll"
        ),
    ];

    [Fact]
    public void What_no_front_end_uses_is_internal()
    {
        using AssemblyDefinition core = AssemblyDefinition.ReadAssembly(typeof(HostTarget).Assembly.Location);
        Dictionary<string, TypeDefinition> all = core
            .MainModule.GetTypes()
            .Where(static type => type.IsPublic || type.IsNestedPublic)
            .ToDictionary(static type => type.FullName);
        Queue<string> found = new(s_frontEnds.SelectMany(TypesUsedBy));
        Assert.NotEmpty(found);

        HashSet<string> used = [];
        while (found.TryDequeue(out string? name))
        {
            if (all.TryGetValue(name, out TypeDefinition? type) && used.Add(name))
            {
                foreach (string shown in Shown(type).SelectMany(Parts))
                {
                    found.Enqueue(shown);
                }
            }
        }

        Assert.Empty(all.Keys.Except(used).Order(StringComparer.Ordinal));
    }

    private static string[] TypesUsedBy(string path)
    {
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(path);
        return
        [
            .. assembly
                .MainModule.GetTypeReferences()
                .Concat(assembly.MainModule.GetMemberReferences().Select(static member => member.DeclaringType))
                .SelectMany(Parts),
        ];
    }

    // A public type shows its base, its interfaces, and the types of its public members.
    private static IEnumerable<TypeReference?> Shown(TypeDefinition type) =>
        [
            type.BaseType,
            .. type.Interfaces.Select(static part => part.InterfaceType),
            .. type.Fields.Where(static field => field.IsPublic).Select(static field => field.FieldType),
            .. type
                .Methods.Where(static method => method.IsPublic || method.IsFamily)
                .SelectMany(static method =>
                    method.Parameters.Select(static parameter => parameter.ParameterType).Append(method.ReturnType)
                ),
        ];

    private static IEnumerable<string> Parts(TypeReference? type) =>
        type switch
        {
            null or GenericParameter => [],
            GenericInstanceType generic => generic
                .GenericArguments.SelectMany(Parts)
                .Concat(Parts(generic.ElementType)),
            TypeSpecification wrapped => Parts(wrapped.ElementType),
            _ => Parts(type.DeclaringType).Append(type.FullName),
        };
}
