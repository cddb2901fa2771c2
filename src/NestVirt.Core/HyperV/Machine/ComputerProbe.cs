using NestVirt.Probing;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Machine;

/// <summary>The machine under a Windows.</summary>
internal sealed record ComputerFacts
{
    /// <summary>Gets the maker that the firmware tells, or null.</summary>
    internal string? Manufacturer { get; init; }

    /// <summary>Gets the model that the firmware tells, or null.</summary>
    internal string? Model { get; init; }

    /// <summary>Gets whether a hypervisor runs, be it Hyper-V of this Windows or one below it; null when that was not told.</summary>
    internal bool? HasHypervisor { get; init; }

    /// <summary>Gets the memory in bytes, or null.</summary>
    internal long? MemoryBytes { get; init; }
}

/// <summary>Asks which machine a Windows runs on.</summary>
internal static class ComputerProbe
{
    /// <summary>Gets the probe. The name of the computer is not kept: nothing rests on it.</summary>
    internal static CimProbe Probe { get; } =
        new(
            "hvcomputer",
            WmiNamespaces.Windows,
            "SELECT * FROM Win32_ComputerSystem",
            ["Manufacturer", "Model", "HypervisorPresent", "TotalPhysicalMemory"]
        );

    /// <summary>Gets the reading; what was not told is unknown.</summary>
    internal static ProbeReading<ComputerFacts> Reading { get; } =
        new([Probe], static answers => Parse(CimAnswers.Read(answers, Probe)));

    private static ComputerFacts Parse(IReadOnlyList<CimInstance> instances) =>
        instances is [CimInstance computer, ..]
            ? new ComputerFacts
            {
                Manufacturer = computer.Text("Manufacturer")?.Trim(),
                Model = computer.Text("Model")?.Trim(),
                HasHypervisor = computer.Boolean("HypervisorPresent"),
                MemoryBytes = CimUnits.Bytes(computer.Number("TotalPhysicalMemory")),
            }
            : new ComputerFacts();
}
