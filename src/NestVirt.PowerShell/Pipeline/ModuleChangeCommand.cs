using System.Management.Automation;
using NestVirt.Changes;

namespace NestVirt.PowerShell.Pipeline;

/// <summary>Asks hosts for parameters of a module, for which guests may have to stop.</summary>
public abstract class ModuleChangeCommand : HostRequestCommand
{
    private const int DefaultGuestTimeout = 120;
    private const int MaximumSeconds = 86_400;

    /// <summary>Gets or sets a value indicating whether guests are shut down where the change needs it, and started again.</summary>
    [Parameter]
    public SwitchParameter StopGuest { get; set; }

    /// <summary>Gets or sets how long a guest may take to shut down, in seconds.</summary>
    [Parameter]
    [ValidateRange(1, MaximumSeconds)]
    public int GuestTimeout { get; set; } = DefaultGuestTimeout;

    /// <summary>Gets or sets a value indicating whether lines of other files that conflict are commented out.</summary>
    [Parameter]
    public SwitchParameter ReplaceConflict { get; set; }

    /// <inheritdoc/>
    private protected sealed override ChangeRequest WithScope(ChangeRequest request) =>
        base.WithScope(request) with
        {
            StopGuests = StopGuest,
            GuestTimeoutSeconds = GuestTimeout,
            ReplaceConflict = ReplaceConflict,
        };
}
