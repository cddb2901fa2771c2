using NestVirt.Linux.DomainXml;
using NestVirt.Linux.Guests;
using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.GuestCpu;

/// <summary>Compares what a request names with what the host's libvirt knows and can run.</summary>
internal static class CpuNames
{
    private const int MostNear = 5;

    /// <summary>Finds what is named and is not there.</summary>
    /// <param name="change">What is asked for.</param>
    /// <param name="domain">The guest as it would be.</param>
    /// <param name="capabilities">What libvirt says of an emulator, or null.</param>
    /// <param name="features">The features that libvirt knows, by the first word of their file.</param>
    /// <param name="takesUnknown">Whether what could not be read is no fault.</param>
    /// <returns>The faults.</returns>
    internal static IEnumerable<Finding> Faults(
        CpuChange change,
        DomainDefinition domain,
        DomainCapabilities? capabilities,
        IReadOnlyDictionary<string, IReadOnlySet<string>> features,
        bool takesUnknown
    )
    {
        DomainCapabilities? own = capabilities?.AreOf(domain) == true ? capabilities : null;
        if (change.Mode is not null && domain.Mode is { } mode && own?.Modes.GetValueOrDefault(mode, true) == false)
        {
            yield return CpuFindings.ModeUnsupported(mode, domain.Type);
        }

        if (
            change.Model is { } model
            && FaultOf(model, domain, own) is { } fault
            && !(takesUnknown && fault.RepeatWith is not null)
        )
        {
            yield return fault;
        }

        string family =
            KvmArchitecture.IsX86(domain.Architecture) ? "x86"
            : domain.Architecture == "aarch64" ? "arm"
            : domain.Architecture?.StartsWith("ppc64", StringComparison.Ordinal) == true ? "ppc64"
            : string.Empty;
        IReadOnlySet<string>? known = features.GetValueOrDefault(family);
        foreach (string name in change.Features.Keys)
        {
            if (known is null)
            {
                if (!takesUnknown)
                {
                    yield return CpuFindings.FeaturesUnknown(name);
                }
            }
            else if (!known.Contains(name) && own?.HostModel.Any(feature => feature.Name == name) != true)
            {
                yield return CpuFindings.FeatureUnknown(name, Near(name, known));
            }
        }
    }

    private static Finding? FaultOf(string model, DomainDefinition domain, DomainCapabilities? own)
    {
        if (own is null)
        {
            return CpuFindings.ModelsUnknown(model);
        }

        if (!own.Models.TryGetValue(model, out bool isUsable))
        {
            return CpuFindings.ModelUnknown(model, Spelling.Nearest(model, own.Models.Keys));
        }

        if (isUsable)
        {
            return null;
        }

        // A libvirt before 9.6 does not say what is wanting.
        bool hasList = own.Blockers.TryGetValue(model, out IReadOnlyList<string>? blockers);
        string[] missing =
        [
            .. (blockers ?? []).Where(name =>
                domain.Find(name) is not { Policy: "disable" or "forbid" or "optional" or "force" }
            ),
        ];
        return hasList && missing.Length == 0 ? null : CpuFindings.ModelUnusable(model, missing);
    }

    // One that is spelt nearly so, and those that have a word in common: avx-512f is avx512f.
    private static string[] Near(string name, IReadOnlySet<string> known)
    {
        string plain = Plain(name);
        return
        [
            .. known
                .Where(one => Plain(one) == plain)
                .Concat(Spelling.Nearest(name, known) is { } nearest ? [nearest] : [])
                .Concat(
                    known
                        .Where(one => plain.Length > 2 && Plain(one).StartsWith(plain, StringComparison.Ordinal))
                        .Order(StringComparer.Ordinal)
                )
                .Distinct(StringComparer.Ordinal)
                .Take(MostNear),
        ];
    }

    private static string Plain(string name) =>
        string.Concat(name.Where(char.IsAsciiLetterOrDigit).Select(char.ToLowerInvariant));
}
