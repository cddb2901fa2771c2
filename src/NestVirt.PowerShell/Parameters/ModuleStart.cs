using System.Management.Automation;
using NestVirt.Guidance;
using NestVirt.PowerShell.Cim;
using NestVirt.Transport;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.PowerShell.Parameters;

/// <summary>Runs when the module is imported, before any cmdlet of it, and when it is removed.</summary>
public sealed class ModuleStart : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnImport()
    {
        FrontEnd.Words = new CmdletWords();
        ManagedNtlm.Use();
        SshLibrary.Use(SshLibraryContext.Load);
        MiClient.Use();
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => OpenSessions.RemoveOfRunspace();
}
