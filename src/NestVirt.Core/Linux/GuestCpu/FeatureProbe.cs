using NestVirt.Linux.Guests;
using NestVirt.Probing;

namespace NestVirt.Linux.GuestCpu;

/// <summary>Asks which features of processors the host's libvirt knows by name; starts no program.</summary>
/// <remarks>libvirt reads them from its cpu_map (src/cpu/cpu_map.c), a file for x86, one for Arm, one for POWER.</remarks>
internal static class FeatureProbe
{
    private const string Name = "guestfeatures";

    /// <summary>Gets the probe.</summary>
    internal static ShellProbe Probe { get; } =
        new(Name, """nv_files "$NESTVIRT_ROOT"/usr/share/libvirt/cpu_map/*_features.xml""");

    /// <summary>Gets the reading of the answer: the names by the word that the file begins with, such as x86.</summary>
    internal static ProbeReading<IReadOnlyDictionary<string, IReadOnlySet<string>>> Reading { get; } =
        new(Probe, Parse);

    private static Dictionary<string, IReadOnlySet<string>> Parse(string text)
    {
        Dictionary<string, IReadOnlySet<string>> known = new(StringComparer.Ordinal);
        foreach (ListedFile file in ProbeListing.Parse(Name, text).Files)
        {
            try
            {
                known[file.Name.Split('_')[0]] = new HashSet<string>(
                    XmlText
                        .Read(string.Join('\n', file.Lines))
                        .All("feature")
                        .SelectMany(static feature => feature.All("alias").Prepend(feature))
                        .Select(static named => named["name"])
                        .OfType<string>(),
                    StringComparer.Ordinal
                );
            }
            catch (FormatException)
            {
                // What cannot be read tells of no features, and the planner says that they are not known.
                continue;
            }
        }

        return known;
    }
}
