using System.Reflection;
using System.Runtime.Loader;
using NestVirt.Hosts;

namespace NestVirt.PowerShell.Parameters;

/// <summary>Loads the built-in SSH client and its libraries apart: other modules bring other versions of the same ones.</summary>
internal sealed class SshLibraryContext : AssemblyLoadContext
{
    private static readonly Assembly s_core = typeof(HostTarget).Assembly;

    private readonly string _folder;

    private SshLibraryContext(string folder)
        : base("NestVirt.SshNet") => _folder = folder;

    /// <summary>Loads the client from its folder beside that of this assembly.</summary>
    /// <returns>The client's assembly.</returns>
    internal static Assembly Load()
    {
        string own = Path.GetDirectoryName(typeof(SshLibraryContext).Assembly.Location)!;
        SshLibraryContext context = new(Path.GetFullPath(Path.Join(own, "..", "SshNet")));
        return context.LoadFromAssemblyName(new AssemblyName("NestVirt.SshNet"));
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // One Core, or its types would not be the same.
        if (assemblyName.Name == s_core.GetName().Name)
        {
            return s_core;
        }

        string path = Path.Join(_folder, $"{assemblyName.Name}.dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
