namespace NestVirt.Transport.Cim;

/// <summary>The types that a value of CIM may have (DSP0004, 5.2).</summary>
internal enum CimType
{
    /// <summary>A text. Also the type of a scalar where the way that brought it names none, as WS-Management does.</summary>
    String,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>An unsigned number of 8 bits.</summary>
    UInt8,

    /// <summary>A signed number of 8 bits.</summary>
    SInt8,

    /// <summary>An unsigned number of 16 bits.</summary>
    UInt16,

    /// <summary>A signed number of 16 bits.</summary>
    SInt16,

    /// <summary>An unsigned number of 32 bits.</summary>
    UInt32,

    /// <summary>A signed number of 32 bits.</summary>
    SInt32,

    /// <summary>An unsigned number of 64 bits.</summary>
    UInt64,

    /// <summary>A signed number of 64 bits.</summary>
    SInt64,

    /// <summary>A floating-point number of 32 bits.</summary>
    Real32,

    /// <summary>A floating-point number of 64 bits.</summary>
    Real64,

    /// <summary>One unit of UTF-16.</summary>
    Char16,

    /// <summary>A point in time, or a length of time.</summary>
    DateTime,

    /// <summary>The path of another instance.</summary>
    Reference,

    /// <summary>An instance inside of another.</summary>
    Instance,
}
