namespace NestVirt.Transport.Cim.WsMan;

/// <summary>The two ways in which WS-Management names classes.</summary>
internal enum WsManForm
{
    /// <summary>Windows' own, with the namespace in the name.</summary>
    Windows,

    /// <summary>That of the DMTF (DSP0230), with the namespace beside it; servers other than Windows may know no other.</summary>
    Dmtf,
}
