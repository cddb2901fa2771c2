using System.Management.Automation;

namespace NestVirt.PowerShell.Parameters;

/// <summary>The parameters that say how changes are gone about.</summary>
internal interface IChangeParameters
{
    /// <summary>Gets a value indicating whether to write what became of the changes.</summary>
    SwitchParameter PassThru { get; }

    /// <summary>Gets a value indicating whether nobody is asked about what is interrupted.</summary>
    SwitchParameter Force { get; }

    /// <summary>Gets a value indicating whether a host may be restarted when the change waits for that.</summary>
    SwitchParameter Restart { get; }
}
