namespace NestVirt.Transport.Cim.WsMan;

/// <summary>What an enumeration gives of each instance (DSP0226, 8.7).</summary>
internal enum WsManEnumerationMode
{
    /// <summary>Its properties.</summary>
    Objects,

    /// <summary>Its path.</summary>
    References,

    /// <summary>Both.</summary>
    ObjectsAndReferences,
}
