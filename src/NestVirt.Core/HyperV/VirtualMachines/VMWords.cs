using NestVirt.Text;

namespace NestVirt.HyperV.VirtualMachines;

/// <summary>Lists virtual machines in sentences.</summary>
internal static class VMWords
{
    private const int ShownLength = 60;

    /// <summary>Lists what virtual machines are called.</summary>
    /// <param name="words">What they are called.</param>
    /// <returns>The words behind commas; of many the first, and how many others.</returns>
    internal static string List(IReadOnlyList<string> words) =>
        WordList.Short([.. words.Select(static word => HostText.ForDisplay(word, ShownLength))]);
}
