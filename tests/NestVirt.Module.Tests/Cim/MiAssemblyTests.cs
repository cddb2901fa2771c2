using System.Reflection;
using Mono.Cecil;
using NestVirt.PowerShell.Commands;

namespace NestVirt.Module.Tests.Cim;

/// <summary>What of the module has to do with MMI, which no system but Windows has, and which is nowhere here.</summary>
public sealed class MiAssemblyTests
{
    private const string Mmi = "Microsoft.Management.Infrastructure";
    private const string Folder = "NestVirt.PowerShell.Cim";

    private static readonly Assembly s_module = typeof(GetNestedSupportCommand).Assembly;

    [Fact]
    public void Every_type_of_the_module_loads_where_MMI_is_not()
    {
        Assert.DoesNotContain(
            $"{Mmi}.dll",
            (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!,
            StringComparison.OrdinalIgnoreCase
        );
        Assert.False(File.Exists(Path.Combine(AppContext.BaseDirectory, $"{Mmi}.dll")));

        Assert.Contains(s_module.GetTypes(), static type => type.FullName == $"{Folder}.MiSession");
    }

    [Fact]
    public void No_parameter_and_no_attribute_needs_it() =>
        Assert.All(
            CmdletClass.All.SelectMany(static cmdlet => cmdlet.Parameters),
            static parameter =>
            {
                Assert.NotEqual(Mmi, parameter.PropertyType.Namespace);
                Assert.All(parameter.GetCustomAttributesData(), static data => Assert.NotNull(data.AttributeType));
            }
        );

    [Fact]
    public void One_file_alone_has_its_types()
    {
        using AssemblyDefinition module = AssemblyDefinition.ReadAssembly(s_module.Location);

        Assert.Equal(
            ["MiSession"],
            module
                .MainModule.Types.Where(static type => Members(type).Any(IsOfMmi))
                .Select(static type => type.Name)
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Outside_of_its_folder_the_module_uses_nothing_that_is_internal_of_Core()
    {
        using DefaultAssemblyResolver resolver = new();
        resolver.AddSearchDirectory(Path.GetDirectoryName(s_module.Location));
        using AssemblyDefinition module = AssemblyDefinition.ReadAssembly(
            s_module.Location,
            new ReaderParameters { AssemblyResolver = resolver }
        );

        string[] hidden =
        [
            .. module
                .MainModule.Types.Where(static type => type.Namespace != Folder)
                .SelectMany(static type =>
                    Members(type).Where(IsHidden).Select(member => $"{type.Name}: {member.FullName}")
                )
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];

        Assert.Empty(hidden);
        Assert.Contains(
            module.MainModule.Types.Single(static type => type.FullName == $"{Folder}.MiSession").Interfaces,
            static part => part.InterfaceType.Name == "ICimSession"
        );
    }

    [Fact]
    public void Each_call_of_MMI_is_in_what_PowerShell_has_on_Windows()
    {
        string windows = Path.Combine(AppContext.BaseDirectory, "mmi.windows");
        Assert.SkipUnless(File.Exists(windows), "dotnet tool restore had not brought PowerShell when this was built");
        using AssemblyDefinition mmi = AssemblyDefinition.ReadAssembly(windows);
        using AssemblyDefinition module = AssemblyDefinition.ReadAssembly(s_module.Location);
        AssemblyNameReference asked = module.MainModule.AssemblyReferences.Single(static name => name.Name == Mmi);
        HashSet<string> there =
        [
            .. mmi
                .MainModule.GetTypes()
                .SelectMany(static type =>
                    type.Methods.Where(static method => method.IsPublic)
                        .Select(static method => method.FullName)
                        .Append(type.FullName)
                ),
        ];

        MemberReference[] used =
        [
            .. module.MainModule.GetTypeReferences().Where(static type => type.Scope.Name == Mmi),
            .. module
                .MainModule.GetMemberReferences()
                .Where(static member => member.DeclaringType is { Scope.Name: Mmi } and not GenericInstanceType),
        ];

        Assert.Equal(mmi.Name.FullName, asked.FullName);
        Assert.True(used.Length > 20);
        Assert.Empty(used.Select(static member => member.FullName).Except(there));
    }

    private static bool IsOfMmi(MemberReference member) =>
        (member as TypeReference ?? member.DeclaringType)?.Scope?.Name == Mmi;

    private static bool IsHidden(MemberReference member)
    {
        TypeReference? owner = member as TypeReference ?? member.DeclaringType;
        if (owner?.Scope?.Name != "NestVirt.Core" || owner is GenericParameter)
        {
            return false;
        }

        TypeDefinition type = owner.Resolve();
        return !IsShown(type)
            || member switch
            {
                MethodReference method => method.Resolve()
                    is { IsPublic: false, IsFamily: false, IsFamilyOrAssembly: false },
                FieldReference field => !field.Resolve().IsPublic,
                _ => false,
            };
    }

    private static bool IsShown(TypeDefinition type) =>
        type.IsNested ? type.IsNestedPublic && IsShown(type.DeclaringType) : type.IsPublic;

    // What the bodies of a type and of those inside of it name.
    private static IEnumerable<MemberReference> Members(TypeDefinition type) =>
        [
            .. type
                .Methods.Where(static method => method.HasBody)
                .SelectMany(static method => method.Body.Instructions)
                .Select(static instruction => instruction.Operand)
                .OfType<MemberReference>(),
            .. type.Fields.Select(static field => field.FieldType),
            .. type.NestedTypes.SelectMany(Members),
        ];
}
