using NestVirt.Model;

namespace NestVirt.Changes;

/// <summary>Tells which words can name virtual machines, whatever the host.</summary>
internal static class VmNameFaults
{
    /// <summary>Finds what is wrong with words.</summary>
    /// <param name="names">The words.</param>
    /// <returns>The faults.</returns>
    internal static IEnumerable<Finding> Of(IReadOnlyList<string> names) =>
        names
            .Where(string.IsNullOrWhiteSpace)
            .Take(1)
            .Select(static _ => new Finding(
                FindingCodes.SettingInvalid,
                Severity.Error,
                "A blank word names no virtual machine."
            )
            {
                Remedy = "Give names or ids; to mean every one, give *.",
            });
}
