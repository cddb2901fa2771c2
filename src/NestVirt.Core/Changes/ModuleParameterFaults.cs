using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Changes;

/// <summary>Tells which parameters of modules can be asked for, whatever the host.</summary>
internal static class ModuleParameterFaults
{
    private const int ShownLength = 60;

    /// <summary>Gets the modules whose parameters can be set.</summary>
    internal static IReadOnlyList<string> Modules { get; } = ["kvm", "kvm_intel", "kvm_amd", "kvm_hv", "kvm_pr"];

    /// <summary>Finds what is wrong with the name of a module.</summary>
    /// <param name="module">The name; dashes and underscores are one.</param>
    /// <returns>The fault, or none.</returns>
    internal static IEnumerable<Finding> OfModule(string module)
    {
        if (!Modules.Contains(Normalize(module)))
        {
            yield return Fault(
                FindingCodes.ModuleNotKvm,
                $"{HostText.ForDisplay(module, ShownLength)} is none of KVM's modules.",
                $"Name one of {string.Join(", ", Modules)}."
            );
        }
    }

    /// <summary>Finds what is wrong with parameters.</summary>
    /// <param name="parameters">The parameters and their values.</param>
    /// <returns>The faults.</returns>
    internal static IEnumerable<Finding> OfParameters(IReadOnlyDictionary<string, string> parameters)
    {
        foreach ((string name, string value) in parameters)
        {
            if (
                name.Length == 0
                || !name.All(static character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-')
            )
            {
                yield return Fault(
                    FindingCodes.ParameterInvalid,
                    $"'{HostText.ForDisplay(name, ShownLength)}' is no name of a parameter.",
                    "A name has letters, digits and underscores, such as enable_shadow_vmcs."
                );
            }

            if (
                value.Length == 0
                || value.Any(static character =>
                    char.IsWhiteSpace(character) || char.IsControl(character) || character is '"' or '\\' or '#'
                )
            )
            {
                yield return Fault(
                    FindingCodes.ValueInvalid,
                    $"{HostText.ForDisplay(name, ShownLength)} cannot be '{HostText.ForDisplay(value, ShownLength)}': that is not one word of a line in modprobe's files.",
                    "Give a value without blanks, double quotes, backslashes and #, and each parameter by itself."
                );
            }
        }

        foreach (
            IGrouping<string, KeyValuePair<string, string>> same in parameters
                .GroupBy(static pair => Normalize(pair.Key))
                .Where(static same => same.Count() > 1)
        )
        {
            yield return Fault(
                FindingCodes.ParameterTwice,
                $"One parameter is given twice: {HostText.ForDisplay(string.Join(" and ", same.Select(static pair => $"{pair.Key}={pair.Value}")), 2 * ShownLength)}.",
                "Dashes and underscores are one in its name: give it once."
            );
        }
    }

    /// <summary>Finds a parameter that asks for the opposite of what the request is for.</summary>
    /// <param name="enable">Whether nesting shall be on.</param>
    /// <param name="parameters">The parameters and their values.</param>
    /// <returns>The fault, or none.</returns>
    internal static IEnumerable<Finding> OfNesting(bool enable, IReadOnlyDictionary<string, string> parameters)
    {
        string wanted = enable ? "1" : "0";
        if (parameters.TryGetValue("nested", out string? value) && value != wanted)
        {
            yield return Fault(
                FindingCodes.NestingContradicted,
                $"nested={HostText.ForDisplay(value, ShownLength)} contradicts the request to {(enable ? "enable" : "disable")} nesting, which sets nested={wanted}.",
                "Leave nested out of the parameters."
            );
        }
    }

    private static string Normalize(string name) => name.Replace('-', '_');

    private static Finding Fault(string code, string sentence, string remedy) =>
        new(code, Severity.Error, sentence) { Remedy = remedy };
}
