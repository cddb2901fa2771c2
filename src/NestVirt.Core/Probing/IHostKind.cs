namespace NestVirt.Probing;

/// <summary>A kind of host, which the answers of a recorded one show.</summary>
internal interface IHostKind
{
    /// <summary>Gets the probe whose answer, or reason for none, is in each recording of this kind of host and of no other.</summary>
    HostProbe Mark { get; }
}
