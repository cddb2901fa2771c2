namespace NestVirt.HyperV.Machine;

/// <summary>What kind of Windows it is (Win32_OperatingSystem, ProductType).</summary>
internal enum WindowsKind
{
    /// <summary>It was not told.</summary>
    Unknown,

    /// <summary>One for desks: Windows 10, Windows 11.</summary>
    Client,

    /// <summary>Windows Server, a controller of a domain or not.</summary>
    Server,
}

/// <summary>Which Windows a host runs.</summary>
internal sealed record WindowsFacts
{
    /// <summary>Gets the build, such as 20348; null when it was not told.</summary>
    internal int? Build { get; init; }

    /// <summary>Gets the version, such as 10.0.20348, or null.</summary>
    internal string? Version { get; init; }

    /// <summary>Gets the name of the product in the host's language, or null: to show, never to decide on.</summary>
    internal string? Caption { get; init; }

    /// <summary>Gets the kind.</summary>
    internal WindowsKind Kind { get; init; }

    /// <summary>Gets the number of the edition (OperatingSystemSKU), or null.</summary>
    internal ulong? Edition { get; init; }

    /// <summary>Gets the name of the computer, or null.</summary>
    internal string? ComputerName { get; init; }

    /// <summary>Gets when it was booted, by its clock; null when that was not told.</summary>
    internal DateTimeOffset? Boot { get; init; }

    /// <summary>Gets how long it has been up, or null.</summary>
    internal TimeSpan? Uptime { get; init; }

    /// <summary>Gets the memory that is free, in bytes, or null.</summary>
    internal long? FreeMemoryBytes { get; init; }

    /// <summary>Gets a value indicating whether the edition is one of Home, which have no Hyper-V.</summary>
    /// <remarks>
    /// The numbers are those of GetProductInfo: 98 Home N, 99 Home for one country, 100 Home for one language, 101 Home.
    /// That Home has no Hyper-V: Microsoft, "System requirements for Hyper-V on Windows".
    /// </remarks>
    internal bool IsHome => Edition is >= 98 and <= 101;
}
