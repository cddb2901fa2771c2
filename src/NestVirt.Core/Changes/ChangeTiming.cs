namespace NestVirt.Changes;

/// <summary>When a change takes effect.</summary>
public enum ChangeTiming : long
{
    /// <summary>As soon as it is made.</summary>
    Now,

    /// <summary>When the module is loaded the next time.</summary>
    ModuleReload,

    /// <summary>When a guest starts the next time.</summary>
    GuestRestart,

    /// <summary>At the host's next boot.</summary>
    NextBoot,
}
