using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Changes;

/// <summary>Tells which words can name virtual machines, whatever the host.</summary>
internal static class VmNameFaults
{
    private const int ShownLength = 60;

    /// <summary>Finds what is wrong with words.</summary>
    /// <param name="names">The words.</param>
    /// <returns>The faults.</returns>
    internal static IEnumerable<Finding> Of(IReadOnlyList<string> names) =>
        names.Select(FaultOf).OfType<Finding>().Take(1);

    // What is not shown can be neither reviewed nor kept in a journal.
    private static Finding? FaultOf(string name) =>
        string.IsNullOrWhiteSpace(name)
            ? Fault("A blank word names no virtual machine.", "Give names or ids; to mean every one, give *.")
        : HostText.IsShown(name) ? null
        : Fault(
            $"'{HostText.ForDisplay(name, ShownLength)}' has characters that are not shown.",
            "Name the virtual machine by its id."
        );

    private static Finding Fault(string sentence, string remedy) =>
        new(FindingCodes.SettingInvalid, Severity.Error, sentence) { Remedy = remedy };
}
