using System.Globalization;
using NestVirt.Probing;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Dda;

/// <summary>What was given to the devices of a host: interrupts and memory.</summary>
internal sealed class DeviceResources
{
    // Windows numbers messages from the top of 32 bits down (SurveyDDA.ps1 looks for 42949…).
    private const ulong FirstMessage = 4294900000;

    private readonly ILookup<string, CimPath> _given;
    private readonly Dictionary<ulong, ulong> _ends;
    private readonly bool _isKnown;
    private readonly bool _knowsMemory;

    private DeviceResources(ProbeAnswers answers)
    {
        _isKnown = answers[DeviceProbes.Resources].IsAvailable;
        _knowsMemory = _isKnown && answers[DeviceProbes.Memory].IsAvailable;
        _given = CimAnswers
            .Read(answers, DeviceProbes.Resources)
            .Select(static given =>
                (Device: given.Reference("Dependent")?.Key("DeviceID"), Resource: given.Reference("Antecedent"))
            )
            .Where(static pair => pair is { Device: not null, Resource: not null })
            .ToLookup(static pair => pair.Device!, static pair => pair.Resource!, StringComparer.OrdinalIgnoreCase);
        _ends = [];
        foreach (CimInstance range in CimAnswers.Read(answers, DeviceProbes.Memory))
        {
            if (range.Number("StartingAddress") is { } start && range.Number("EndingAddress") is { } end)
            {
                // What a bridge lets through begins where the first device behind it does, and ends no earlier.
                _ends[start] = Math.Min(end, _ends.GetValueOrDefault(start, end));
            }
        }
    }

    /// <summary>Gets the reading.</summary>
    internal static ProbeReading<DeviceResources> Reading { get; } =
        new([DeviceProbes.Resources, DeviceProbes.Memory], static answers => new DeviceResources(answers));

    /// <summary>Tells whether anything was given to a device.</summary>
    /// <param name="instancePath">The device.</param>
    /// <returns>True if so.</returns>
    internal bool Has(string instancePath) => _given.Contains(instancePath);

    /// <summary>Finds the interrupts of a device.</summary>
    /// <param name="instancePath">The device.</param>
    /// <returns>Of which kind they are.</returns>
    internal DeviceInterrupts InterruptsOf(string instancePath)
    {
        ulong[] numbers = [.. Numbers(instancePath, "Win32_IRQResource", "IRQNumber")];
        return !_isKnown ? DeviceInterrupts.Unknown
            : numbers.Length == 0 ? DeviceInterrupts.None
            : Array.Exists(numbers, static number => number >= FirstMessage) ? DeviceInterrupts.MessageSignalled
            : DeviceInterrupts.LineBased;
    }

    /// <summary>Finds the memory of a device.</summary>
    /// <param name="instancePath">The device.</param>
    /// <returns>The ranges by their start, each as long as the shortest that starts there; null where they were not told, or the end of one was not.</returns>
    internal IReadOnlyList<MemoryRange>? MemoryOf(string instancePath)
    {
        ulong[] starts = [.. Numbers(instancePath, "Win32_DeviceMemoryAddress", "StartingAddress").Order()];
        return _knowsMemory && Array.TrueForAll(starts, _ends.ContainsKey)
            ? [.. starts.Select(start => new MemoryRange(start, _ends[start]))]
            : null;
    }

    private IEnumerable<ulong> Numbers(string instancePath, string className, string key) =>
        _given[instancePath]
            .Where(resource => string.Equals(resource.ClassName, className, StringComparison.OrdinalIgnoreCase))
            .Select(resource => Number(resource.Key(key)))
            .OfType<ulong>();

    private static ulong? Number(string? text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : null;
}
