using System.Diagnostics.CodeAnalysis;

namespace NestVirt.StandIn.Cim;

/// <summary>The types of CIM (DSP0004 5.2) that the classes here use.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "These are the names of CIM.")]
public enum CimType
{
    Boolean,
    UInt8,
    SInt8,
    UInt16,
    SInt16,
    UInt32,
    SInt32,
    UInt64,
    SInt64,
    String,
    DateTime,
    Reference,
}
