using System.Management.Automation;

namespace NestVirt.PowerShell.Parameters;

/// <summary>The parameters of a change for which a module may have to be loaded again.</summary>
internal interface IModuleReloadParameters
{
    /// <summary>Gets a value indicating whether guests are shut down where the change needs it, and started again.</summary>
    SwitchParameter StopGuest { get; }

    /// <summary>Gets how long a guest may take to shut down, in seconds.</summary>
    int GuestTimeout { get; }

    /// <summary>Gets a value indicating whether lines of other files that conflict are commented out.</summary>
    SwitchParameter ReplaceConflict { get; }
}
