using System.Management.Automation;
using NestVirt.Guidance;
using NestVirt.Transport;

namespace NestVirt.PowerShell.Parameters;

/// <summary>Runs when the module is imported, before any cmdlet of it.</summary>
public sealed class ModuleStart : IModuleAssemblyInitializer
{
    /// <inheritdoc/>
    public void OnImport()
    {
        FrontEnd.Words = new CmdletWords();
        SshLibrary.Use(SshLibraryContext.Load);
    }
}
