using NestVirt.Probing;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Machine;

/// <summary>What a processor is, as far as nesting goes.</summary>
internal enum ProcessorKind
{
    /// <summary>It was not told, or is of another vendor.</summary>
    Unknown,

    /// <summary>Of Intel, with VT-x.</summary>
    Intel,

    /// <summary>Of AMD, or of Hygon, which makes AMD's: with AMD-V.</summary>
    Amd,

    /// <summary>Of the Arm architecture.</summary>
    Arm,
}

/// <summary>The processors of a host.</summary>
internal sealed record ProcessorFacts
{
    /// <summary>Gets the vendor, such as GenuineIntel, or null.</summary>
    internal string? Vendor { get; init; }

    /// <summary>Gets the model's name, or null.</summary>
    internal string? Name { get; init; }

    /// <summary>Gets the architecture as <c>uname -m</c> would name it, or null.</summary>
    internal string? Architecture { get; init; }

    /// <summary>Gets the kind.</summary>
    internal ProcessorKind Kind { get; init; }

    /// <summary>Gets the cores of all sockets, or null.</summary>
    internal int? CoreCount { get; init; }

    /// <summary>Gets the logical processors of all sockets, or null.</summary>
    internal int? LogicalCount { get; init; }

    /// <summary>Gets whether second level address translation is there; it reads false under a hypervisor.</summary>
    internal bool? HasSlat { get; init; }

    /// <summary>Gets whether the firmware lets the extension be used; it reads false under a hypervisor.</summary>
    internal bool? IsEnabledInFirmware { get; init; }

    /// <summary>Gets whether the extension is there; it reads false under a hypervisor.</summary>
    internal bool? HasMonitorMode { get; init; }
}

/// <summary>Asks which processors a host has.</summary>
internal static class ProcessorProbe
{
    /// <summary>Gets the probe.</summary>
    internal static CimProbe Probe { get; } =
        new(
            "hvprocessor",
            WmiNamespaces.Windows,
            "SELECT * FROM Win32_Processor",
            [
                "Manufacturer",
                "Name",
                "Architecture",
                "NumberOfCores",
                "NumberOfLogicalProcessors",
                "SecondLevelAddressTranslationExtensions",
                "VirtualizationFirmwareEnabled",
                "VMMonitorModeExtensions",
            ]
        );

    /// <summary>Gets the reading; what was not told is unknown.</summary>
    internal static ProbeReading<ProcessorFacts> Reading { get; } =
        new([Probe], static answers => Parse(CimAnswers.Read(answers, Probe)));

    private static ProcessorFacts Parse(IReadOnlyList<CimInstance> sockets)
    {
        if (sockets is not [CimInstance first, ..])
        {
            return new ProcessorFacts();
        }

        ulong? architecture = first.Number("Architecture");
        string? vendor = first.Text("Manufacturer")?.Trim();
        return new ProcessorFacts
        {
            Vendor = vendor,
            Name = first.Text("Name")?.Trim(),
            Architecture = NameOf(architecture),
            Kind = KindOf(architecture, vendor),
            CoreCount = Sum(sockets, "NumberOfCores"),
            LogicalCount = Sum(sockets, "NumberOfLogicalProcessors"),
            HasSlat = first.Boolean("SecondLevelAddressTranslationExtensions"),
            IsEnabledInFirmware = first.Boolean("VirtualizationFirmwareEnabled"),
            HasMonitorMode = first.Boolean("VMMonitorModeExtensions"),
        };
    }

    // The numbers of Win32_Processor.Architecture.
    private static string? NameOf(ulong? architecture) =>
        architecture switch
        {
            0 => "i686",
            5 => "arm",
            9 => "x86_64",
            12 => "aarch64",
            _ => null,
        };

    private static ProcessorKind KindOf(ulong? architecture, string? vendor) =>
        architecture is 5 or 12
            ? ProcessorKind.Arm
            : vendor switch
            {
                "GenuineIntel" => ProcessorKind.Intel,
                "AuthenticAMD" or "HygonGenuine" => ProcessorKind.Amd,
                _ => ProcessorKind.Unknown,
            };

    private static int? Sum(IReadOnlyList<CimInstance> sockets, string name)
    {
        long sum = 0;
        foreach (CimInstance socket in sockets)
        {
            if (CimUnits.Count(socket.Number(name)) is not { } count)
            {
                return null;
            }

            sum += count;
        }

        return sum <= int.MaxValue ? (int)sum : null;
    }
}
