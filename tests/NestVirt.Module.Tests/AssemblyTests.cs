using System.Reflection;
using NestVirt.Hosts;
using NestVirt.PowerShell.Commands;

namespace NestVirt.Module.Tests;

public sealed class AssemblyTests
{
    [Fact]
    public void Core_references_nothing_but_the_framework_and_System_Management() =>
        Assert.Empty(ForeignReferences(typeof(HostTarget).Assembly));

    [Fact]
    public void The_module_references_nothing_but_the_framework_PowerShell_what_it_has_on_Windows_and_Core() =>
        Assert.Equal(
            ["Microsoft.Management.Infrastructure", "NestVirt.Core", "System.Management.Automation"],
            ForeignReferences(typeof(GetNestedSupportCommand).Assembly)
        );

    private static IEnumerable<string> ForeignReferences(Assembly assembly)
    {
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return assembly
            .GetReferencedAssemblies()
            .Select(static reference => reference.Name!)
            .Where(name => name != "System.Management" && !File.Exists(Path.Combine(framework, $"{name}.dll")))
            .Order(StringComparer.Ordinal);
    }
}
